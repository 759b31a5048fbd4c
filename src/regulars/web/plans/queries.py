"""Reads of plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from regulars.web.plans.models import Plan, PlanRow, Turn
from regulars.web.plans.services import PlanProblem


def left_out() -> list[str]:
    """Topics the last turn could not compute."""
    turn = Turn.objects.order_by("-ended_at").first()
    return list(turn.counts.get("failed", [])) if turn else []


def last_turn() -> datetime | None:
    """When the wheel turned last."""
    return Turn.objects.order_by("-now").values_list("now", flat=True).first()


def newest_plan() -> Plan | None:
    """The plan the owner should look at: the newest not superseded."""
    return Plan.objects.exclude(state="superseded").order_by("-made_at").first()


def approved_plans() -> list[str]:
    """Plans the owner said yes to, as a whole or row by row."""
    done = PlanRow.objects.filter(state__in=("approved", "done", "denied")).values("plan_id")
    approved = Plan.objects.filter(Q(state__in=("approved", "running", "measured")) | Q(uid__in=done))
    return list(approved.exclude(state="rejected").order_by("made_at").values_list("uid", flat=True))


def measured_plans(limit: int = 5) -> list[Plan]:
    """The newest plans whose result is known."""
    return list(Plan.objects.filter(state="measured").order_by("-made_at")[:limit])


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


def plan_waiting() -> dict[str, Any] | None:
    """The proposed plan with how many channels and people wait for a yes, and what they should earn."""
    plan = Plan.objects.filter(state="proposed").order_by("-made_at").first()
    if plan is None:
        return None
    rows = PlanRow.objects.filter(plan=plan, state="proposed").values("kind")
    sums = {r["kind"]: r for r in rows.annotate(n=Count("id"), value=Sum("value"), low=Sum("low"), high=Sum("high"))}
    return {"plan": plan, "budget": sums.get("budget"), "people": sums.get("next_best")}


def best_actions(uid: str, limit: int = 7) -> list[PlanRow]:
    """What is worth doing most, with the person's name."""
    rows = PlanRow.objects.filter(plan_id=uid, kind="next_best", state__in=("proposed", "approved"))
    return list(rows.select_related("person", "plan").order_by("-value", "id")[:limit])


def last_measured() -> Plan | None:
    """The newest plan whose result is known."""
    return Plan.objects.filter(realised__isnull=False).order_by("-made_at").first()


def next_action(person: str) -> PlanRow | None:
    """The newest thing proposed for one person."""
    rows = PlanRow.objects.filter(person_id=person, kind="next_best").select_related("plan")
    return rows.order_by("-plan__made_at", "-value").first()


def row(id: str) -> PlanRow | None:
    """One row of a plan with its person."""
    return PlanRow.objects.filter(id=id).select_related("plan", "person").first()
