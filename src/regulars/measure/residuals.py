"""How far each value is from what its season let one expect, robustly and for many series at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SEASON: Final = 7
WINDOW: Final = 8
FEWEST: Final = 4
_TO_SD: Final = 1.4826
# Values of one window kept at once: 2**22 doubles are 32 MB.
_CHUNK: Final = 2**22


@dataclass(frozen=True)
class Baseline:
    """What was to be expected and how much it scatters, per value (n, m); not-a-number where there is no past."""

    centre: Array
    scale: Array

    def z(self, values: Array) -> Array:
        """Distance in robust standard deviations; infinite where a series that never moved moved."""
        gap = values - self.centre
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(self.scale > 0, gap / self.scale, np.sign(gap) * np.inf)
        return np.asarray(np.where(gap == 0, 0.0, z))


def baseline(
    values: Array, *, season: int = SEASON, window: int = WINDOW, fewest: int = FEWEST, floor: Array | float = 0.0,
    since: int = 0,
) -> Baseline:  # fmt: skip
    r"""Median of the same place in the season over the seasons before, and a pooled robust scatter.

    .. math:: c_t = med(y_{t - 7}, y_{t - 14}, \dots), \qquad
        s_t = 1.4826 \; med|y_u - med_{weekday(u)}| \; \sqrt{1 + 1.57 / k} \,/\, \sqrt{1 - 1/k}

    The scatter is pooled over all days of the window, because eight values alone give a poor one; the roots
    correct for residuals being around a median of k values, and for that median's own error.

    Parameters
    ----------
    values : ndarray of shape (n, m)
        One column a series, without gaps.
    season : int
        Length of the season: 7 for days, 1 for weeks.
    window : int
        How many seasons back to look; ``fewest`` of them must be there.
    floor : float or ndarray of shape (m,)
        Smallest scatter to believe, e.g. 0.5 for square roots of counts.
    since : int
        Rows before this one are not asked about (and stay not-a-number).
    """
    n, many = values.shape
    centre, scale = np.full((n, many), np.nan), np.full((n, many), np.nan)
    length = season * window
    front = np.full((length, many), np.nan)
    padded = np.concatenate([front, values])
    step = max(1, _CHUNK // max(length * many, 1))
    first = max(since, season * fewest)
    edges = sorted({first, n, *(t for t in range(first, n, step)), min(max(length, first), n)} - set(range(first)))
    for a, b in pairwise(edges):
        past = np.lib.stride_tricks.sliding_window_view(padded[a : b - 1 + length], length, axis=0)
        past = past.reshape(b - a, many, window, season)
        # Medians that skip gaps are ten times slower; only the first rows have any.
        median = np.median if a >= length else np.nanmedian
        middle = median(past, axis=2)
        rest = np.abs(past - middle[:, :, None, :]).reshape(b - a, many, length)
        k = np.minimum(np.arange(a, b) // season, window)[:, None]
        spread = _TO_SD * median(rest, axis=2) / np.sqrt(np.maximum(1 - 1 / k, 0.25)) * np.sqrt(1 + 1.57 / k)
        spread = np.maximum(spread, floor)
        # More than half of the days alike: the mean deviation still sees the others.
        spread = np.where(spread == 0, _TO_SD * np.nanmean(rest, axis=2), spread)
        centre[a:b], scale[a:b] = middle[:, :, 0], spread
    return Baseline(centre, scale)
