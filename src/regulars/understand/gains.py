"""How well a chance ranks and how far it can be believed: ranking, lift, gains, calibration, and the best threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, rankdata

from regulars.tables.shares import wilson

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class LiftPoint:
    """Contacting this share of people, the best first, finds ``gain`` of all hits: ``lift`` times as many as by lot."""

    share: float
    gain: float
    low: float
    high: float
    lift: float


@dataclass(frozen=True)
class CalibrationBin:
    """People who were given about the same chance: what was foretold, and what share really did, with its interval."""

    n: int
    forecast: float
    actual: float
    low: float
    high: float


@dataclass(frozen=True)
class Threshold:
    """From which chance on a contact pays, how many that are, and the profit with its interval.

    ``everybody`` is the profit of contacting all, the thing to beat.
    """

    chance: float
    people: int
    share: float
    profit: float
    low: float
    high: float
    everybody: float


def _checked(actual: ArrayLike, chance: ArrayLike) -> tuple[Vector, Vector]:
    y, p = np.asarray(actual, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1:
        raise ValueError(f"{y.size} outcomes do not fit {p.size} chances")
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError("an outcome is 0 or 1")
    return y, p


def auc_interval(actual: ArrayLike, chance: ArrayLike, level: float = 0.9) -> tuple[float, float, float]:
    """How often somebody who did was ranked above somebody who did not (AUC), with DeLong's interval.

    .5 is by lot, 1 perfect. NaN three times where only one outcome occurs.

    >>> auc, low, high = auc_interval([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> auc
    0.75

    Source: DeLong, DeLong, Clarke-Pearson (1988), Biometrics 44.
    """
    y, p = _checked(actual, chance)
    up, down = p[y == 1], p[y == 0]
    if not up.size or not down.size:
        return float("nan"), float("nan"), float("nan")
    ranks = rankdata(np.concatenate([up, down]))
    above = (ranks[: up.size] - rankdata(up)) / down.size
    below = 1.0 - (ranks[up.size :] - rankdata(down)) / up.size
    auc = float(above.mean())
    spread = np.sqrt(
        (above.var(ddof=1) / up.size if up.size > 1 else 0.0)
        + (below.var(ddof=1) / down.size if down.size > 1 else 0.0)
    )
    half = float(norm.ppf(0.5 + level / 2.0) * spread)
    return auc, max(auc - half, 0.0), min(auc + half, 1.0)


def lift_curve(actual: ArrayLike, chance: ArrayLike, points: int = 20, level: float = 0.9) -> tuple[LiftPoint, ...]:
    """The gains and lift curve: contacting the best x % finds y % of all who would.

    Intervals by the normal approximation of a share of the hits (binomial in the
    hits, with the correction for drawing without replacement). Empty where nobody did.

    >>> lift_curve([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], points=2)[0].lift
    1.0
    """
    y, p = _checked(actual, chance)
    hits = float(y.sum())
    if hits == 0:
        return ()
    found = np.concatenate([[0.0], np.cumsum(_by_chance(y, p))])
    z = norm.ppf(0.5 + level / 2.0)
    curve = []
    for share in np.arange(1, points + 1) / points:
        gain = float(np.interp(share * len(y), np.arange(len(y) + 1), found)) / hits
        half = float(z * np.sqrt(max(gain * (1 - gain), 0.0) / hits))
        curve.append(LiftPoint(float(share), gain, max(gain - half, 0.0), min(gain + half, 1.0), gain / float(share)))
    return tuple(curve)


def _by_chance(y: Vector, p: Vector) -> Vector:
    """Outcomes, the highest chance first; equal chances share their outcomes, so that order in a tie is no skill."""
    order = np.argsort(-p, kind="stable")
    y, p = y[order], p[order]
    group = np.concatenate([[0], np.cumsum(p[1:] != p[:-1])]) if len(p) else np.empty(0, dtype=np.int64)
    return np.asarray((np.bincount(group, y) / np.maximum(np.bincount(group), 1))[group], dtype=np.float64)


def calibration_bins(
    actual: ArrayLike, chance: ArrayLike, bins: int = 10, level: float = 0.9
) -> tuple[CalibrationBin, ...]:
    """Tenths of the people by chance, the highest first: what was foretold beside the share that did."""
    y, p = _checked(actual, chance)
    table = []
    for rows in np.array_split(np.argsort(-p, kind="stable"), bins):
        if len(rows):
            low, high = wilson(y[rows].sum(), len(rows), level)
            table.append(CalibrationBin(len(rows), float(p[rows].mean()), float(y[rows].mean()), float(low),
                                        float(high)))  # fmt: skip
    return tuple(table)


def calibration_error(actual: ArrayLike, chance: ArrayLike, bins: int = 10) -> float:
    r"""Expected calibration error over tenths: :math:`\sum_b \frac{n_b}{n} |\bar p_b - \bar y_b|`.

    Read it beside ``calibration_noise``: even the truth itself scores above 0.

    >>> calibration_error([0, 1], [0.5, 0.5], bins=1)
    0.0
    """
    table = calibration_bins(actual, chance, bins)
    n = sum(b.n for b in table)
    return sum(b.n * abs(b.forecast - b.actual) for b in table) / n if n else float("nan")


def calibration_noise(chance: ArrayLike, bins: int = 10, draws: int = 200, seed: int = 0) -> float:
    """The calibration error that perfectly true chances would show on as many people, by luck alone (mean of draws)."""
    p = np.asarray(chance, dtype=np.float64)
    if not p.size:
        return float("nan")
    rng = np.random.default_rng(seed)
    rows = np.array_split(np.argsort(-p, kind="stable"), bins)
    error = np.zeros(draws)
    for some in (r for r in rows if len(r)):
        # A sum of many independent draws: its spread is all that counts, so one normal draw a bin does.
        sd = np.sqrt((p[some] * (1 - p[some])).sum())
        error += np.abs(rng.normal(0.0, max(sd, 1e-12), draws))
    return float(error.mean() / p.size)


def brier_interval(actual: ArrayLike, chance: ArrayLike, level: float = 0.9) -> tuple[float, float, float]:
    """Mean squared distance of chance and outcome, with its interval; smaller is better."""
    y, p = _checked(actual, chance)
    loss = (p - y) ** 2
    if not loss.size:
        return float("nan"), float("nan"), float("nan")
    half = float(norm.ppf(0.5 + level / 2.0) * loss.std() / np.sqrt(loss.size))
    return float(loss.mean()), max(float(loss.mean()) - half, 0.0), float(loss.mean()) + half


def profit_threshold(
    actual: ArrayLike, chance: ArrayLike, gain: float, cost: float, level: float = 0.9
) -> Threshold:  # fmt: skip
    """Whom to contact: those whose chance times the gain of a hit exceeds the cost of a contact.

    With true chances the best limit is ``cost / gain`` (each contact above it
    earns on average), so it is taken from the prices, not fitted to the outcomes;
    the profit stated is what that rule earned on these, held-out outcomes.

    Raises ``ValueError`` for a gain that is not positive or a negative cost.

    >>> profit_threshold([1, 0, 1, 0], [0.9, 0.6, 0.4, 0.1], gain=10, cost=3).profit
    11.0
    """
    if gain <= 0 or cost < 0:
        raise ValueError(f"a hit gains more than 0 and a contact costs at least 0; got {gain} and {cost}")
    y, p = _checked(actual, chance)
    limit = min(cost / gain, 1.0)
    each = np.where(p >= limit, y * gain - cost, 0.0)
    half = float(norm.ppf(0.5 + level / 2.0) * each.std() * np.sqrt(each.size))
    people = int((p >= limit).sum())
    profit = float(each.sum())
    return Threshold(limit, people, people / max(len(p), 1), profit, profit - half, profit + half,
                     float(y.sum() * gain - len(y) * cost))  # fmt: skip
