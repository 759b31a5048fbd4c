"""Reads of plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Sum

from regulars.web.plans.models import Plan, PlanRow, Turn
from regulars.web.plans.services import PlanProblem


def last_turn() -> datetime | None:
    """When the wheel turned last."""
    return Turn.objects.order_by("-now").values_list("now", flat=True).first()


def newest_plan() -> Plan | None:
    """The plan the owner should look at: the newest not superseded."""
    return Plan.objects.exclude(state="superseded").order_by("-made_at").first()


def newest_proposed() -> str:
    """The plan that waits for a yes; raises ``PlanProblem`` when none does."""
    uid = Plan.objects.filter(state="proposed").order_by("-made_at").values_list("uid", flat=True).first()
    if uid is None:
        raise PlanProblem("no plan waits for approval; run regulars loop to make one")
    return uid


def actions_summary(uid: str) -> list[dict[str, Any]]:
    """Per action and channel: how many people, and what it should earn."""
    return list(
        PlanRow.objects.filter(plan_id=uid, kind="next_best")
        .values("subject", "channel")
        .annotate(people=Count("id"), value=Sum("value"), low=Sum("low"), high=Sum("high"))
        .order_by("-value")
    )


def plan_whole(uid: str | None = None, *, limit: int = 20) -> dict[str, Any]:
    """A plan with its budget rows, its actions in sum and the best ones one by one."""
    plan = newest_plan() if uid is None else Plan.objects.filter(uid=uid).first()
    if plan is None:
        raise PlanProblem("there is no plan yet; run regulars loop" if uid is None else f"there is no plan {uid}")
    fields = ("id", "subject", "channel", "today", "proposed", "value", "low", "high", "why", "state")
    best = PlanRow.objects.filter(plan=plan, kind="next_best").order_by("-value", "id")[:limit]
    return {
        "plan": plan.uid,
        "state": plan.state,
        "currency": plan.currency,
        "made_at": plan.made_at,
        "lake_version": plan.lake_version,
        "memo": plan.memo,
        "predicted": plan.predicted,
        "predicted_low": plan.predicted_low,
        "predicted_high": plan.predicted_high,
        "realised": plan.realised,
        "realised_low": plan.realised_low,
        "realised_high": plan.realised_high,
        "budget": plan.budget,
        "budget_rows": list(PlanRow.objects.filter(plan=plan, kind="budget").order_by("subject").values(*fields)),
        "actions": actions_summary(plan.uid),
        "people": list(best.values(*fields, "person_id", "person__name")),
    }
