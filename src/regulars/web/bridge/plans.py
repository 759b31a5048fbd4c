"""Plans: from the decisions of a turn to rows the owner can say yes to, and back."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django.db import transaction

from regulars import tables
from regulars.web.bridge.bulk import upsert
from regulars.web.people.models import Person
from regulars.web.plans.models import Plan, PlanRow, PlanVersion
from regulars.web.plans.services import plans_supersede
from regulars.web.plans.versions import FIGURES, first, state_at

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Versions that may move money.
MOVING = ("split", "replan", "rollback")

if TYPE_CHECKING:
    from regulars.decide.plan import Plan as DecidedPlan
    from regulars.decide.turn import Proposal
    from regulars.lake import Lake


def plan_store(proposal: Proposal, uid: str, *, currency: str, lake_version: str, now: datetime) -> bool:
    """Keep a proposal for the owner; returns False when this plan is already there."""
    rows = proposal.decisions.to_pylist()
    with transaction.atomic():
        if Plan.objects.filter(uid=uid).exists():
            return False
        known = set(Person.objects.values_list("key", flat=True))
        rows = [r for r in rows if r["customer"] is None or r["customer"] in known]
        Plan.objects.create(
            uid=uid,
            currency=currency,
            made_at=now,
            lake_version=lake_version[:300],
            memo=list(proposal.memo),
            budget=plain(proposal.budget),
            predicted=_total(rows, "value"),
            predicted_low=_total(rows, "low"),
            predicted_high=_total(rows, "high"),
        )
        upsert(
            PlanRow,
            ("id", "plan_id", "kind", "person_id", "subject", "channel", "today", "proposed", "value", "low", "high",
             "why", "made_by", "state", "path"),
            (
                (r["id"], uid, r["kind"], r["customer"], r["subject"], r["channel"] or "", _whole(r["today"]),
                 _whole(r["proposed"]), _whole(r["value"]), _whole(r["low"]), _whole(r["high"]), r["why"] or "",
                 r["made_by"][:100], "proposed", "")
                for r in rows
            ),
            key=("id",),
            update=(),
        )  # fmt: skip
        first(Plan.objects.get(uid=uid))
        plans_supersede(uid)
    return True


def approved_decisions(plan: Plan) -> pa.Table:
    """The approved next best actions of a plan that wait to be done, in the shape of the lake's decisions."""
    rows = PlanRow.objects.filter(plan=plan, kind="next_best", state="approved").values_list(
        "id", "person_id", "subject", "channel", "value", "low", "high", "why", "made_by"
    )
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * 9
    names = ("id", "customer", "subject", "channel", "value", "low", "high", "why", "made_by")
    given: dict[str, Any] = {n: list(c) for n, c in zip(names, columns, strict=True)}
    return tables.DECISIONS.fill(
        {**given, "plan": plan.uid, "kind": "next_best", "made_at": plan.made_at, "lake_version": plan.lake_version},
        rows=len(columns[0]),
    )


def revised_append(store: Lake) -> int:
    """Write splits the owner changed since the last turn into the lake, so that measuring holds spend against them.

    The rows keep their ids and get the moment of their version; what was written is not written again.
    """
    mark = store.watermark("decisions", "plan") or 0
    since = EPOCH + timedelta(microseconds=mark)
    found = PlanVersion.objects.filter(what__in=MOVING, at__gt=since).select_related("plan").order_by("at")
    for version in found:
        rows = {r.id: r for r in PlanRow.objects.filter(plan=version.plan, kind="budget")}
        kept = [(id, dict(zip(FIGURES, r, strict=True))) for id, r in version.body["rows"].items() if id in rows]
        if not kept:
            continue
        figures = {n: [r[n] for _id, r in kept] for n in FIGURES if n != "state"}
        names = [rows[id].subject for id, _r in kept]
        table = tables.DECISIONS.fill(
            {**figures, "id": [id for id, _r in kept], "subject": names, "channel": names, "kind": "budget",
             "plan": version.plan_id, "made_at": max(version.at, version.plan.made_at), "made_by": "owner",
             "lake_version": version.plan.lake_version}, len(kept),
        )  # fmt: skip
        store.append("decisions", table, "plan", (version.at - EPOCH) // timedelta(microseconds=1))
    return len(found)


def plan_whole(plan: Plan, version: PlanVersion | None = None) -> DecidedPlan:
    """A plan of the book as the one object deciding knows, as it stands or as it stood in a version."""
    from regulars.decide.plan import Plan as Whole
    from regulars.decide.result import Estimate

    names = ("id", "kind", "person_id", "subject", "channel", "today", "proposed", "value", "low", "high", "why",
             "made_by", "state", "path")  # fmt: skip
    rows = [list(r) for r in PlanRow.objects.filter(plan=plan).order_by("id").values_list(*names)]
    budget, memo, number = plan.budget, plan.memo, plan.version
    if version is not None:
        budget, memo, number = version.body["budget"], version.body["memo"], version.number
        for row in rows:
            row[12] = state_at(row[13], row[12], number)
            kept = version.body["rows"].get(row[0])
            if kept:
                row[5:11], row[12] = kept[:6], kept[6]
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * len(names)
    given: dict[str, Any] = {n: list(c) for n, c in zip(names[:12], columns, strict=False)}
    given["customer"] = given.pop("person_id")
    table = tables.DECISIONS.fill(
        {**given, "plan": plan.uid, "made_at": plan.made_at, "lake_version": plan.lake_version}, rows=len(rows)
    )
    gain = (budget or {}).get("gain") or {}
    return Whole.read(
        table.append_column("state", pa.array(columns[12], pa.string())), plan.uid, version=number, memo=tuple(memo),
        gain=Estimate(gain["value"], gain["low"], gain["high"]) if gain.get("low") is not None else None,
        realised=Estimate(plan.realised, plan.realised_low, plan.realised_high) if plan.realised is not None else None,
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A frozen result as plain JSON: what a page shows and a person can check."""
    import numpy as np

    if is_dataclass(value) and not isinstance(value, type):
        return {k: plain(v) for k, v in asdict(value).items()}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value.tolist()]
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int | float | str | bool | None) else str(value)


def _whole(value: float | None) -> int | None:
    return None if value is None or value != value else round(value)


def _total(rows: list[dict[str, Any]], name: str) -> int:
    """Money and people: other rows count over terms of their own, or what these two count already."""
    return sum(_whole(r[name]) or 0 for r in rows if r["kind"] in ("budget", "next_best"))
