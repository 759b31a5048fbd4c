"""Decide, once: the curves, scores and outcomes of a turn become a plan to approve."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars import __version__
from regulars.decide.actions import ACTIONS
from regulars.decide.budget import Budget, BudgetDecision
from regulars.decide.curve_rows import read_curves, undecided
from regulars.decide.next_best import NextBest
from regulars.decide.result import Decision, InfeasibleError
from regulars.decide.uplift import Uplift, read_uplifts
from regulars.lake.frames import to_arrow
from regulars.tables import DECISIONS, why

WEEKS = 8
DRAWS = 400


class Wants(Protocol):
    """The settings that decide reads."""

    @property
    def margin(self) -> float:
        """Share of an order that stays."""
        ...

    @property
    def horizon_days(self) -> int:
        """Days that clv and expected orders look ahead."""
        ...

    @property
    def message_cost(self) -> int:
        """Minor units one message costs."""
        ...

    @property
    def weekly_budget(self) -> int:
        """Minor units a week over all channels; 0: the same as today."""
        ...


@dataclass(frozen=True)
class Proposal:
    """A plan to approve: the rows of the decisions table, the budget, the people, counts by action, and memo codes."""

    decisions: pa.Table
    budget: BudgetDecision | None
    people: Decision[pa.Table]
    actions: Mapping[str, Mapping[str, float]]
    uplifts: Mapping[str, Uplift]
    memo: tuple[str, ...]


def decide(
    people: Any,
    scores: Any,
    kpis: Any,
    outcomes: Any,
    *,
    now: datetime,
    settings: Wants,
    lake_version: str,
    plan_id: str,
) -> Proposal:
    """Propose the weekly budget and the next best action of every person.

    Takes the people, scores, KPIs and outcomes of the turn (any kind of table); answers rows of the decisions
    table with the ids ``<plan>#b#<channel>`` and ``<plan>#p#<customer>``. The same input gives the same rows.
    """
    memo: list[str] = []
    budget = _budget(to_arrow(kpis), now, settings, memo)
    uplifts = read_uplifts(outcomes, {a.code: a.prior for a in ACTIONS})
    rule = NextBest(
        margin=settings.margin, horizon_days=settings.horizon_days, channel_cost={"email": settings.message_cost}
    )
    best = rule.decide(_profiles(to_arrow(people), to_arrow(scores)), uplifts=uplifts)
    rows = best.solution
    if rows.num_rows:
        memo.append(f"people={rows.num_rows}")
        if not any(u.plans for u in uplifts.values()):
            memo.append("uplifts_assumed")
    memo.extend(best.why)
    stamp = {"plan": plan_id, "made_at": now, "lake_version": lake_version}
    parts = [_person_rows(rows, plan_id, stamp)]
    if budget is not None:
        parts.insert(0, _budget_rows(budget, plan_id, stamp))
        memo.append(f"gain={budget.gain.value:.0f}")
        memo.extend(budget.why)
    return Proposal(
        decisions=pa.concat_tables(parts),
        budget=budget,
        people=best,
        actions=_summary(rows),
        uplifts=uplifts,
        memo=tuple(dict.fromkeys(memo)),
    )


def _budget(kpis: pa.Table, now: datetime, settings: Wants, memo: list[str]) -> BudgetDecision | None:
    today, largest = weekly_spend(kpis, now)
    curves = read_curves(kpis, draws=DRAWS, level=today)
    if curves is None:
        memo.append("no_curves" if today else "no_spend_no_curves")
        return None
    # Money in a channel without a curve stays where it is: nothing is known that would move it.
    unknown = sorted(c for c in today if c not in curves.channels)
    held = sum(round(today[c]) for c in unknown)
    memo.extend(f"no_curve={c}" for c in unknown)
    here = [today.get(c, 0.0) for c in curves.channels]
    total = settings.weekly_budget - held if settings.weekly_budget else None
    if total is not None and total < 0:
        memo.append("budget_below_channels_without_curve")
        return None
    unsure = undecided(kpis)
    memo.extend(f"data_did_not_decide={c}" for c in curves.channels if c in unsure)
    seen = [math.ceil(largest.get(c, 0.0)) for c in curves.channels]
    try:
        return Budget(total=total).decide(curves, here, largest_seen=seen, unproven=unsure)
    except InfeasibleError as error:
        memo.extend(f"conflict={w.code}" for w in error.conflict)
        return None


def weekly_spend(kpis: pa.Table, now: datetime) -> tuple[dict[str, float], dict[str, float]]:
    """Mean weekly spend of each channel over the last eight complete weeks, and the largest week ever seen.

    Reads the KPI rows ``spend`` of grain week with a channel, all markets; a week without a row is a week without
    spend. A history shorter than eight weeks is averaged over the weeks it has.
    """
    mask = pc.and_(pc.equal(kpis.column("name"), "spend"), pc.equal(kpis.column("grain"), "week"))
    mask = pc.and_(mask, pc.and_(pc.is_valid(kpis.column("channel")), pc.is_null(kpis.column("market"))))
    rows = kpis.filter(mask).select(["channel", "day", "value", "made_at"]).sort_by("made_at")
    newest: dict[tuple[str, Any], float] = {}
    for channel, day, value in zip(*(rows.column(c).to_pylist() for c in ("channel", "day", "value")), strict=True):
        if value is not None and day + timedelta(days=7) <= now.date():
            newest[channel, day] = value
    if not newest:
        return {}, {}
    days = sorted({d for _, d in newest})
    last = days[-1]
    first = max(days[0], last - timedelta(weeks=WEEKS - 1))
    count = (last - first).days // 7 + 1
    today: dict[str, float] = {}
    largest: dict[str, float] = {}
    for (channel, day), value in newest.items():
        largest[channel] = max(largest.get(channel, 0.0), value)
        today[channel] = today.get(channel, 0.0) + (value / count if day >= first else 0.0)
    return today, largest


def _profiles(people: pa.Table, scores: pa.Table) -> pa.Table:
    """One row a person with the scores that next best reads; null where there is none."""
    keys = people.column("customer").combine_chunks().cast(pa.string())
    names = scores.column("name")

    def score(name: str, column: str = "value") -> tuple[Any, Any]:
        rows = scores.filter(pc.equal(names, name)).sort_by("made_at")
        at = pc.index_in(rows.column("customer").combine_chunks().cast(keys.type), value_set=keys)
        return np.asarray(at.fill_null(-1)), rows.column(column).combine_chunks()

    def figures(name: str, column: str = "value") -> Any:
        at, values = score(name, column)
        out = np.full(people.num_rows, np.nan)
        out[at[at >= 0]] = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))[at >= 0]
        return out

    at, labels = score("activity", "label")
    place = np.full(people.num_rows, -1, dtype=np.int64)
    place[at[at >= 0]] = np.flatnonzero(at >= 0)
    activity = labels.take(pa.array(place, mask=place < 0))
    orders, spent = figures("orders"), figures("spent")
    return pa.table(
        {
            "customer": keys,
            "activity": activity,
            "email_ok": people.column("email_ok"),
            "aov": np.divide(spent, orders, out=np.full(len(orders), np.nan), where=orders > 0),
            "clv": figures("clv"),
            "clv_low": figures("clv", "low"),
            "clv_high": figures("clv", "high"),
            "p_alive": figures("p_alive"),
            "expected_orders": figures("expected_orders"),
        }
    )


def _budget_rows(budget: BudgetDecision, plan: str, stamp: dict[str, Any]) -> pa.Table:
    rows = budget.rows
    return DECISIONS.fill(
        {
            "id": [f"{plan}#b#{r.channel}" for r in rows],
            "kind": "budget",
            "subject": [r.channel for r in rows],
            "channel": [r.channel for r in rows],
            "today": [float(r.today) for r in rows],
            "proposed": [float(r.proposed) for r in rows],
            "value": [r.gain.value for r in rows],
            "low": [r.gain.low for r in rows],
            "high": [r.gain.high for r in rows],
            "made_by": f"decide.budget/{__version__}",
            "why": [why(r.why) for r in rows],
            **stamp,
        },
        len(rows),
    )


def _person_rows(rows: pa.Table, plan: str, stamp: dict[str, Any]) -> pa.Table:
    return DECISIONS.fill(
        {
            "id": pc.binary_join_element_wise(f"{plan}#p#", rows.column("customer"), ""),
            "kind": "next_best",
            "customer": rows.column("customer"),
            "subject": rows.column("action"),
            "channel": rows.column("channel"),
            "value": rows.column("value"),
            "low": rows.column("low"),
            "high": rows.column("high"),
            "made_by": f"decide.next_best/{__version__}",
            "why": rows.column("why"),
            **stamp,
        },
        rows.num_rows,
    )


def _summary(rows: pa.Table) -> Mapping[str, Mapping[str, float]]:
    """Counts and money by action."""
    out = {}
    for action, people, value in zip(
        *rows.group_by("action").aggregate([("customer", "count"), ("value", "sum")]).columns, strict=True
    ):
        out[action.as_py()] = {"people": float(people.as_py()), "value": value.as_py()}
    return dict(sorted(out.items(), key=lambda kv: -kv[1]["value"]))
