"""Correction of a forecast's bias: how far past forecasts fell short, for all and by when people first bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]

# More cohorts than this would be corrected for their luck.
MOST_COHORTS = 12
WIDEST = 2.0


@dataclass(frozen=True)
class Misses:
    """Forecast and actual purchases of each customer after one cut-off, and the day each first bought."""

    first: Ints
    forecast: Vector
    actual: Vector


@dataclass(frozen=True)
class Correction:
    """Factors on the expected purchases: ``overall``, and by cohort of first purchase where that helps.

    A cohort is ``step`` calendar months; ``cohorts`` are (its number since 1970, factor).
    ``gain`` is the share by which the total forecasts of cut-offs left out came
    nearer to what happened; 0 when no correction helped, and then none is made.
    """

    overall: float = 1.0
    step: int = 1
    cohorts: tuple[tuple[int, float], ...] = ()
    gain: float = 0.0

    @property
    def applied(self) -> bool:
        """Whether it changes anything."""
        return self.overall != 1.0 or bool(self.cohorts)

    def factors(self, first: Ints) -> Vector:
        """The factor of customers who first bought on these days (numbers since 1970-01-01)."""
        found = np.full(len(first), self.overall)
        if self.cohorts:
            mine = _cohort(first, self.step)
            for cohort, factor in self.cohorts:
                found[mine == cohort] = factor
        return found


def learn(misses: Sequence[Misses]) -> Correction:
    r"""The correction these cut-offs support; none when leaving out one cut-off at a time shows no gain.

    With actual A and forecast F summed over k cut-offs

    .. math:: c = (A / F)^{k / (k + 1)}

    so every cut-off has one vote and "no correction" has one; c = 1 where A - F
    is within its standard error, from the misses of single customers (those of
    one customer after several cut-offs taken to be the same). A cohort's ratio
    to c F is drawn to 1 by the mean squared standardised miss of all cohorts
    (James and Stein, 1961, positive part). Each level must bring the forecasts
    of cut-offs it has not seen nearer, summed over cut-offs (and cohorts);
    otherwise it is left out.
    """
    misses = [m for m in misses if m.forecast.sum() > 0]
    if len(misses) < 2:
        return Correction()
    step = _step(misses)
    rest = [[m for j, m in enumerate(misses) if j != i] for i in range(len(misses))]
    overall = [Correction(_ratio(some), step) for some in rest]
    before = _distance(misses, [Correction()] * len(misses), step, False)
    after = _distance(misses, overall, step, False)
    if after >= before or not _beyond_noise(misses):
        return Correction()
    everybody = Correction(_ratio(misses), step, gain=1.0 - after / before)
    cohorts = [_by_cohort(some, step) for some in rest]
    if _distance(misses, cohorts, step, True) < _distance(misses, overall, step, True):
        return Correction(everybody.overall, step, _by_cohort(misses, step).cohorts, everybody.gain)
    return everybody


def _ratio(misses: Sequence[Misses]) -> float:
    came, said = _totals(misses)
    weight = len(misses) / (len(misses) + 1.0)
    return float(np.clip((came / said) ** weight, 1.0 / WIDEST, WIDEST)) if came > 0 else 1.0


def _beyond_noise(misses: Sequence[Misses]) -> bool:
    came, said = _totals(misses)
    return abs(came - said) > sum(float(np.sqrt(np.sum((m.actual - m.forecast) ** 2))) for m in misses)


def _totals(misses: Sequence[Misses]) -> tuple[float, float]:
    return sum(float(m.actual.sum()) for m in misses), sum(float(m.forecast.sum()) for m in misses)


def _by_cohort(misses: Sequence[Misses], step: int) -> Correction:
    overall = _ratio(misses)
    names = np.unique(np.concatenate([_cohort(m.first, step) for m in misses]))
    said, came, error = np.zeros((3, len(names)))
    for m in misses:
        at = np.searchsorted(names, _cohort(m.first, step))
        expected = m.forecast * overall
        said += np.bincount(at, expected, len(names))
        came += np.bincount(at, m.actual, len(names))
        error += np.sqrt(np.bincount(at, (m.actual - expected) ** 2, len(names)))
    z = (came - said) / np.maximum(error, 1e-12)
    weight = max(0.0, 1.0 - 1.0 / max(float(np.mean(z**2)), 1e-12))
    ratio = np.where((came > 0) & (said > 0), came / np.maximum(said, 1e-12), 1.0) ** weight
    factor = np.clip(overall * ratio, 1.0 / WIDEST, WIDEST)
    return Correction(overall, step, tuple(zip(names.tolist(), factor.tolist(), strict=True)) if weight > 0 else ())


def _distance(misses: Sequence[Misses], corrections: Sequence[Correction], step: int, by_cohort: bool) -> float:
    """Purchases by which corrected totals miss what came, summed over cut-offs (and cohorts)."""
    total = 0.0
    for m, c in zip(misses, corrections, strict=True):
        gap = m.forecast * c.factors(m.first) - m.actual
        total += float(np.abs(_sums(gap, _cohort(m.first, step)) if by_cohort else gap.sum()).sum())
    return total


def _sums(values: Vector, cohort: Ints) -> Vector:
    _, at = np.unique(cohort, return_inverse=True)
    return np.asarray(np.bincount(at, values), dtype=np.float64)


def _step(misses: Sequence[Misses]) -> int:
    """The least whole months a cohort, of those that divide a year, that leave few enough of them."""
    first = np.concatenate([m.first for m in misses])
    ends = _cohort(np.array([first.min(), first.max()]), 1)
    months = int(ends[1] - ends[0]) + 1
    return next((s for s in (1, 3, 6, 12) if -(-months // s) + 1 <= MOST_COHORTS), 24)


def _cohort(first: Ints, step: int) -> Ints:
    """The number of the cohort since 1970."""
    months = np.asarray(first, dtype="datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // step, dtype=np.int64)
