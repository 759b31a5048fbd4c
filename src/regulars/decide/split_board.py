"""The split of the weekly budget as its page draws it and solves it anew."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from regulars.decide.budget import BudgetDecision
from regulars.decide.budget_input import BudgetInput
from regulars.decide.money import budget_input
from regulars.decide.result import InfeasibleError
from regulars.decide.view import View

WEEKS: Final = 8


@dataclass(frozen=True)
class Split:
    """Body of the topic ``split``; money in whole minor units a week. ``what_if.resolve(body, ...)`` solves it anew.

    ``total`` what may be spent over the channels with a curve; ``held`` channel without a curve to its spend, which
    stays; ``extra`` the amount whose worth ``answer.extra_earns`` is; ``objectives`` what the split may be best for,
    ``contribution`` first, ``objective`` and ``risk`` what it is the best for now; ``stretch`` how far beyond the
    largest spend ever seen a channel may go.

    ``channels``, one a channel: ``channel, form, shape`` (slope of a Hill curve, else 1), ``worth, scale`` (as many
    figures as draws, at most 200; the curve is worth * g(x / scale)), ``today, largest_seen, low, high`` (the
    owner's limits or None), ``frozen, unproven`` (the data could not tell the curve), ``carry_over`` (share of the
    effect that goes over into the next week), ``weights`` (objective to the factor of its worth).

    ``groups``: the owner's limits of a channel whose curves are by market (``code, cells, low, high``).

    ``answer`` (None when infeasible): ``value, bound, gap, today_value, gain {value, low, high}, quantiles`` (share
    of draws, as text, to the gain over today), ``sure`` (share of draws with a gain), ``unspent, extra_earns,
    worthwhile, reached`` (gain in the objective, None for contribution), ``binding, shadow_prices
    {code: {more, less}}, why, proposed {channel: minor units}``.

    ``weekly`` (None without carry-over): ``weeks`` (Mondays), ``spend {channel: [minor units, one a week]}``,
    ``value, bound, gap, gain`` (over going on as today, in the objective), ``terminal`` (worth of what is still at
    work at the end), ``why``.

    ``conflict``: the fewest wishes that cannot hold together, ``code, label, amount`` each; empty when feasible.
    """

    total: int
    held: dict[str, int]
    extra: int
    objectives: tuple[str, ...]
    stretch: float
    objective: str
    risk: float | None
    channels: tuple[dict[str, Any], ...]
    groups: tuple[dict[str, Any], ...]
    answer: dict[str, Any] | None
    weekly: dict[str, Any] | None
    conflict: tuple[dict[str, Any], ...]


def split_board(view: View) -> Split | None:
    """The split of the turn; None where no channel has a curve."""
    asked = budget_input(view.kpis, view.now, view.settings, view.book.get("limits"), aims=view.book.get("aims"))
    if asked is None:
        return None
    budget = view.budget
    conflict: tuple[dict[str, Any], ...] = ()
    if budget is None:
        try:
            budget = asked.decide()
        except InfeasibleError as error:
            conflict = tuple({"code": w.code, "label": w.label, "amount": w.amount} for w in error.conflict)
    return Split(
        total=sum(asked.today) if asked.total is None else asked.total,
        held=dict(asked.held),
        extra=100_000,
        objectives=("contribution", *asked.weights),
        stretch=1.5,
        objective=asked.objective,
        risk=asked.risk,
        channels=asked.channels(),
        groups=tuple({"code": g.code, "cells": list(g.cells), "low": g.low, "high": g.high} for g in asked.groups),
        answer=None if budget is None else _answer(budget),
        weekly=None if budget is None else _weekly(asked, budget, view.now),
        conflict=conflict,
    )


def _weekly(asked: BudgetInput, budget: BudgetDecision, now: datetime) -> dict[str, Any] | None:
    """The next weeks where effects carry over; None where none does."""
    if not any(asked.carry_over.get(c, 0.0) > 0 for c in asked.curves.channels):
        return None
    plan = asked.over_weeks(budget, WEEKS)
    monday = now.date() + timedelta(days=7 - now.weekday())
    spend = dict(zip(plan.channels, plan.solution.tolist(), strict=True))
    return {
        "weeks": [(monday + timedelta(weeks=t)).isoformat() for t in range(WEEKS)], "spend": spend,
        "value": plan.value, "bound": plan.bound, "gap": plan.gap, "terminal": plan.terminal, "why": plan.why,
        "gain": {"value": plan.gain.value, "low": plan.gain.low, "high": plan.gain.high},
    }  # fmt: skip


def _answer(d: BudgetDecision) -> dict[str, Any]:
    return {
        "value": d.value, "bound": d.bound, "gap": d.gap, "today_value": d.today_value,
        "gain": {"value": d.gain.value, "low": d.gain.low, "high": d.gain.high}, "quantiles": dict(d.quantiles),
        "sure": d.sure, "unspent": d.unspent, "extra_earns": d.extra_earns, "worthwhile": d.worthwhile,
        "reached": None if d.reached is None else asdict(d.reached), "binding": d.binding, "why": d.why,
        "shadow_prices": {code: {"more": p.more, "less": p.less} for code, p in d.shadow_prices.items()},
        "proposed": {r.channel: r.proposed for r in d.rows},
    }  # fmt: skip
