"""The split over weeks when part of an effect goes over into the next: what to spend when, and what stays at work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.decide.budget_answer import BudgetDecision, estimate
from regulars.decide.budget_limits import Whole
from regulars.decide.curves import Array, Curves
from regulars.decide.envelope import Cells
from regulars.decide.interior import maximise
from regulars.decide.result import Decision, Estimate, InfeasibleError, ShadowPrice, Wish, relative_gap
from regulars.decide.risk import Worst


@dataclass(frozen=True)
class WeekPlan(Decision[Whole]):
    """What to spend in every channel and week; ``solution`` has shape (channels, weeks), minor units.

    ``value`` is what the weeks bring together with ``terminal``, the worth of what is still at work when they end;
    ``gain`` the expected gain over spending every week what is spent today, change of spend paid, with its 90 %
    interval over the draws. ``stock`` is what is at work each week (shape (channels, weeks), money a week).
    """

    channels: tuple[str, ...]
    stock: Array
    terminal: float
    gain: Estimate


def plan_weeks(
    curves: Curves,
    steady: BudgetDecision,
    today: ArrayLike,
    *,
    carry_over: Mapping[str, float],
    weeks: int = 8,
    stock: Mapping[str, float] | None = None,
    totals: Sequence[float] | None = None,
    season: ArrayLike | None = None,
) -> WeekPlan:
    """The best spend of every week ahead, with geometric carry-over and a certificate.

    Formula: maximise sum_t season_t sum_i f_i(s_it) + terminal, with s_it = (1 - c_i) x_it + c_i s_i,t-1,
    sum_i x_it <= total_t and the limits of ``steady`` every week. A steady spend is its own stock, so f_i is the same
    curve as in the weekly split. What is left at the end is worth what it saves later at the prices of the steady
    split: f_i'(steady_i) c_i / (1 - c_i) s_iT; without it the last weeks would look like the last there are. The sum
    is concave where the curves are; the interior point method takes it as chains of ``weeks``, so the cost grows with
    channels x weeks^3.

    ``steady`` is the weekly split of ``BudgetAllocator.decide``; ``carry_over`` the share of an effect that goes over
    into the next week; ``stock`` what is at work now (default: today's spend, as if steady); ``totals`` what may be
    spent each week (default: what the steady split spends); ``season`` how much more each week brings.

    Raises ``ValueError`` for a share outside 0 to 1 (1 excluded) and ``InfeasibleError`` where a week's total is
    below the minimums. Source: Jin et al., Bayesian methods for media mix modeling with carryover and shape effects
    (2017); Boyd and Vandenberghe, Convex Optimization (2004), section 5.1, for the bound.
    """
    names, n = curves.channels, len(curves.channels)
    keep = np.array([carry_over.get(c, 0.0) for c in names])
    if not ((keep >= 0) & (keep < 1)).all():
        raise ValueError(f"channel {names[int(np.argmax((keep < 0) | (keep >= 1)))]!r}: carry-over must be in [0, 1)")
    now = np.asarray(today, dtype=float)
    begin = np.array([(stock or {}).get(c, float(now[i])) for i, c in enumerate(names)])
    most = np.full(weeks, float(steady.solution.sum())) if totals is None else np.asarray(totals, dtype=float)
    low = np.array([float(r.low) for r in steady.rows])
    high = np.minimum([r.high for r in steady.rows], low + float(most.max()) - low.sum())
    for t in np.flatnonzero(most < low.sum()):
        asked = [Wish(f"at_least:{c}", c, float(v)) for c, v in zip(names, low, strict=True) if v > 0]
        raise InfeasibleError([Wish(f"week:{t + 1}", "", float(most[t])), *asked], smallest=False)
    goal = _Stocked(curves, keep, begin, high, np.ones(weeks) if season is None else np.asarray(season, dtype=float),
                    curves.slope(steady.solution) * keep / (1 - keep))  # fmt: skip
    floor, top = np.repeat(low, weeks), np.repeat(np.maximum(high, low + 1e-3), weeks)
    rows = np.tile(np.eye(weeks), n)
    size = max(abs(goal.value(top) - goal.value(floor)), 1e-9)
    with threadpool_limits(1):
        found = maximise(goal, floor, top, rows, np.full(weeks, -np.inf), most + 1e-2, size=size)
    if found is None:
        raise ValueError("the weeks could not be planned: no spend keeps to all limits")
    spend = _whole(goal, found.x.reshape(n, weeks), low, high, most)
    gains = goal.draws(spend.astype(float)) - goal.draws(np.repeat(now, weeks)) - (spend.sum() - weeks * now.sum())
    value = goal.value(spend.astype(float).ravel())
    binding = {
        f"week:{t + 1}": ShadowPrice(float(p), float(p)) for t, p in enumerate(found.prices) if p > 1e-9 * size / weeks
    }
    return WeekPlan(
        solution=spend, value=value, bound=found.bound, gap=relative_gap(value, found.bound), binding=tuple(binding),
        shadow_prices=binding, why=(f"weeks={weeks}", *(("carried_over",) if keep.any() else ())), channels=names,
        stock=goal.stock(spend.astype(float).ravel()).reshape(n, weeks), terminal=goal.after(spend.astype(float)),
        gain=estimate(gains),
    )  # fmt: skip


class _Stocked:
    """What spend in chains of weeks brings through what it leaves at work."""

    def __init__(self, curves: Curves, keep: Array, begin: Array, high: Array, season: Array, later: Array) -> None:
        n, weeks = len(keep), len(season)
        ahead = np.arange(weeks)[:, None] - np.arange(weeks)
        power = keep[:, None, None] ** np.maximum(ahead, 0)
        self.mix = np.where(ahead >= 0, (1 - keep)[:, None, None] * power, 0.0)
        self.start = begin[:, None] * keep[:, None] ** np.arange(1, weeks + 1)
        self.wide = curves.take(np.repeat(np.arange(n), weeks).tolist()).times(np.tile(season, n))
        self.later, self.shape = later, (n, weeks)
        reach = np.repeat(np.maximum(high, begin), weeks) * 1.01 + 1.0
        none = np.zeros(n * weeks)
        # concave from above where a curve bends upwards; elsewhere the curve itself
        self.above = Worst(Cells(self.wide, none, reach, np.zeros(n * weeks, dtype=bool), none), 1.0)

    def stock(self, x: Array) -> Array:
        """What is at work, as one long row."""
        return np.asarray((np.einsum("ctu,cu->ct", self.mix, x.reshape(self.shape)) + self.start).ravel())

    def _back(self, slope: Array) -> Array:
        return np.asarray(np.einsum("ctu,ct->cu", self.mix, slope.reshape(self.shape)).ravel())

    def after(self, x: Array) -> float:
        """What is still at work at the end is worth."""
        return float(self.later @ self.stock(x).reshape(self.shape)[:, -1])

    def draws(self, x: Array) -> Array:
        """Value of every draw."""
        return np.asarray(np.atleast_2d(self.wide.values(self.stock(x))).sum(axis=1) + self.after(x))

    def helpers(self) -> Array:
        """None are needed."""
        return np.zeros((2, 0))

    def conditions(self, x: Array) -> tuple[Array, Array]:
        """None are asked."""
        return np.zeros(0), np.zeros((0, len(x)))

    def at(self, x: Array, q: Array) -> tuple[Array, Array]:
        """Slope, and bend in blocks, one a channel."""
        _, slopes, bends = self.above.draw_values(self.stock(x))
        slope = slopes.mean(axis=0).reshape(self.shape)
        slope[:, -1] += self.later
        bend = bends.mean(axis=0).reshape(self.shape)
        return self._back(slope), np.einsum("ctu,ct,ctv->cuv", self.mix, bend, self.mix)

    def value(self, x: Array) -> float:
        """What the weeks bring, and what is left at the end."""
        return float(self.wide.value(self.stock(x)).sum()) + self.after(x)

    def ceiling(self, x: Array, q: Array) -> tuple[float, Array]:
        """The plane that touches the concave function above."""
        values, _, _ = self.above.draw_values(self.stock(x))
        return float(values.mean()) + self.after(x), self.at(x, q)[0]


def _whole(goal: _Stocked, x: Array, low: Array, high: Array, most: Array) -> Whole:
    """Whole units: rounded down, and what a week has left given to the channel where it brings most."""
    units = np.clip(np.floor(x + 1e-6), low[:, None], np.maximum(high, low)[:, None])
    for t in range(x.shape[1]):
        left = min(math.floor(most[t] + 1e-6), round(float(x[:, t].sum()))) - int(units[:, t].sum())
        for _ in range(max(left, 0)):
            slope = goal.at(units.ravel(), np.zeros(0))[0].reshape(units.shape)[:, t]
            room = units[:, t] + 1 <= high
            if not room.any():
                break
            units[int(np.argmax(np.where(room, slope, -np.inf))), t] += 1
    whole = units.astype(np.int64)
    whole.flags.writeable = False
    return whole
