"""The split over weeks when part of an effect goes over into the next: what to spend when, and what stays at work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.decide.branch import Planned
from regulars.decide.budget_answer import BudgetDecision, estimate
from regulars.decide.budget_limits import Limits, Whole
from regulars.decide.budget_solve import rounded
from regulars.decide.coupling import Coupling
from regulars.decide.curves import Array, Curves
from regulars.decide.envelope import Cells
from regulars.decide.result import Decision, Estimate, ShadowPrice, relative_gap
from regulars.decide.weeks_branch import WeeksPlanned, plan_cells
from regulars.decide.weeks_rows import WeekRows, refused, week_rows
from regulars.decide.weeks_stock import Stocked


@dataclass(frozen=True)
class WeekPlan(Decision[Whole]):
    """What to spend in every channel and week; ``solution`` has shape (channels, weeks), minor units.

    ``value`` is what the weeks bring together with ``terminal``, the worth of what is still at work when they end;
    ``gain`` the expected gain over spending every week what is spent today, change of spend paid (in an objective
    other than contribution it is not), with its 90 % interval over the draws. ``stock`` is what is at work each week
    (shape (channels, weeks), money a week), ``later`` what a unit of each still at work at the end is worth, ``nodes``
    how many problems were solved to prove the bound.
    """

    channels: tuple[str, ...]
    stock: Array
    terminal: float
    gain: Estimate
    later: Array
    nodes: int


def plan_weeks(
    curves: Curves,
    steady: BudgetDecision,
    today: ArrayLike,
    each: Limits,
    whole: Limits,
    *,
    carry_over: Mapping[str, float],
    weeks: int = 8,
    stock: Mapping[str, float] | None = None,
    totals: Sequence[float] | None = None,
    season: ArrayLike | None = None,
    fixed: Array | None = None,
    gap: float = 1e-6,
    nodes: int = 200,
) -> WeekPlan:
    """The best spend of every week ahead, with geometric carry-over and a certificate.

    Formula: maximise sum_t season_t sum_i f_i(s_it) - fixed_i [x_it > 0] + terminal, with
    s_it = (1 - c_i) x_it + c_i s_i,t-1, sum_i x_it <= total_t, the limits ``each`` in every week and those of
    ``whole`` over all of them. A steady spend is its own stock, so f_i is the same curve as in the weekly split. What
    is left at the end is worth what it saves later at the prices of the steady split: f_i'(steady_i) c_i / (1 - c_i)
    s_iT; without it the last weeks would look like the last there are. The interior point method takes the channels
    as chains of ``weeks``, so a step costs channels x weeks^3; where a curve is S-shaped or a cell asks for all or
    nothing, ``plan_cells`` branches on stocks and cells until ``gap`` or ``nodes``.

    ``steady`` is the weekly split of ``BudgetAllocator.decide``; ``carry_over`` the share of an effect that goes over
    into the next week; ``stock`` what is at work now (default: today's spend, as if steady); ``totals`` what may be
    spent each week (default: the total of ``each``); ``season`` how much more each week brings.

    Raises ``ValueError`` for a share outside 0 to 1 (1 excluded) and ``InfeasibleError`` where a week, or all of
    them together, cannot hold what is asked. Source: Jin et al., Bayesian methods for media mix modeling with
    carryover and shape effects (2017); Boyd and Vandenberghe, Convex Optimization (2004), section 5.1, for the bound.
    """
    names, n = curves.channels, len(curves.channels)
    keep = np.array([carry_over.get(c, 0.0) for c in names])
    if not ((keep >= 0) & (keep < 1)).all():
        raise ValueError(f"channel {names[int(np.argmax((keep < 0) | (keep >= 1)))]!r}: carry-over must be in [0, 1)")
    now = np.asarray(today, dtype=float)
    begin = np.array([(stock or {}).get(c, float(now[i])) for i, c in enumerate(names)])
    most = np.full(weeks, each.rows[0].high) if totals is None else np.asarray(totals, dtype=float)
    seasons = np.ones(len(most)) if season is None else np.asarray(season, dtype=float)
    if not len(most) == len(seasons) == weeks:
        raise ValueError(f"totals and season must have one figure for each of the {weeks} weeks")
    cost = np.zeros(n) if fixed is None else fixed
    # a first unit that brings endlessly much, as of a power, saves no endless amount later
    least = np.where(curves.curved, 0.0, 0.01 * curves.halves)
    later = curves.slope(np.maximum(steady.solution, least)) * keep / (1 - keep)
    goal = Stocked(curves, keep, begin, seasons, later, cost)
    rows = week_rows(each, whole, cost, most)
    with threadpool_limits(1):
        found = plan_cells(goal, rows, gap=gap, nodes=nodes)
    if found is None:
        raise refused(rows)
    spend = _whole_units(goal, rows, found)
    by_draw = goal.draws(spend) - goal.draws(np.repeat(now, weeks))
    if steady.objective == "contribution":
        by_draw = by_draw - (spend.sum() - weeks * now.sum())
    value = goal.value(spend)
    little = 1e-9 * max(float(np.abs(goal.slope(spend)).max(initial=0.0)), 1e-9)
    binding = {
        code: ShadowPrice(float(p), float(p))
        for code, p in zip(rows.codes, found.prices, strict=True) if abs(p) > little
    }  # fmt: skip
    why = [f"weeks={weeks}", *(("carried_over",) if keep.any() else ())]
    return WeekPlan(
        solution=_read_only(spend.reshape(n, weeks)), value=value, bound=found.bound,
        gap=relative_gap(value, found.bound), binding=tuple(binding), shadow_prices=binding,
        why=(*why, *(("choices_held",) if found.nodes > 1 else ())), channels=names,
        stock=goal.stock(spend).reshape(n, weeks), terminal=goal.after(goal.stock(spend)), gain=estimate(by_draw),
        later=later, nodes=found.nodes,
    )  # fmt: skip


def _whole_units(goal: Stocked, rows: WeekRows, found: WeeksPlanned) -> Array:
    """Whole units near the optimum: rounded down, what a week has left given where it brings most."""
    held = Cells(goal.roofs.wide, np.ceil(found.held.low - 1e-6), np.floor(found.held.high + 1e-6),
                 np.zeros(len(found.x), dtype=bool), goal.fixed)  # fmt: skip
    near = Planned(found.x, found.value, found.bound, found.prices, held, found.nodes)
    n, weeks = goal.shape
    into = (rows.commit > 0) & (found.x.reshape(n, weeks).sum(axis=1) > 0)
    asked, own = rows.coupling, np.repeat(np.eye(n)[into], weeks, axis=1)
    asked = Coupling(np.vstack([asked.matrix, own]), np.append(asked.least, rows.commit[into]),
                     np.append(asked.most, np.full(len(own), np.inf)))  # fmt: skip
    return rounded(near, asked, lambda x, more: more * goal.slope(x), exchange=False).astype(float)


def _read_only(spend: Array) -> Whole:
    whole = spend.astype(np.int64)
    whole.flags.writeable = False
    return whole
