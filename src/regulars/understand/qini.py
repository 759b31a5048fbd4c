"""How well a ranking finds the people a treatment changes: Qini and uplift curves, areas, and their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure with its standard error, its interval, and what each person added to it.

    ``influence`` has one value per person with mean zero; figures of the same people can be compared person by
    person: the standard error of a difference is sd(influence_a - influence_b) / sqrt(n).
    """

    value: float
    error: float
    low: float
    high: float
    influence: Vector


@dataclass(frozen=True)
class Curve:
    """A curve over the share of people treated, best first, with a band.

    ``low`` and ``high`` hold at each point by itself; ``low_all`` and ``high_all`` hold at all points at once.
    """

    share: Vector
    value: Vector
    low: Vector
    high: Vector
    low_all: Vector
    high_all: Vector
    area: Estimate


@dataclass(frozen=True)
class _Ranked:
    """People from the highest score down, with sums at every step; ties stand or fall together."""

    order: NDArray[np.int64]
    ends: NDArray[np.int64]  # how many people stand at or before the end of each tie
    n1: Vector
    n0: Vector
    y1: Vector
    y0: Vector


def qini_curve(y: ArrayLike, score: ArrayLike, treatment: ArrayLike) -> tuple[Vector, Vector]:
    """Extra outcomes among the top people, by number of people: Q(k) = Y1(k) - Y0(k) N1(k) / N0(k).

    Y1, Y0 are the sums of the outcome and N1, N0 the people of the two arms among the k highest scores; where no
    control person is among them, Y0 counts as nothing. Begins at (0, 0). The same as scikit-uplift's ``qini_curve``.

    Source: Radcliffe, Direct Marketing Analytics Journal 1 (2007) 14-21.

    >>> people, extra = qini_curve([1, 0, 1, 0], [4, 3, 2, 1], [1, 0, 1, 0])
    >>> people.tolist(), extra.tolist()
    ([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 1.0, 2.0, 2.0])
    """
    r = _ranked(*_checked(y, score, treatment))
    return np.concatenate(([0.0], r.ends)), np.concatenate(([0.0], r.y1 - _ratio(r.y0 * r.n1, r.n0)))


def uplift_curve(y: ArrayLike, score: ArrayLike, treatment: ArrayLike) -> tuple[Vector, Vector]:
    """Gain by number of people treated: G(k) = k (Y1 / N1 - Y0 / N0), the same as scikit-uplift's ``uplift_curve``.

    Source: Gutierrez and Gerardy, Proceedings of Machine Learning Research 67 (2017) 1-13.
    """
    r = _ranked(*_checked(y, score, treatment))
    gain = (_ratio(r.y1, r.n1) - _ratio(r.y0, r.n0)) * r.ends
    return np.concatenate(([0.0], r.ends)), np.concatenate(([0.0], gain))


def qini_auc(y: ArrayLike, score: ArrayLike, treatment: ArrayLike) -> float:
    """Area between the Qini curve and chance, as a share of the area of the best ranking possible in hindsight.

    The best ranking has the treated who answered first and the controls who answered last: the definition of
    scikit-uplift's ``qini_auc_score`` (negative effects allowed). For yes/no outcomes.
    """
    y, score, treatment = _checked(y, score, treatment)
    people, extra = qini_curve(y, score, treatment)
    best = qini_curve(y, y * np.where(treatment, 1.0, -1.0), treatment)
    chance = float(extra[-1]) * len(y) / 2.0
    most = float(np.trapezoid(best[1], best[0])) - chance
    return (float(np.trapezoid(extra, people)) - chance) / most if most > 0 else 0.0


def qini_area(y: ArrayLike, score: ArrayLike, treatment: ArrayLike, level: float = 0.9) -> Estimate:
    """Qini area per customer: how far the ranking is above chance, with an interval.

    ``A = 1/(n N1) [ integral of Q(k) dk - n Q(n) / 2 ]`` with Q of ``qini_curve`` (trapezoids), n people and N1
    treated: in extra outcomes per person treated, averaged over every share one could treat. 0 is what any
    meaningless score gets; the response model of most mailings gets little more.

    The standard error is that of the influence function: person i with rank r adds
    ``integral over phi of [1(r <= phi) w (y - m0(phi)) - (1(r <= phi) - phi) Q'(phi)]``, where m0 is the mean of the
    controls above phi and w is 1/e for the treated and minus the odds of treatment above phi over e for others.

    >>> found = qini_area([1, 0, 0, 0] * 50, [2, 2, 1, 1] * 50, [1, 0, 1, 0] * 50)
    >>> round(found.value, 3), found.low > 0
    (0.125, True)
    """
    y, score, treatment = _checked(y, score, treatment)
    people, extra = qini_curve(y, score, treatment)
    n, n1 = len(y), float(treatment.sum())
    value = (float(np.trapezoid(extra, people)) - n * float(extra[-1]) / 2.0) / (n * n1)
    grid, at = _influence(y, score, treatment)
    whole = at[:, -1]
    pulled = np.trapezoid(at - np.outer(whole, grid), grid, axis=1)
    return estimate(value, pulled - pulled.mean(), level)


def auuc(y: ArrayLike, score: ArrayLike, treatment: ArrayLike) -> float:
    """Area under the uplift curve per customer: the integral of G(k) / n over the share treated; chance has ATE / 2."""
    people, gain = uplift_curve(y, score, treatment)
    return float(np.trapezoid(gain, people)) / float(people[-1]) ** 2


def uplift_at(y: ArrayLike, score: ArrayLike, treatment: ArrayLike, share: float = 0.3, level: float = 0.9) -> Estimate:
    """What the treatment changed among the highest ``share`` of people: difference of the two arms' means.

    The cut is by score over both arms; ties at the cut are taken in the order given.
    """
    y, score, treatment = _checked(y, score, treatment)
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share must be above 0 and at most 1, not {share}")
    top = np.zeros(len(y), dtype=np.bool_)
    top[np.argsort(-score, kind="stable")[: max(1, int(len(y) * share))]] = True
    influence, value = np.zeros(len(y)), 0.0
    for arm, sign in ((treatment, 1.0), (~treatment, -1.0)):
        own = top & arm
        if not own.any():
            raise ValueError(f"nobody of one arm is among the highest {share:.0%}: take a larger share")
        mean = float(y[own].mean())
        value += sign * mean
        influence[own] += sign * (y[own] - mean) * len(y) / own.sum()
    return estimate(value, influence, level)


def banded(
    y: ArrayLike, score: ArrayLike, treatment: ArrayLike, *, points: int = 21, level: float = 0.9, seed: int = 0
) -> Curve:
    """The Qini curve per person treated at ``points`` shares, with a band at each point and one for all at once.

    The second multiplies every person's influence by a standard normal draw 400 times and takes the ``level``
    quantile of the largest standardised departure (multiplier bootstrap).

    Source: Chernozhukov, Chetverikov and Kato, Annals of Statistics 42 (2014) 1564-1597.
    """
    y, score, treatment = _checked(y, score, treatment)
    people, extra = qini_curve(y, score, treatment)
    grid, at = _influence(y, score, treatment, points)
    value = np.interp(grid, people / len(y), extra / treatment.sum())
    error = at.std(axis=0) / np.sqrt(len(y))
    z = float(ndtri(0.5 + level / 2))
    draws = np.random.default_rng(seed).standard_normal((400, len(y)), dtype=np.float32) @ at.astype(np.float32)
    known = error > 0
    widest = np.abs(draws[:, known] / (np.sqrt(len(y)) * at.std(axis=0)[known])).max(axis=1, initial=0.0)
    wide = max(float(np.quantile(widest, level)), z)
    return Curve(
        grid, value, value - z * error, value + z * error, value - wide * error, value + wide * error,
        qini_area(y, score, treatment, level),
    )  # fmt: skip


def estimate(value: float, influence: Vector, level: float = 0.9) -> Estimate:
    """A figure from its value and every person's influence on it."""
    error = float(influence.std() / np.sqrt(len(influence)))
    z = float(ndtri(0.5 + level / 2))
    return Estimate(value, error, value - z * error, value + z * error, influence)


def _influence(y: Vector, score: Vector, treatment: NDArray[np.bool_], points: int = 21) -> tuple[Vector, Vector]:
    """Every person's influence on Q(phi) / N1 at a grid of shares phi: (points,), (people, points)."""
    r = _ranked(y, score, treatment)
    n, e = len(y), float(treatment.mean())
    place = np.empty(n)
    begins = np.concatenate(([0], r.ends[:-1]))
    place[r.order] = np.repeat((begins + r.ends) / (2.0 * n), r.ends - begins)  # ties share the middle of their places
    grid = np.linspace(0.0, 1.0, points)
    here = np.concatenate(([0.0], r.ends / n))
    n1, n0, y1, y0 = (np.interp(grid, here, np.concatenate(([0.0], v))) for v in (r.n1, r.n0, r.y1, r.y0))
    odds, mean0 = _ratio(n1, n0), _ratio(y0, n0)
    curve = (y1 - y0 * odds) / (n * e)
    slope = np.gradient(curve, grid)
    inside = place[:, None] <= grid[None, :]
    weight = np.where(treatment[:, None], 1.0, -odds[None, :]) / e
    out = np.where(inside, weight * (y[:, None] - mean0[None, :]), 0.0)
    out -= (inside - grid[None, :]) * slope[None, :]
    out -= curve[None, :] * (treatment[:, None] - e) / e
    return grid, out - out.mean(axis=0)


def _ranked(y: Vector, score: Vector, treatment: NDArray[np.bool_]) -> _Ranked:
    order = np.argsort(-score, kind="stable")
    s, t, v = score[order], treatment[order].astype(float), y[order]
    ends = np.concatenate((np.flatnonzero(np.diff(s)), [len(s) - 1]))
    n1, n0, y1, y0 = (np.cumsum(part)[ends] for part in (t, 1.0 - t, t * v, (1.0 - t) * v))
    return _Ranked(order, ends + 1, n1, n0, y1, y0)


def _ratio(above: Vector, below: Vector) -> Vector:
    return np.asarray(np.divide(above, below, out=np.zeros(len(below)), where=below > 0), dtype=np.float64)


def _checked(y: Any, score: Any, treatment: Any) -> tuple[Vector, Vector, NDArray[np.bool_]]:
    outcome, rank = np.asarray(y, dtype=np.float64), np.asarray(score, dtype=np.float64)
    got = np.asarray(treatment)
    if not len(outcome) == len(rank) == len(got):
        raise ValueError(f"{len(outcome)} outcomes, {len(rank)} scores and {len(got)} treatments: give one per person")
    if not np.isfinite(outcome).all() or not np.isfinite(rank).all():
        raise ValueError("outcomes and scores must be numbers; leave out people whose outcome is not known yet")
    if not np.isin(got, (0, 1)).all():
        raise ValueError("treatment must be 1 (got it) or 0 (held back); for several arms compare one at a time")
    if got.all() or not got.any():
        raise ValueError("everybody is in one arm: without people held back nothing can be said about the effect")
    return outcome, rank, got.astype(np.bool_)
