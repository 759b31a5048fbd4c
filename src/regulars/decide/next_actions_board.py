"""Who should hear from us, who should not and why, what more contacts are worth, and what other policies earn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.decide.contact_log import PolicyBoard, contact_log, judge
from regulars.decide.contact_rules import CALL_COST, EXPLORE
from regulars.decide.next_best import NextBestDecision
from regulars.decide.next_best_lot import LotBoard, judge_lot, lot_log
from regulars.decide.view import View

SHOWN = 60


@dataclass(frozen=True)
class Group:
    """One action through one channel: how many people, what they should bring, with the 90 % interval.

    ``basis``: where its uplift is from, a reason code: ``prior_uplift`` (assumed), ``measured_uplift`` or
    ``own_uplift`` (learnt person by person), with its figure where it is one for all.
    """

    action: str
    channel: str
    people: int
    value: float
    low: float
    high: float
    basis: str = ""


@dataclass(frozen=True)
class Bound:
    """One limit or minimum: what it allows or asks and what is used.

    ``more`` is what one unit more would earn, None while it is slack; ``tight`` where one more cannot be had at all.
    """

    code: str
    most: float
    used: float
    more: float | None
    less: float | None
    tight: bool = False


@dataclass(frozen=True)
class Someone:
    """One person of the sample, with what would come next."""

    customer: str
    action: str
    channel: str
    value: float
    low: float
    high: float
    alternative: str
    alternative_value: float
    explored: bool
    why: str


@dataclass(frozen=True)
class NextActionsBoard:
    """``left`` are people who get nothing by reason, ``unreached`` people without consent by channel."""

    plan: str
    people: int
    chosen: int
    value: float
    low: float
    high: float
    gap: float
    groups: tuple[Group, ...]
    left: tuple[tuple[str, int], ...]
    unreached: tuple[tuple[str, int], ...]
    limits: tuple[Bound, ...]
    sample: tuple[Someone, ...]
    explored: int
    share: float
    costs: tuple[tuple[str, float], ...]
    policies: PolicyBoard | None
    lot: LotBoard | None = None
    unmet: tuple[str, ...] = ()
    made_by: str = "next_best/3"


def next_actions_board(view: View) -> NextActionsBoard | None:
    """The board of this turn; None while nobody is known."""
    best = view.best
    if not isinstance(best, NextBestDecision) or not best.people:
        return None
    rows = best.solution
    groups = _groups(rows)
    total = sum(g.value for g in groups)
    # Within one action everybody's uplift errs together; different actions err on their own.
    down = float(np.sqrt(sum((g.value - g.low) ** 2 for g in groups)))
    up = float(np.sqrt(sum((g.high - g.value) ** 2 for g in groups)))
    limits = tuple(
        Bound(code, most, used, *_price(best.shadow_prices.get(code)), tight=_tight(best.shadow_prices.get(code)))
        for code, (most, used) in best.limits.items()
    )
    rules = {(r["kind"], r["name"] or ""): r["amount"] for r in view.book["contact_rules"].to_pylist()}
    cost = float(getattr(view.settings, "message_cost", 0))
    log = contact_log(view.facts, now=view.now, currency=getattr(view.settings, "currency", ""))
    return NextActionsBoard(
        view.plan, best.people, rows.num_rows, total, total - down, total + up, best.gap, groups,
        tuple(sorted(best.left.items(), key=lambda kv: -kv[1])), tuple(sorted(best.unreached.items())), limits,
        _sample(rows), best.explored, float(rules.get(("explore", ""), EXPLORE) or 0.0),
        (("email", cost), ("phone", float(rules.get(("cost", "phone")) or CALL_COST))),
        judge(log, margin=float(view.settings.margin), cost=cost) if len(log) else None,
        judge_lot(lot_log(view.facts, log), margin=float(view.settings.margin), cost=cost) if len(log) else None,
        tuple(w.removeprefix("unmet=") for w in best.why if w.startswith("unmet=")),
    )  # fmt: skip


def _price(price: Any) -> tuple[float | None, float | None]:
    if price is None:
        return None, None
    more, less = float(price.more), float(price.less)
    return more if np.isfinite(more) else None, less if np.isfinite(less) else None


def _tight(price: Any) -> bool:
    return price is not None and not np.isfinite(price.more)


def _groups(rows: pa.Table) -> tuple[Group, ...]:
    sums = rows.group_by(["action", "channel"]).aggregate(
        [("customer", "count"), ("value", "sum"), ("low", "sum"), ("high", "sum"), ("why", "min")]
    )
    found = [
        Group(r["action"], r["channel"], r["customer_count"], r["value_sum"], r["low_sum"], r["high_sum"],
              _basis(r["why_min"]))
        for r in sums.to_pylist()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda g: (-g.value, g.action, g.channel)))


def _basis(why: str) -> str:
    """The reason of the uplift among the reasons of a row; one person's own figure stands for nobody else."""
    codes = [c for c in (why or "").split(";") if c.partition("=")[0].endswith("_uplift")]
    return "own_uplift" if not codes or codes[0].startswith("own_") else codes[0]


def _sample(rows: pa.Table) -> tuple[Someone, ...]:
    """The most valuable of every action and channel, as many of each."""
    if not rows.num_rows:
        return ()
    both = pc.binary_join_element_wise(rows.column("action"), rows.column("channel"), "@")
    names = pc.unique(both).to_pylist()
    each = max(3, SHOWN // len(names))
    parts = [rows.filter(pc.equal(both, name)).slice(0, each) for name in names]
    top = pa.concat_tables(parts).sort_by([("value", "descending"), ("customer", "ascending")])
    keep = ("customer", "action", "channel", "value", "low", "high", "alternative", "alternative_value", "explored",
            "why")  # fmt: skip
    return tuple(Someone(**r) for r in top.select(keep).to_pylist())
