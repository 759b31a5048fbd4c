"""Experiments: what an action added, held against people it was kept from, with an interval that can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from regulars.tables.shares import newcombe

WINDOW_DAYS: Final = 28


@dataclass(frozen=True)
class Arm:
    """One arm of an experiment: people, the sum of their outcome and the sum of its squares."""

    people: int
    total: float
    squares: float

    @classmethod
    def of(cls, outcome: ArrayLike) -> Arm:
        """Sum up the outcomes of single people.

        >>> Arm.of([0, 1, 1])
        Arm(people=3, total=2.0, squares=2.0)
        """
        values = np.asarray(outcome, dtype=float)
        return cls(len(values), float(values.sum()), float((values**2).sum()))

    @property
    def mean(self) -> float:
        """Outcome per head."""
        return self.total / self.people if self.people else math.nan

    @property
    def variance(self) -> float:
        """Sample variance of the outcome."""
        if self.people < 2:
            return math.nan
        return max(self.squares - self.people * self.mean**2, 0.0) / (self.people - 1)


@dataclass(frozen=True)
class Lift:
    """What the action added per head: estimate, interval and how it was computed."""

    value: float
    low: float
    high: float
    level: float
    treated: int
    held: int
    mean_treated: float
    mean_held: float
    method: str

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def welch(treated: Arm, held: Arm, level: float = 0.95) -> tuple[float, float]:
    """Interval of the difference of two means with unequal variances (Welch 1947); infinite below two people an arm."""
    if min(treated.people, held.people) < 2:
        return -math.inf, math.inf
    d = treated.mean - held.mean
    a, b = treated.variance / treated.people, held.variance / held.people
    if a + b == 0:
        return d, d
    df = (a + b) ** 2 / (a**2 / (treated.people - 1) + b**2 / (held.people - 1))
    half = float(special.stdtrit(df, 0.5 + level / 2)) * math.sqrt(a + b)
    return d - half, d + half


def always_valid(treated: Arm, held: Arm, level: float = 0.95, effect: float = 0.1) -> tuple[float, float]:
    """Interval that stays right however often one looks and whenever one stops.

    Normal mixture over effects with standard deviation ``effect`` (in standard
    deviations of the outcome): with information I = 1 / se^2 and tau = (effect * sd)^2,
    ``half = sqrt((I + 1/tau) log((I tau + 1) / alpha^2)) / I``. About 1.6 times as wide as a fixed interval.
    Below 50 people an arm the normal law is not trusted and the interval is infinite.

    Source: Robbins (1970), Ann. Math. Stat. 41:1397; Waudby-Smith et al. (2024), Ann. Stat. 52(6).
    """
    if min(treated.people, held.people) < 50:
        return -math.inf, math.inf
    d = treated.mean - held.mean
    se2 = treated.variance / treated.people + held.variance / held.people
    pooled = (treated.variance * treated.people + held.variance * held.people) / (treated.people + held.people)
    if se2 == 0 or pooled == 0:
        return -math.inf, math.inf
    information, tau = 1 / se2, effect**2 * pooled
    half = math.sqrt((information + 1 / tau) * math.log((information * tau + 1) / (1 - level) ** 2)) / information
    return d - half, d + half


def lift(
    treated: Arm | ArrayLike, held: Arm | ArrayLike, *, kind: Literal["share", "mean"] = "mean",
    level: float = 0.95, peeking: bool = False,
) -> Lift:  # fmt: skip
    """Difference per head between people who got it and people held back.

    Args:
        treated: outcomes of those assigned to get it (or their sums).
        held: outcomes of those held back.
        kind: ``share`` for yes/no outcomes (Newcombe), ``mean`` for money and counts (Welch).
        level: how sure, 0.95 by default.
        peeking: use the interval that allows looking at any time.

    >>> lift([1] * 56 + [0] * 14, [1] * 48 + [0] * 32, kind="share").low.__round__(4)
    0.0524
    """
    a = treated if isinstance(treated, Arm) else Arm.of(treated)
    b = held if isinstance(held, Arm) else Arm.of(held)
    if peeking:
        low, high = always_valid(a, b, level)
        if kind == "share":
            low, high = max(low, -1.0), min(high, 1.0)
    elif kind == "share":
        low, high = newcombe(a.total, a.people, b.total, b.people, level)
    else:
        low, high = welch(a, b, level)
    method = "always_valid" if peeking else ("newcombe" if kind == "share" else "welch")
    return Lift(a.mean - b.mean, low, high, level, a.people, b.people, a.mean, b.mean, method)


def sample_ratio(treated: int, held: int, held_share: float) -> float:
    """Chance of a split at least this far from the planned one if the draw is fair (chi-square, 1 degree of freedom).

    Below 0.001 something drops people from one arm and the lift cannot be trusted.

    >>> sample_ratio(9_500, 500, 0.05)
    1.0
    >>> sample_ratio(8_000, 500, 0.05) < 0.001
    True
    """
    people = treated + held
    if not people or not 0 < held_share < 1:
        return 1.0
    expected = people * held_share
    statistic = (held - expected) ** 2 / (expected * (1 - held_share))
    return float(special.chdtrc(1, statistic))


def detectable(treated: int, held: int, variance: float, level: float = 0.95, power: float = 0.8) -> float:
    """Smallest difference per head that this many people would show in 80 % of the cases.

    ``(z_(1+level)/2 + z_power) * sqrt(variance * (1/treated + 1/held))``; for a share p the variance is p (1 - p).

    >>> round(detectable(9_500, 500, 0.05 * 0.95), 4)
    0.028
    """
    if not treated or not held:
        return math.inf
    z = float(special.ndtri(0.5 + level / 2) + special.ndtri(power))
    return z * math.sqrt(variance * (1 / treated + 1 / held))
