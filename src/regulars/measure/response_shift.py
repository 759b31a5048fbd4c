"""When a channel no longer answers as it did: how much the last weeks count against the years before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]
# A lasting change of a channel is expected about once in a year and a half.
CHANCE_A_WEEK: Final = 0.0125
LONGEST: Final = 26
# Below this chance of a change the curve stays as the whole history has it.
SURE: Final = 0.5
FEWEST: Final = 3
SPAN: Final = 9
# How large such changes are: a factor with mean 1 and a standard deviation of 0.7.
_SHAPE: Final = 2.0


def lasting_change(seen: Array, expected: Array, dispersion: float) -> tuple[float, float, float]:
    """The factor by which a channel answers now against its curve: mean, standard deviation, chance of any change.

    Formula: from an unknown week on, seen_t ~ Poisson(g * expected_t) with g ~ Gamma(2, 2); a change in any one of
    the last 26 weeks has prior chance 0.0125, and both sums are divided by the dispersion (quasi-likelihood). Given
    the week, g is Gamma(2 + seen, 2 + expected) over the weeks since; the weeks and "no change" (g = 1) are weighed by
    their marginal likelihoods.

    Source: the single change point of a Poisson rate as in Raftery and Akman, Biometrika 73 (1986) 85-89.

    >>> m, sd, chance = lasting_change(np.array([5.0] * 20 + [1.0] * 8), np.full(28, 5.0), 1.0)
    >>> m < 0.4, chance > 0.99
    (True, True)
    """
    y, mu = (np.asarray(a, dtype=float) / dispersion for a in (seen, expected))
    most = min(LONGEST, len(y) // 2)
    if most < 2:
        return 1.0, 0.0, 0.0
    counts, means = np.cumsum(y[::-1])[:most], np.cumsum(mu[::-1])[:most]
    a, b = _SHAPE + counts, _SHAPE + means
    log_ratio = (
        _SHAPE * np.log(_SHAPE) - special.gammaln(_SHAPE) + special.gammaln(a) - a * np.log(b) + means
    ) + np.log(CHANCE_A_WEEK)
    whole = special.logsumexp(np.append(log_ratio, np.log1p(-CHANCE_A_WEEK * most)))
    weight = np.exp(log_ratio - whole)
    still = 1.0 - float(weight.sum())
    mean = still + float((weight * a / b).sum())
    square = still + float((weight * a * (a + 1) / b**2).sum())
    return mean, float(np.sqrt(max(square - mean**2, 0.0))), float(weight.sum())


def changes(channels: Mapping[str, tuple[Array, Array, float]]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each channel's lasting change against all others; (1, 0) where there is none.

    ``channels``: seen and expected conversions a week, and their dispersion. What moves all channels alike (a season,
    growth) is taken out first (``common``). Fewer than three channels cannot be told from what they have in common.
    """
    tide = common(channels)
    if tide is None:
        return dict.fromkeys(channels, (1.0, 0.0))
    out = {}
    for channel, (y, mu, phi) in channels.items():
        mean, sd, chance = lasting_change(y, mu * tide[len(tide) - len(y) :], phi)
        out[channel] = (mean, max(sd, 1e-3)) if chance > SURE else (1.0, 0.0)
    return out


def common(channels: Mapping[str, tuple[Array, Array, float]]) -> Array | None:
    """What moves all channels alike: the median over channels of seen over expected, smoothed; mean 1.

    Seen and expected are sums over ``SPAN`` weeks around each; the median is weighted by what was expected, so that a
    few channels that changed by themselves do not pass for the season. None with fewer than three channels.
    """
    if len(channels) < FEWEST:
        return None
    longest = max(len(y) for y, _, _ in channels.values())
    ratio, weight = np.ones((len(channels), longest)), np.zeros((len(channels), longest))
    for row, (y, mu, _) in enumerate(channels.values()):
        seen, expected = (_around(np.asarray(a, dtype=float)) for a in (y, mu))
        # One expected conversion keeps a channel that brings next to nothing from swinging.
        ratio[row, longest - len(y) :] = (seen + 1.0) / (expected + 1.0)
        weight[row, longest - len(y) :] = expected + 1e-9
    order = np.argsort(ratio, axis=0)
    share = np.cumsum(np.take_along_axis(weight, order, axis=0), axis=0) / weight.sum(axis=0)
    pick = (share < 0.5).sum(axis=0)
    middle = np.take_along_axis(np.take_along_axis(ratio, order, axis=0), pick[None, :], axis=0)[0]
    smooth = _around(middle) / _around(np.ones(longest))
    return np.asarray(smooth / smooth.mean(), dtype=np.float64)


def _around(values: Array) -> Array:
    """Sums over the weeks around each, fewer at the ends."""
    return np.convolve(values, np.ones(SPAN), "same")
