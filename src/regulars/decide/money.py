"""The weekly budget of a turn: what was spent, what it should be, and the rows of the plan that say so."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars import __version__
from regulars.decide.budget import BudgetDecision, Group
from regulars.decide.budget_input import BudgetInput
from regulars.decide.budget_money import in_money
from regulars.decide.curve_rows import (
    AT,
    carry_overs,
    cell_of,
    channel_of,
    objective_weights,
    read_curves,
    undecided,
)  # fmt: skip
from regulars.decide.curves import Curves
from regulars.decide.explore import explored, opened
from regulars.decide.result import InfeasibleError
from regulars.decide.wants import Wants
from regulars.tables import DECISIONS, why

WEEKS = 8
DRAWS = 200


def weekly_budget(
    kpis: pa.Table, now: datetime, settings: Wants, memo: list[str], limits: pa.Table | None = None,
    aims: pa.Table | None = None,
) -> BudgetDecision | None:  # fmt: skip
    """Split the weekly budget over the channels with a curve, as the owner's limits and aim say (``tables.DECIDING``).

    ``memo`` is told what stands in the way, a conflict of the owner's wishes included.
    """
    asked = budget_input(kpis, now, settings, limits, memo, aims)
    if asked is None:
        return None
    try:
        best = asked.best(asked.objective, asked.risk)
        # moving towards one draw is for who goes by the mean: the cautious do not try their luck
        return in_money(asked, explored(asked.counted(), best, now) if asked.risk is None else best)
    except InfeasibleError as error:
        memo.extend(f"conflict={w.code}" for w in error.conflict)
        return None


def budget_input(
    kpis: pa.Table, now: datetime, settings: Wants, limits: pa.Table | None = None, memo: list[str] | None = None,
    aims: pa.Table | None = None,
) -> BudgetInput | None:  # fmt: skip
    """What the weekly split is decided on; None, with the reason in ``memo``, where there is nothing to decide."""
    memo = [] if memo is None else memo
    today, largest = weekly_spend(kpis, now)
    cells, largest_cells = weekly_spend(kpis, now, markets=True)
    curves = read_curves(kpis, draws=DRAWS, level=cells | today)
    if curves is not None:
        today, largest = _by_cell(curves.channels, (today, cells), (largest, largest_cells))
    if curves is None:
        memo.append("no_curves" if today else "no_spend_no_curves")
        return None
    # Money in a channel without a curve stays where it is: nothing is known that would move it.
    held = {c: round(today[c]) for c in sorted(today) if c not in curves.channels}
    memo.extend(f"no_curve={c}" for c in held)
    total = settings.weekly_budget - sum(held.values()) if settings.weekly_budget else None
    if total is not None and total < 0:
        memo.append("budget_below_channels_without_curve")
        return None
    unsure = undecided(kpis)
    memo.extend(f"data_did_not_decide={c}" for c in curves.channels if c in unsure)
    low, high, frozen, groups = _owners(limits, curves.channels)
    asked = BudgetInput(
        curves=curves,
        today=tuple(round(today.get(c, 0.0)) for c in curves.channels),
        seen=tuple(math.ceil(largest.get(c, 0.0)) for c in curves.channels),
        unproven=unsure & set(curves.channels),
        total=total, low=low, high=high, frozen=frozen, held=held, carry_over=carry_overs(kpis),
        weights=objective_weights(kpis, curves.channels), groups=groups,
    )  # fmt: skip
    asked = opened(asked, _of_curves(limits, curves), sum(asked.today) if total is None else total, weeks_tried(kpis))
    return _aimed(asked, aims, memo)


def _aimed(asked: BudgetInput, aims: pa.Table | None, memo: list[str]) -> BudgetInput:
    """The question with what the owner wants; contribution where another objective is not known for every channel."""
    row = aims.to_pylist()[0] if aims is not None and aims.num_rows else {"objective": None, "risk": None}
    wanted = row["objective"] or "contribution"
    if wanted != "contribution" and wanted not in asked.weights:
        memo.append(f"objective_unknown={wanted}")
        wanted = "contribution"
    if row["risk"] is not None and np.atleast_2d(asked.curves.worth).shape[0] > 1:
        return replace(asked, objective=wanted, risk=float(row["risk"]))
    return replace(asked, objective=wanted)


def _by_cell(
    names: tuple[str, ...], spends: tuple[dict[str, float], dict[str, float]],
    largest: tuple[dict[str, float], dict[str, float]],
) -> tuple[dict[str, float], dict[str, float]]:  # fmt: skip
    """Spend and the largest week by channel, and by channel and market where the curves are; the rest stays whole."""
    today, most = dict(spends[0]), dict(largest[0])
    for cell in (c for c in names if AT in c):
        today[cell], most[cell] = spends[1].get(cell, 0.0), largest[1].get(cell, 0.0)
        channel = channel_of(cell)
        today[channel] = today.get(channel, 0.0) - today[cell]
    return {c: v for c, v in today.items() if c in names or v >= 1}, most


def _of_curves(limits: pa.Table | None, curves: Curves) -> pa.Table | None:
    """The limits that may name channels without a curve: a new one is thought of like the others if these are alike."""
    alike = curves.shape.ndim == 0 and len(set(curves.forms)) == 1 and not any(AT in c for c in curves.channels)
    if limits is None or alike:
        return limits
    return limits.filter(pc.is_in(limits.column("channel"), value_set=pa.array(curves.channels, pa.string())))


def _owners(
    limits: pa.Table | None, channels: tuple[str, ...]
) -> tuple[dict[str, int], dict[str, int], frozenset[str], tuple[Group, ...]]:
    """The owner's limits of channels that have a curve; of the others nothing is moved anyway.

    A limit of a channel whose curves are by market is one of the sum over its markets.
    """
    every = [] if limits is None else limits.to_pylist()
    rows = [r for r in every if r["channel"] in channels]
    frozen, groups = {r["channel"] for r in rows if r["frozen"]}, []
    for r in every:
        own = [c for c in channels if AT in c and channel_of(c) == r["channel"]]
        if own and r["frozen"]:
            frozen.update(own)
        elif own and (r["low"] or r["high"] is not None):
            groups.append(Group(r["channel"], own, low=r["low"] or None, high=r["high"]))
    low = {r["channel"]: round(r["low"]) for r in rows if r["low"] is not None and r["low"] > 0}
    high = {r["channel"]: round(r["high"]) for r in rows if r["high"] is not None}
    return low, high, frozenset(frozen), tuple(groups)


def weeks_tried(kpis: pa.Table) -> dict[str, int]:
    """In how many weeks each channel had spend."""
    mask = pc.and_(pc.equal(kpis.column("name"), "spend"), pc.equal(kpis.column("grain"), "week"))
    mask = pc.and_(pc.and_(mask, pc.is_null(kpis.column("market"))), pc.greater(kpis.column("value"), 0.0))
    rows = kpis.filter(pc.and_(mask, pc.is_valid(kpis.column("channel"))))
    days = rows.group_by("channel").aggregate([("day", "count_distinct")])
    return dict(zip(days["channel"].to_pylist(), days["day_count_distinct"].to_pylist(), strict=True))


def weekly_spend(
    kpis: pa.Table, now: datetime, *, markets: bool = False
) -> tuple[dict[str, float], dict[str, float]]:  # fmt: skip
    """Mean weekly spend of each channel over the last eight complete weeks, and the largest week ever seen.

    Reads the KPI rows ``spend`` of grain week with a channel, all markets (with ``markets`` those of each, by
    ``channel@market``); a week without a row is a week without spend. A history shorter than eight weeks is averaged
    over the weeks it has.
    """
    mask = pc.and_(pc.equal(kpis.column("name"), "spend"), pc.equal(kpis.column("grain"), "week"))
    of = pc.is_valid(kpis.column("market")) if markets else pc.is_null(kpis.column("market"))
    mask = pc.and_(mask, pc.and_(pc.is_valid(kpis.column("channel")), of))
    rows = kpis.filter(mask).select(["channel", "market", "day", "value", "made_at"]).sort_by("made_at")
    newest: dict[tuple[str, Any], float] = {}
    for channel, market, day, value in zip(
        *(rows.column(c).to_pylist() for c in ("channel", "market", "day", "value")), strict=True
    ):
        if value is not None and day + timedelta(days=7) <= now.date():
            newest[cell_of(channel, market), day] = value
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


def budget_rows(budget: BudgetDecision, plan: str, stamp: dict[str, Any]) -> pa.Table:
    """The rows of the decisions table, one a channel."""
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
