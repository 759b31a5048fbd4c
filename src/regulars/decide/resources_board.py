"""The board of resources: what there is, which cells to serve with it, who gets how much of a meter, who waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from regulars import __version__
from regulars.decide.compute_demand import Demand, demands
from regulars.decide.fair_share import FairShare
from regulars.decide.resources_body import ALPHA, bins, cell_body, share_body, solve
from regulars.decide.resources_cells import Cell
from regulars.decide.resources_facts import Resource, Today, corrected, todays_cells, written_levels, written_resources
from regulars.decide.view import View
from regulars.tables import DECISIONS, why

HOUR: Final = 3600.0
LISTED: Final = 20
PAST: Final = 26
MADE_BY: Final = f"decide.resources/{__version__}"


@dataclass(frozen=True)
class ResourcesBoard:
    """``plan`` is None where nothing can be decided; ``conflict`` then names the wishes that cannot hold together.

    ``resources`` and ``cells`` are what the plan was made from, ``facts`` the cells before the owner's word on them
    (a page solves anew from them), ``units`` what every cell serves today, ``compute`` one entry a meter.
    """

    currency: str
    resources: tuple[dict[str, Any], ...]
    facts: tuple[dict[str, Any], ...]
    cells: tuple[dict[str, Any], ...]
    units: dict[str, float]
    levels: tuple[dict[str, Any], ...]
    plan: dict[str, Any] | None
    conflict: tuple[dict[str, Any], ...]
    problem: str
    compute: tuple[dict[str, Any], ...]
    decisions: pa.Table | None
    made_by: str = MADE_BY


def resources_board(view: View) -> ResourcesBoard | None:
    """The board of this turn; None while there is neither use nor sale nor a resource written down."""
    zone = getattr(view.settings, "tz", None) or ZoneInfo("UTC")
    today = view.now.astimezone(zone).date()
    asked = demands(view.facts, today)
    written = written_resources(view.book["resources"].to_pylist())
    resources = (*written, *_assumed(asked, written))
    people = _people(view)
    known = _cells(view, today, asked, resources, people)
    if not (written or asked or known.cells):
        return None
    cells = corrected(known.cells, view.book["cells"].to_pylist())
    offered = view.book["levels"].to_pylist()
    answer = solve(cells, resources, written_levels(offered), worth=len(cells) <= 60 and not offered)
    compute = tuple(_share(r, asked[r.meter], people, view) for r in resources if r.meter in asked)
    return ResourcesBoard(
        currency=view.settings.currency,
        resources=tuple(asdict(r) for r in resources),
        facts=tuple(cell_body(c) for c in known.cells),
        cells=tuple(cell_body(c) for c in cells),
        units=dict(known.units),
        levels=tuple(offered),
        plan=answer["plan"],
        conflict=tuple(answer["conflict"]),
        problem=answer["problem"],
        compute=compute,
        decisions=_decisions(view, known.units, answer["plan"], cells) if written and answer["plan"] else None,
    )


def _assumed(asked: dict[str, Demand], written: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """A meter whose capacity nobody wrote down: what was used in a usual week of late stands in."""
    known = {r.meter for r in written}
    rows = []
    for meter, demand in asked.items():
        if meter in known:
            continue
        past = _total_past(demand)[-8:]
        stem, hours = meter.removesuffix("_seconds"), meter.endswith("_seconds")
        code = f"{stem}_hours" if hours else meter
        per = HOUR if hours else 1.0
        if code not in {r.code for r in written}:
            rows.append(
                Resource(code, "", "hours" if hours else "", float(np.mean(past)) / per, meter, per, assumed=True)
            )
    return tuple(rows)


def _total_past(demand: Demand) -> list[float]:
    width = max(len(p.past) for p in demand.plans.values())
    rows = [np.pad(np.array(p.past), (width - len(p.past), 0)) for p in demand.plans.values()]
    return [float(v) for v in np.sum(rows, axis=0)]


def _people(view: View) -> pd.DataFrame:
    """Market, worth and chance to leave by customer; the worth is what the horizon is expected to bring."""
    known: pd.DataFrame = (
        view.people.select(["customer", "market"]).to_pandas().drop_duplicates("customer").set_index("customer")
    )
    scores = view.scores.select(["customer", "name", "value"]).to_pandas()
    for name in ("clv", "churn"):
        of = scores[scores["name"] == name].drop_duplicates("customer", keep="last").set_index("customer")["value"]
        known[name] = of.astype(float).reindex(known.index)
    return known


def _cells(
    view: View, today: date, asked: dict[str, Demand], resources: tuple[Resource, ...], people: pd.DataFrame
) -> Today:
    leaving = people.groupby("market")["churn"].mean().dropna().clip(0.0, 0.95)
    churn = {str(k): float(v) for k, v in leaving.items()}
    uses = {}
    for r in resources:
        if r.meter in asked:
            rows = asked[r.meter].customers
            market = rows["customer"].map(people["market"])
            uses[r.code] = {str(k): float(v) for k, v in (rows["demand"].groupby(market).sum() / r.per).items()}
    return todays_cells(view.facts, today, margin=view.settings.margin, currency=view.settings.currency, churn=churn,
                        uses=uses)  # fmt: skip


def _share(r: Resource, asked: Demand, people: pd.DataFrame, view: View) -> dict[str, Any]:
    """Who gets how much of one meter next week, in the resource's unit."""
    rows = asked.customers
    demand = rows["demand"].to_numpy(dtype=float) / r.per
    mine = people.reindex(rows["customer"])
    weeks = view.settings.horizon_days / 7
    worth = (mine["clv"].fillna(0.0).clip(lower=0.0).to_numpy() / weeks) / np.maximum(demand, 1e-12)
    urgency = 1.0 + mine["churn"].fillna(0.0).clip(0.0, 1.0).to_numpy()
    groups = rows["plan"].to_list()
    promise = min(r.guarantee, 1.0)
    guarantee = demand * promise
    # More was promised than there is: the promise itself is cut to what can be kept, and said so.
    kept = min(1.0, r.amount / guarantee.sum()) if guarantee.sum() > 0 else 1.0
    guarantee = guarantee * kept * (1 - 1e-12 if kept < 1 else 1.0)
    plan = FairShare(ALPHA[r.fairness]).decide(demand, r.amount, worth=worth, urgency=urgency, guarantee=guarantee)
    order = np.lexsort((rows["customer"].to_numpy(), -(plan.waiting * worth * urgency)))
    waits = [k for k in order.tolist() if plan.waiting[k] > 1e-6 * max(1.0, demand[k])][:LISTED]
    plans = {p: {"mean": o.mean / r.per, "low": o.low / r.per, "high": o.high / r.per, "seasonal": o.seasonal}
             for p, o in asked.plans.items()}  # fmt: skip
    return {
        "code": r.code, "meter": r.meter, "amount": r.amount, "fairness": r.fairness, "guarantee": r.guarantee,
        "kept": kept, "demand": float(demand.sum()), "forecast": plans,
        "past": [v / r.per for v in _total_past(asked)[-PAST:]], "share": share_body(plan, demand, groups),
        "first": [{"customer": rows["customer"][k], "plan": groups[k], "asked": float(demand[k]),
                   "got": float(plan.solution[k]), "worth": float(worth[k]), "urgency": float(urgency[k])}
                  for k in waits],
        "bins": bins(demand, worth, urgency, guarantee, groups),
    }  # fmt: skip


def _decisions(view: View, units: Mapping[str, float], plan: Mapping[str, Any], cells: tuple[Cell, ...]) -> pa.Table:
    """One row a cell, in units a week; no money: the gains of budget and actions count it already."""
    served = {s["code"]: s["units"] for s in plan["served"]}
    codes = [c.code for c in cells]
    reasons = [why(plan["why"] if c in served else (*plan["why"], "not_worth_serving")) for c in codes]
    return DECISIONS.fill(
        {
            "id": [f"{view.plan}#r#{c}"[:80] for c in codes],
            "plan": view.plan,
            "kind": "resource",
            "subject": [c[:100] for c in codes],
            "today": [units.get(c, 0.0) for c in codes],
            "proposed": [served.get(c, 0.0) for c in codes],
            "made_by": MADE_BY,
            "made_at": view.now,
            "lake_version": view.lake_version,
            "why": reasons,
        },
        len(codes),
    )
