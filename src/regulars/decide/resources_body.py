"""The plan of the resources as plain values a page can draw, and solved anew from them in the page's own process."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, Final

import numpy as np

from regulars.decide.fair_share import FairShare, ShareDecision
from regulars.decide.resources import QUICK, ResourceAllocator, ResourceDecision
from regulars.decide.resources_cells import Cell, Level
from regulars.decide.resources_facts import Resource
from regulars.decide.result import InfeasibleError

ALPHA: Final = {"worth": 0.0, "balanced": 1.0, "equal": math.inf}
EXACT: Final = 60
BINS: Final = 200
_CELL: Final = tuple(f.name for f in fields(Cell))


def cell_body(cell: Cell) -> dict[str, Any]:
    """A cell as plain values; what has no end is null."""
    return {k: None if isinstance(v, float) and math.isinf(v) else v for k, v in asdict(cell).items()}


def cell_of(body: Mapping[str, Any]) -> Cell:
    """A cell from its plain values."""
    given = {k: v for k, v in body.items() if k in _CELL and v is not None}
    return Cell(**(given | {"segments": tuple(body["segments"]), "effects": tuple(body["effects"])}))


def plan_body(
    plan: ResourceDecision, limits: Mapping[str, float], tenth: Mapping[str, tuple[float, float]]
) -> dict[str, Any]:
    """The plan's money, open cells and, for every resource, what is used, whether it binds, its worth and range."""
    rows = []
    for code, limit in limits.items():
        price, far = plan.shadow_prices.get(code), plan.ranging.get(code)
        loss, gain = tenth.get(code, (None, None))
        rows.append({
            "code": code, "amount": _end(limit), "used": plan.used.get(code, 0.0), "binds": price is not None,
            "more": _end(price.more) if price else 0.0, "less": _end(price.less) if price else 0.0,
            "low": _end(far.low) if far else None, "high": _end(far.high) if far else None,
            "tenth_more": _end(gain), "tenth_less": _end(loss),
        })  # fmt: skip
    others = [c for c in plan.binding if c not in limits]
    return {
        "value": plan.value, "bound": plan.bound, "gap": plan.gap, "resources": rows, "others": others,
        "served": [{**asdict(s), "code": s.code} for s in plan.served], "signed": list(plan.signed),
        "why": list(plan.why),
    }  # fmt: skip


def solve(
    cells: Sequence[Cell],
    resources: Sequence[Resource],
    levels: Mapping[str, Sequence[Level]] | None = None,
    *,
    worth: bool = False,
) -> dict[str, Any]:
    """The ``plan`` of the cells under these resources, or the ``conflict`` or ``problem`` that stands in its way.

    What cells use of a resource that nobody wrote down is plenty.
    """
    limits = {r.code: r.amount for r in resources}
    if not cells or not limits:
        return {"plan": None, "conflict": [], "problem": ""}
    known = [replace(c, uses={k: v for k, v in c.uses.items() if k in limits}) for c in cells]
    labels = {r.code: r.name for r in resources if r.name}
    choices = levels or {}
    gap = None if len(known) * math.prod(len(c) for c in choices.values()) <= EXACT else QUICK
    allocator = ResourceAllocator(limits, choices, labels, gap)
    try:
        plan = allocator.decide(known)
        tenth = allocator.worth(known) if worth else {}
    except InfeasibleError as error:
        wishes = [{"code": w.code, "label": w.label, "amount": w.amount} for w in error.conflict]
        return {"plan": None, "conflict": wishes, "problem": ""}
    except ValueError as error:
        return {"plan": None, "conflict": [], "problem": str(error)}
    return {"plan": plan_body(plan, limits, tenth), "conflict": [], "problem": ""}


def share_body(plan: ShareDecision, demand: Any, groups: Sequence[str]) -> dict[str, Any]:
    """What every group (plan) asks, gets and waits for, and what one unit more of capacity earns."""
    names = np.asarray(groups, dtype=object)
    rows = []
    for name in sorted(set(groups)):
        at = names == name
        asked, got = float(demand[at].sum()), float(plan.solution[at].sum())
        late = plan.waiting[at] > 1e-6 * np.maximum(1.0, demand[at])
        rows.append({"plan": name, "asked": asked, "got": got, "fill": got / asked if asked else 1.0,
                     "customers": int(at.sum()), "waiting": int(late.sum())})  # fmt: skip
    return {"plans": rows, "more": plan.next_unit.more, "less": plan.next_unit.less, "earned": plan.earned,
            "gap": plan.gap, "waiting": sum(r["waiting"] for r in rows)}  # fmt: skip


def bins(demand: Any, worth: Any, urgency: Any, guarantee: Any, groups: Sequence[str]) -> dict[str, list[Any]]:
    """Customers with nearly the same value of a unit together, at most ``BINS`` rows, for a page to share out anew."""
    names = np.asarray(groups, dtype=object)
    order = np.lexsort((worth * urgency, names.astype(str)))
    size = -(-len(order) // BINS)
    rows: list[Any] = []
    for name in sorted(set(groups)):
        mine = order[names[order] == name]
        rows += np.array_split(mine, max(1, -(-len(mine) // size)))

    def mean(values: Any) -> list[float]:
        return [float(np.average(values[r], weights=np.maximum(demand[r], 1e-12))) for r in rows]

    return {
        "plan": [str(names[r[0]]) for r in rows], "customers": [len(r) for r in rows],
        "demand": [float(demand[r].sum()) for r in rows], "worth": mean(worth), "urgency": mean(urgency),
        "guarantee": [float(guarantee[r].sum()) for r in rows],
    }  # fmt: skip


def share_again(compute: Mapping[str, Any], capacity: float, fairness: str) -> dict[str, Any]:
    """Share a meter out anew from the bins of its body."""
    b = compute["bins"]
    demand = np.array(b["demand"])
    plan = FairShare(ALPHA[fairness]).decide(demand, capacity, worth=b["worth"], urgency=b["urgency"],
                                             guarantee=b["guarantee"], names=b["plan"])  # fmt: skip
    body = share_body(plan, demand, b["plan"])
    late = plan.waiting > 1e-6 * np.maximum(1.0, demand)
    people = np.array(b["customers"])
    for row in body["plans"]:
        at = np.array([p == row["plan"] for p in b["plan"]])
        row["customers"], row["waiting"] = int(people[at].sum()), int(people[at & late].sum())
    return {**body, "waiting": sum(r["waiting"] for r in body["plans"])}


def _end(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
