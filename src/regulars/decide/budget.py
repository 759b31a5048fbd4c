"""Where the next yuan goes: the weekly budget split over channels, markets and weeks."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.budget_answer import BudgetDecision, BudgetRow, codes, estimate, quantiles, rows_of
from regulars.decide.budget_limits import Group, Line, Whole, Wishes, read_limits
from regulars.decide.budget_solve import Question
from regulars.decide.carry_over import WeekPlan, plan_weeks
from regulars.decide.curves import Array, Curves
from regulars.decide.result import relative_gap
from regulars.decide.weeks_rows import apart, shared

__all__ = ["BudgetAllocator", "BudgetDecision", "BudgetRow", "Group", "Whole"]


@dataclass(frozen=True)
class BudgetAllocator:
    """The split of a weekly total that earns the most, exact and with a certificate.

    Formula: maximise sum_i f_i(x_i) - fixed_i [x_i > 0] subject to sum_i x_i <= total, low_i <= x_i <= high_i (or
    x_i = 0 or >= minimum_i), limits of groups, any linear rows, x_i whole minor units; f_i the mean over draws of the
    response curve, or the mean of the worst ``risk`` of draws of the whole sum. Where the curves are concave and only
    the total is shared, water-filling gives the continuous optimum and the dual bound; the whole units are then
    placed so that moving no single unit from one channel to another earns more, which for separable concave functions
    is the optimum over whole numbers. Otherwise an interior point method solves the concave envelopes and branch and
    bound closes what is left of them.

    Parameters: ``total`` minor units a week (None: the same as today); ``stretch``: no channel goes beyond so many
    times the largest weekly spend ever seen there, because nothing is known about the curve further out (give the
    channel its own ``high`` to allow it, or ``math.inf`` here); ``must_spend``: leave nothing of the total over;
    ``extra``: the amount whose worth is reported as ``extra_earns``; ``objective``: a name, ``contribution`` or one
    of the ``weights`` given to ``decide``; ``risk``: None for the mean over the draws, or the share of worst draws
    whose mean is maximised; ``rows``: linear limits over channels (CO2, hours), as ``program.Row``; ``gap``: how
    near to the bound branching stops, and ``nodes`` at the latest.

    Raises ``InfeasibleError`` naming the smallest set of limits in conflict, ``ValueError`` for a negative or
    unknown input. Source: Gross (1956) and Federgruen and Groenevelt, Operations Research 34 (1986) 909-918, for the
    whole units; ``fill``, ``maximise``, ``plan`` and ``Worst`` for the rest.

    >>> curves = Curves.make(["search", "social"], ceiling=[400, 100], half=[10_000, 10_000], value=100)
    >>> plan = BudgetAllocator().decide(curves, today=[10_000, 10_000])
    >>> plan.solution.tolist(), round(plan.gain.value), plan.gap < 1e-9
    ([16667, 3333], 2500, True)
    """

    total: int | None = None
    stretch: float = 1.5
    must_spend: bool = False
    extra: int = 100_000
    objective: str = "contribution"
    risk: float | None = None
    rows: Sequence[Line] = ()
    gap: float = 1e-7
    nodes: int = 400

    def decide(
        self,
        curves: Curves,
        today: ArrayLike,
        *,
        low: Mapping[str, int] | None = None,
        high: Mapping[str, int] | None = None,
        frozen: Collection[str] = (),
        change: float | Mapping[str, float] | None = None,
        minimums: Mapping[str, int] | None = None,
        fixed: Mapping[str, int] | None = None,
        groups: Sequence[Group] = (),
        largest_seen: ArrayLike | None = None,
        unproven: Collection[str] = (),
        labels: Mapping[str, str] | None = None,
        weights: Mapping[str, Mapping[str, float]] | None = None,
    ) -> BudgetDecision:
        """Split the total; ``today`` and ``largest_seen`` (minor units a week) go in the order of the curves.

        ``low`` and ``high`` are the owner's limits by channel, ``frozen`` the channels that stay as they are,
        ``change`` how far, as a share of today, channels may move (0.2: by a fifth either way; one for all or by
        channel), ``minimums`` what a channel needs at least if it gets anything, ``fixed`` what entering it costs
        besides (minor units a week), ``groups`` limits over several channels. ``unproven`` channels, whose curve the
        data could not tell, stay within the largest spend ever seen. ``labels`` are the owner's names, used in
        errors; ``weights`` map an objective to the factor by channel that turns contribution into it.
        """
        asked = Wishes(
            low or {}, high or {}, set(frozen), change, minimums or {}, groups, self.rows, labels or {}
        )  # fmt: skip
        now = _money("today", today, curves.channels)
        total = self._total(now)
        cost = _costs(fixed or {}, curves.channels)
        counted = self._counted(curves, weights or {}, cost)
        cap = self._cap(curves.channels, now, largest_seen, set(unproven))
        limits = read_limits(curves.channels, now, total, asked, cap, must_spend=self.must_spend)
        # a risk over one draw is no risk
        risk = self.risk if counted.worth.ndim == 2 and len(counted.worth) > 1 else None
        question = Question(counted, limits, cost, risk, self.extra, self.gap, self.nodes)
        solved = question.solve()
        solution = solved.solution
        by_draw = np.atleast_2d(counted.values(solution) - counted.values(now))
        if self.objective == "contribution":
            by_draw = by_draw - (solution - now) - cost * ((solution > 0).astype(float) - (now > 0))
        gains = by_draw.sum(axis=1)
        unspent = total - int(solution.sum())
        first = "same_total" if self.total is None else f"total={total}"
        return BudgetDecision(
            solution=solution,
            value=solved.value,
            bound=solved.bound,
            gap=relative_gap(solved.value, solved.bound),
            binding=tuple(solved.shadow_prices),
            shadow_prices=solved.shadow_prices,
            why=codes(counted, solved, unspent, first, self.objective),
            rows=rows_of(counted, limits, now, solution, by_draw),
            today_value=question.value(now),
            gain=estimate(gains),
            sure=float((gains > 0).mean()) if len(gains) > 1 else None,
            unspent=unspent,
            extra=self.extra,
            extra_earns=solved.extra_earns,
            worthwhile=solved.worthwhile,
            continuous_gap=solved.continuous_gap,
            quantiles=quantiles(gains),
            objective=self.objective,
            risk=self.risk,
        )

    def over_weeks(
        self,
        curves: Curves,
        today: ArrayLike,
        *,
        carry_over: Mapping[str, float],
        weeks: int = 8,
        stock: Mapping[str, float] | None = None,
        totals: Sequence[float] | None = None,
        season: ArrayLike | None = None,
        over_plan: Collection[str] = (),
        steady: BudgetDecision | None = None,
        **limits: Any,
    ) -> WeekPlan:
        """Spend by channel and week, with effects that carry over; ``limits`` as for ``decide``, in every week.

        Limits, groups, rows, smallest amounts and costs of entry hold in each week. ``over_plan`` names those that
        are meant over all weeks together: groups and rows by their codes, and channels whose ``minimums`` entry is
        what they get over the whole plan if they get anything; their amounts are then those of all weeks. What is
        left at the end is worth what it is in the ``steady`` split (default: decided here). See ``plan_weeks``.
        """
        names = curves.channels
        given = {k: limits.get(k) or {} for k in ("low", "high", "minimums", "labels", "fixed", "weights")}
        asked = Wishes(given["low"], given["high"], set(limits.get("frozen") or ()), limits.get("change"),
                       given["minimums"], limits.get("groups") or (), self.rows, given["labels"])  # fmt: skip
        each, whole = apart(asked, over_plan)
        if steady is None:
            least, groups, rows = shared(whole, weeks)
            steady = replace(self, rows=[*each.lines, *rows]).decide(
                curves, today, **limits | {"minimums": {**each.minimums, **least}, "groups": [*each.groups, *groups]}
            )
        now = _money("today", today, names)
        cap = self._cap(names, now, limits.get("largest_seen"), set(limits.get("unproven") or ()))
        total, cost = self._total(now), _costs(given["fixed"], names)
        free = Wishes({}, {}, set(), None, whole.minimums, whole.groups, whole.lines, whole.labels)
        most = np.full(len(names), np.inf)
        return plan_weeks(
            self._counted(curves, given["weights"], cost), steady, now,
            read_limits(names, now, total, each, cap, must_spend=self.must_spend),
            read_limits(names, now, total, free, most, must_spend=False), carry_over=carry_over, weeks=weeks,
            stock=stock, totals=totals, season=season, fixed=cost, gap=max(self.gap, 1e-6), nodes=self.nodes,
        )  # fmt: skip

    def _total(self, now: Whole) -> int:
        total = int(now.sum()) if self.total is None else self.total
        if total < 0:
            raise ValueError(f"the total must be 0 or more, got {total}")
        if self.risk is not None and not 0 < self.risk <= 1:
            raise ValueError(f"risk must be above 0 and at most 1, got {self.risk}")
        return total

    def _counted(self, curves: Curves, weights: Mapping[str, Mapping[str, float]], cost: Array) -> Curves:
        if self.objective == "contribution":
            return curves
        if self.objective not in weights:
            known = ", ".join(["contribution", *weights])
            raise ValueError(f"the objective {self.objective!r} is not one of {known}")
        if cost.any():
            raise ValueError("a cost of entry is money: it can be weighed against contribution only")
        given = weights[self.objective]
        missing = [c for c in curves.channels if c not in given]
        if missing:
            raise ValueError(f"the objective {self.objective!r} has no weight for {', '.join(missing)}")
        return curves.times([given[c] for c in curves.channels])

    def _cap(self, names: tuple[str, ...], now: Whole, largest_seen: ArrayLike | None, unproven: set[str]) -> Array:
        if largest_seen is None or not math.isfinite(self.stretch):
            return np.full(len(names), np.inf)
        stretch = np.array([1.0 if n in unproven else self.stretch for n in names])
        return np.asarray(np.floor(stretch * np.maximum(_money("largest_seen", largest_seen, names), now)))


def _costs(fixed: Mapping[str, int], names: Sequence[str]) -> Array:
    cost = np.zeros(len(names))
    for name, amount in fixed.items():
        if name not in names or amount < 0:
            raise ValueError(f"fixed: {name!r} must be a channel with a curve, and its cost 0 or more")
        cost[names.index(name)] = amount
    return cost


def _money(word: str, amounts: ArrayLike, names: Sequence[str]) -> Whole:
    out = np.asarray(amounts, dtype=float)
    if out.shape != (len(names),):
        raise ValueError(f"{word} has shape {out.shape}, expected ({len(names)},)")
    if not (np.isfinite(out) & (out >= 0)).all():
        bad = names[int(np.argmax(~(np.isfinite(out) & (out >= 0))))]
        raise ValueError(f"{word}: channel {bad!r} must be 0 or more")
    return np.asarray(np.rint(out), dtype=np.int64)
