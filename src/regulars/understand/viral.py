"""Word of mouth as a growth loop: how many new customers each customer brings, and how fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Viral:
    """The viral coefficient K within ``horizon_days`` of joining, with interval, and how long one round takes.

    Every customer brings K on average; at K >= 1 each round is larger than the last. ``cycle_days`` is the middle
    (median) age at which they are brought. ``growth_year`` is what one customer has become after a year of rounds:
    1 + K + K^2 ... over 365 / cycle_days rounds; None where nobody was brought.
    """

    value: float
    low: float
    high: float
    horizon_days: float
    cycle_days: float | None
    customers: int
    referrals: int
    growth_year: float | None


def rate(counts: ArrayLike, level: float = 0.9) -> tuple[float, float, float]:
    """Mean count per head and its interval, when a few people bring many.

    Gamma limits of a Poisson sum whose variance is larger by phi = max(1, variance / mean):
    with x the sum, ``low = phi g(x / phi, alpha/2) / n``, ``high = phi g(x / phi + 1, 1 - alpha/2) / n`` where g is
    the quantile of the gamma law. For nobody brought the limit is that of zero events.

    Source: Garwood, Biometrika 28 (1936) 437-442; dispersion as in McCullagh and Nelder (1989), section 6.2.3.

    >>> [round(v, 4) for v in rate([0] * 100)]
    [0.0, 0.0, 0.023]
    """
    values = np.asarray(counts, dtype=np.float64)
    if not values.size:
        return 0.0, 0.0, float("inf")
    mean = float(values.mean())
    phi = max(1.0, float(values.var(ddof=1)) / mean) if mean > 0 and values.size > 1 else 1.0
    x, tail = values.sum() / phi, (1.0 - level) / 2.0
    low = float(gammaincinv(x, tail)) if x > 0 else 0.0
    high = float(gammaincinv(x + 1.0, 1.0 - tail if x > 0 else level))
    return mean, phi * low / len(values), phi * high / len(values)


def viral(
    joined: ArrayLike, host: ArrayLike, brought: ArrayLike, *, now: float, horizon_days: float = 180.0,
    level: float = 0.9,
) -> Viral:  # fmt: skip
    """K from customers of every age, those who joined last week too.

    ``joined`` holds the day each customer joined; ``host`` the row of the customer who brought somebody and
    ``brought`` the day it happened. K is the mean cumulative function at the horizon,
    ``K = sum over ages a of referrals at a / customers observed beyond a``: newcomers count for as long as they have
    been seen, so a growing company does not look less viral than it is. The variance adds up, person by person, the
    departures from it (robust, no Poisson law assumed); the interval is on the log scale.

    Source: Nelson, Technometrics 37 (1995) 147-157; Lawless and Nadeau, Technometrics 37 (1995) 158-168.
    """
    start, row = np.asarray(joined, dtype=np.float64), np.asarray(host, dtype=np.int64)
    seen = np.clip(now - start, 0.0, horizon_days)
    age = np.maximum(np.asarray(brought, dtype=np.float64) - start[row], 0.0)
    kept = age <= seen[row]
    row, age = row[kept], age[kept]
    n = int((seen > 0).sum())
    if not row.size or not n:
        _, low, high = rate(np.zeros(max(n, 1)), level)
        return Viral(0.0, low, high, horizon_days, None, n, 0, None)
    ages, at = np.unique(age, return_inverse=True)
    risk = len(seen) - np.searchsorted(np.sort(seen), ages, side="left")
    step = np.bincount(at) / risk
    value = float(step.sum())
    # Each person: own referrals weighted by 1 / at risk, less what was expected of them while they were seen.
    own = np.bincount(row, (1.0 / risk)[at], minlength=len(seen))
    expected = np.concatenate(([0.0], np.cumsum(step / risk)))[np.searchsorted(ages, seen, side="right")]
    error = float(np.sqrt(((own - expected) ** 2).sum())) / value
    factor = float(np.exp(min(_normal(level) * error, 50.0)))
    middle = float(ages[np.searchsorted(np.cumsum(step), value / 2.0)])
    rounds = 365.0 / max(middle, 1.0)
    growth = (1 - value ** (rounds + 1)) / (1 - value) if value != 1 else rounds + 1
    return Viral(value, value / factor, value * factor, horizon_days, middle, n, len(row), float(growth))


def _normal(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))
