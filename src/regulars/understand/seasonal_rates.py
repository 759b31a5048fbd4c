"""How much busier a weekday, a month or a holiday is: Poisson regression of daily repeat orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from regulars.understand.newton import climb

Vector = NDArray[np.float64]
Days = NDArray[np.int64]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class Factor:
    """How much busier than usual days of this name are, with 90 % limits; ``days`` of them were seen."""

    kind: str
    name: str
    factor: float
    low: float
    high: float
    days: int


@dataclass(frozen=True)
class Calendar:
    """Which factors a day falls under: one 0/1 column for each (kind, name)."""

    names: tuple[tuple[str, str], ...]
    holidays: Mapping[str, Sequence[int]]

    def columns(self, day: Days) -> Vector:
        """Shape (days, names)."""
        weekday, month = weekdays(day), months(day)
        out = np.empty((len(day), len(self.names)))
        for i, (kind, name) in enumerate(self.names):
            if kind == "weekday":
                out[:, i] = weekday == WEEKDAYS.index(name)
            elif kind == "month":
                out[:, i] = month == MONTHS.index(name)
            else:
                out[:, i] = np.isin(day, np.asarray(self.holidays[name], dtype=np.int64))
        return out


def weekdays(day: Days) -> Days:
    """0 for Monday to 6 for Sunday, of days since 1970-01-01."""
    return np.asarray((day + 3) % 7)


def months(day: Days) -> Days:
    """0 for January to 11 for December."""
    return np.asarray(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12)


@dataclass(frozen=True)
class Regression:
    """Effects (logarithms) with their covariance, the deviance and the overdispersion."""

    effects: Vector
    covariance: Vector
    deviance: float
    dispersion: float


def regress(count: Vector, expected: Vector, design: Vector, penalizer: float) -> Regression:
    """Poisson regression ``ln E[count] = ln expected + c + design @ effects`` with a ridge on the effects.

    The covariance is widened by Pearson's overdispersion: days differ by more
    than luck, and weekday effects must not be found in that.
    """
    offset = np.log(np.maximum(expected, 1e-12))
    X = np.column_stack([np.ones(len(count)), design])
    ridge = np.append(0.0, np.full(design.shape[1], penalizer))

    def objective(u: Vector) -> tuple[float, Vector, Vector]:
        eta = offset + X @ u
        mean = np.exp(np.minimum(eta, 300.0))
        value = float(count @ eta - mean.sum() - ridge @ u**2)
        return value, X.T @ (count - mean) - 2.0 * ridge * u, -(X.T * mean) @ X - 2.0 * np.diag(ridge)

    start = np.zeros(X.shape[1])
    start[0] = np.log(max(count.sum(), 0.5) / expected.sum())
    top = climb(objective, start)
    mean = np.exp(offset + X @ top.place)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(count > 0, count * np.log(count / mean), 0.0) - (count - mean)
    free = max(len(count) - X.shape[1], 1)
    dispersion = max(1.0, float(np.sum((count - mean) ** 2 / mean)) / free)
    return Regression(top.place[1:], top.covariance[1:, 1:] * dispersion, 2.0 * float(surprise.sum()), dispersion)


def worth_keeping(
    count: Vector, expected: Vector, design: Vector, kinds: Sequence[str], penalizer: float
) -> dict[str, float]:
    """For each kind of factor, the chance that leaving it out loses so much by luck (deviance over dispersion)."""
    whole = regress(count, expected, design, penalizer)
    chances = {}
    for kind in dict.fromkeys(kinds):
        mine = np.array([k == kind for k in kinds])
        less = regress(count, expected, design[:, ~mine], penalizer)
        # A 0/1 column for each weekday or month: one of them is said by the others.
        degrees = max(int(mine.sum()) - (kind in ("weekday", "month")), 1)
        chances[kind] = float(chi2.sf(max(less.deviance - whole.deviance, 0.0) / whole.dispersion, degrees))
    return chances


def told(names: Sequence[tuple[str, str]], found: Regression, days: Vector) -> tuple[Factor, ...]:
    """Effects as factors; weekdays and months against their own mean over the days seen."""
    factors = []
    for kind in dict.fromkeys(k for k, _ in names):
        rows = [i for i, (k, _) in enumerate(names) if k == kind]
        effects, contrast = found.effects[rows], np.eye(len(rows))
        if kind != "holiday":
            # Only differences between weekdays are known: their level is one with that of all days.
            share = days[rows] * np.exp(effects) / np.sum(days[rows] * np.exp(effects))
            effects = effects - np.log(np.average(np.exp(effects), weights=days[rows]))
            contrast = contrast - share
        errors = np.sqrt(np.maximum(np.diag(contrast @ found.covariance[np.ix_(rows, rows)] @ contrast.T), 0.0))
        for i, effect, wide in zip(rows, effects, 1.645 * errors, strict=True):
            usual, low, high = np.exp([effect, effect - wide, effect + wide]).tolist()
            factors.append(Factor(kind, names[i][1], usual, low, high, int(days[i])))
    return tuple(factors)
