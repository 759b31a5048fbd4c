"""Drift: whether the customers of now still look like those the models learnt from, and whether chances still hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, ks_2samp, norm

Array = NDArray[np.float64]
# Rules of thumb of the trade: below .1 nothing, above .25 learn anew.
SOME: Final = 0.1
MUCH: Final = 0.25
_EMPTY: Final = 0.5


@dataclass(frozen=True)
class Drift:
    """How far a distribution moved: population stability index, Kolmogorov-Smirnov distance (numbers only), ``p`` the
    chance of a PSI this large without any drift, and ``grade`` none, some or much."""

    name: str
    psi: float
    ks: float | None
    p: float
    grade: str
    before: int
    now: int


def psi(before: Array, now: Array) -> tuple[float, float]:
    r"""Population stability index of two sets of counts over the same bins, and its chance without drift.

    .. math:: PSI = \sum_b (q_b - p_b) \ln(q_b / p_b), \qquad
        PSI \Big/ \Big(\tfrac1n + \tfrac1m\Big) \sim \chi^2_{B - 1}

    so with few customers a large index is no news; half a count is put into empty bins.

    >>> import numpy as np
    >>> value, chance = psi(np.array([50.0, 50.0]), np.array([50.0, 50.0]))
    >>> value, chance
    (0.0, 1.0)

    References
    ----------
    Yurdakul (2018), "Statistical Properties of Population Stability Index".
    """
    a, b = np.maximum(before, _EMPTY), np.maximum(now, _EMPTY)
    n, m = a.sum(), b.sum()
    p, q = a / n, b / m
    value = float(((q - p) * np.log(q / p)).sum())
    return value, float(chi2.sf(value / (1 / n + 1 / m), max(len(a) - 1, 1)))


def drift_of_numbers(name: str, before: Any, now: Any, bins: int = 10) -> Drift:
    """Drift of a number, over the tenths of before.

    Raises ``ValueError`` when one side has no values.
    """
    a, b = _known(name, before), _known(name, now)
    edges = np.unique(np.quantile(a, np.linspace(0, 1, bins + 1)[1:-1]))
    counts = [np.bincount(np.searchsorted(edges, v, side="left"), minlength=len(edges) + 1).astype(float)
              for v in (a, b)]  # fmt: skip
    value, chance = psi(counts[0], counts[1])
    return Drift(name, value, float(ks_2samp(a, b).statistic), chance, _grade(value, chance), len(a), len(b))


def drift_of_shares(name: str, before: dict[str, float], now: dict[str, float]) -> Drift:
    """Drift of a kind, such as the channel of an order; counts by name."""
    names = sorted(set(before) | set(now))
    if not sum(before.values()) or not sum(now.values()):
        raise ValueError(f"{name}: nothing to compare; both sides need at least one row")
    value, chance = psi(*(np.array([side.get(k, 0.0) for k in names], dtype=np.float64) for side in (before, now)))
    return Drift(name, value, None, chance, _grade(value, chance), round(sum(before.values())),
                 round(sum(now.values())))  # fmt: skip


def calibration_drift(told_before: Any, came_before: Any, told: Any, came: Any) -> tuple[float, float]:
    """By how much chances are now further off than before, and the chance of that without any drift (two-sided).

    The gap is mean outcome less mean chance; its variance that of independent outcomes with the chances told.

    >>> import numpy as np
    >>> gap, p = calibration_drift(np.full(400, .2), np.r_[np.ones(80), np.zeros(320)], np.full(400, .2), np.zeros(400))
    >>> round(gap, 2), p < 1e-6
    (-0.2, True)

    References
    ----------
    Spiegelhalter (1986), "Probabilistic Prediction in Patient Management and Clinical Trials".
    """
    sides = []
    for chance, outcome in ((told_before, came_before), (told, came)):
        p, y = np.asarray(chance, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
        if len(p) == 0 or len(p) != len(y):
            raise ValueError("chances and outcomes: one outcome for each chance is needed, and at least one")
        sides.append((float((y - p).mean()), float((p * (1 - p)).sum()) / len(p) ** 2))
    gap = sides[1][0] - sides[0][0]
    error = np.sqrt(sides[0][1] + sides[1][1])
    return gap, float(2 * norm.sf(abs(gap) / error)) if error > 0 else float(gap == 0)


def _known(name: str, values: Any) -> Array:
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    if not len(array):
        raise ValueError(f"{name}: nothing to compare; both sides need at least one value")
    return array


def _grade(value: float, chance: float) -> str:
    if chance > 0.001 or value < SOME:
        return "none"
    return "much" if value >= MUCH else "some"
