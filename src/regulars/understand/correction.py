"""Correction of a forecast's bias: how far past forecasts fell short, for all and by when people first bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]

# This many purchases, seen, weigh as much as the belief that no correction is needed.
PRIOR = 100.0
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

    .. math:: c = (A / F)^{w}, \qquad w = \frac{k}{k + 1} \cdot \frac{A}{A + 100}

    so every cut-off has one vote and "no correction" has one. A cohort's factor
    is its own ratio, drawn to c by the same 100 purchases. Each level must bring
    the forecasts of cut-offs it has not seen nearer, summed over cut-offs (and
    cohorts); otherwise it is left out.
    """
    misses = [m for m in misses if m.forecast.sum() > 0]
    if len(misses) < 2:
        return Correction()
    step = _step(misses)
    rest = [[m for j, m in enumerate(misses) if j != i] for i in range(len(misses))]
    overall = [Correction(_ratio(some), step) for some in rest]
    before = _distance(misses, [Correction()] * len(misses), step, False)
    after = _distance(misses, overall, step, False)
    if after >= before:
        return Correction()
    everybody = Correction(_ratio(misses), step, gain=1.0 - after / before)
    cohorts = [_by_cohort(some, step) for some in rest]
    if _distance(misses, cohorts, step, True) < _distance(misses, overall, step, True):
        return Correction(everybody.overall, step, _by_cohort(misses, step).cohorts, everybody.gain)
    return everybody


def _ratio(misses: Sequence[Misses]) -> float:
    came, said = (sum(float(getattr(m, k).sum()) for m in misses) for k in ("actual", "forecast"))
    weight = len(misses) / (len(misses) + 1.0) * came / (came + PRIOR)
    return float(np.clip((came / said) ** weight, 1.0 / WIDEST, WIDEST)) if came > 0 else 1.0


def _by_cohort(misses: Sequence[Misses], step: int) -> Correction:
    overall = _ratio(misses)
    cohort = np.concatenate([_cohort(m.first, step) for m in misses])
    names, at = np.unique(cohort, return_inverse=True)
    # The same customers stand behind every cut-off: k cut-offs are not k times the evidence.
    said = np.bincount(at, np.concatenate([m.forecast for m in misses])).astype(np.float64) / len(misses)
    came = np.bincount(at, np.concatenate([m.actual for m in misses])).astype(np.float64) / len(misses)
    factor = np.clip(overall * (came + PRIOR) / (said * overall + PRIOR), 1.0 / WIDEST, WIDEST)
    return Correction(overall, step, tuple(zip(names.tolist(), factor.tolist(), strict=True)))


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
