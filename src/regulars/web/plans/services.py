"""Writes of plans: the owner's yes and no."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.plans.models import Plan, PlanRow


class PlanProblem(ValueError):
    """A plan that cannot be changed as asked: says why."""


def _open(uid: str) -> Plan:
    plan = Plan.objects.filter(uid=uid).first()
    if plan is None:
        raise PlanProblem(f"there is no plan {uid}")
    if plan.state != "proposed":
        raise PlanProblem(f"plan {uid} is {plan.state}; only a proposed plan can be decided on")
    return plan


def plan_approve(uid: str, by: str, user_id: int | None = None) -> int:
    """Approve a plan: every row not declined may now be done; returns how many.

    Nothing is sent or spent before this.
    """
    with transaction.atomic():
        plan = _open(uid)
        approved = PlanRow.objects.filter(plan=plan, state__in=("proposed", "approved")).update(state="approved")
        Plan.objects.filter(uid=uid, state="proposed").update(
            state="approved", approved_at=timezone.now(), approved_by_id=user_id
        )
        record(by, "plan_approve", uid, rows=approved)
    return approved


def plan_reject(uid: str, by: str) -> None:
    """Reject a plan; nothing of it will be done."""
    with transaction.atomic():
        _open(uid)
        Plan.objects.filter(uid=uid, state="proposed").update(state="rejected")
        record(by, "plan_reject", uid)


def row_approve(row: str, by: str) -> None:
    """Approve one row of a plan; its plan runs for the approved rows alone."""
    with transaction.atomic():
        changed = PlanRow.objects.filter(id=row, state__in=("proposed", "declined")).update(state="approved")
        if changed:
            record(by, "plan_row_approve", row)


def row_decline(row: str, by: str) -> None:
    """Decline one row of a plan; it will not be done, whatever happens to the rest."""
    with transaction.atomic():
        changed = PlanRow.objects.filter(id=row, state__in=("proposed", "approved")).update(state="declined")
        if changed:
            record(by, "plan_row_decline", row)


def row_reset(row: str, by: str) -> None:
    """Take back a yes or no that has not been acted on."""
    with transaction.atomic():
        changed = PlanRow.objects.filter(id=row, state__in=("declined", "approved")).update(state="proposed")
        if changed:
            record(by, "plan_row_reset", row)


def plans_supersede(newest: str) -> int:
    """A newer proposal replaces those nobody decided on; rows approved one by one stay approved."""
    return Plan.objects.filter(state="proposed").exclude(uid=newest).update(state="superseded")


def autopilot_approve(uid: str, actions: tuple[str, ...]) -> int:
    """Approve the rows the owner lets run by themselves; returns how many."""
    if not actions:
        return 0
    with transaction.atomic():
        rows = PlanRow.objects.filter(plan_id=uid, kind="next_best", subject__in=actions, state="proposed")
        approved = rows.update(state="approved")
        if approved:
            record("autopilot", "plan_row_approve", uid, rows=approved, actions=list(actions))
    return approved


def rows_decide(uid: str, action: str, verb: str, by: str) -> int:
    """Approve, decline or reset everybody of one action who was not decided on one by one; returns how many.

    A reset takes back only what has not been acted on.
    """
    rows = PlanRow.objects.filter(plan_id=uid, kind="next_best", subject=action)
    before, after = {
        "approve": (("proposed",), "approved"),
        "decline": (("proposed",), "declined"),
        "reset": (("approved", "declined"), "proposed"),
    }[verb]
    with transaction.atomic():
        changed = rows.filter(state__in=before).update(state=after)
        if changed:
            record(by, f"plan_rows_{verb}", uid, kind=action, rows=changed)
    return changed
