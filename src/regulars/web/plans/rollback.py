"""Going back to an earlier version of a plan: what was not sent yet is withdrawn, what was sent stays and is told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from regulars.web.audit.services import record
from regulars.web.outbox.queries import states_of_plan
from regulars.web.outbox.services import messages_withdraw
from regulars.web.plans.models import Plan, PlanRow, PlanVersion
from regulars.web.plans.quotas import quotas_renew
from regulars.web.plans.services import PlanProblem
from regulars.web.plans.versions import FIGURES, WHOLE, become, changed, state_at

OPEN = ("proposed", "approved", "running", "rejected")
PART = 500


@dataclass(frozen=True)
class Back:
    """What going back does: rows that change, messages taken out of the line, messages nobody can call back."""

    rows: int
    withdrawn: int
    gone: int


def looked_at(uid: str, number: int) -> Back:
    """What going back to a version would do; changes nothing."""
    plan, version = _known(uid, number)
    targets, waiting, gone = _targets(plan, version)
    figures = _figures(plan, version)
    rows = sum(len(ids) for ids in targets.values()) + len(figures)
    return Back(rows, len(waiting), gone)


def plan_rollback(uid: str, number: int, by: str) -> Back:
    """Put a plan back to how it stood in a version; that is a new version, so it can be undone as well.

    Messages still in line are withdrawn, messages that left are not undone and their rows stay done.
    Raises ``PlanProblem`` when there is no such version or the plan has been measured or replaced.
    """
    with transaction.atomic():
        plan, version = _known(uid, number)
        targets, waiting, gone = _targets(plan, version)
        figures = _figures(plan, version)

        def back(now: int) -> int:
            # A sender may have taken one in the meantime; what it holds is no longer ours to withdraw.
            messages_withdraw(waiting)
            done = 0
            for state, ids in targets.items():
                for at in range(0, len(ids), PART):
                    done += become(PlanRow.objects.filter(id__in=ids[at : at + PART]), state, now)
            for id, values in figures.items():
                done += PlanRow.objects.filter(id=id).update(**values)
            return done + _whole(plan, version.body, gone)

        done = changed(uid, by, "rollback", back, to=number, withdrawn=len(waiting), gone=gone)
        if done:
            quotas_renew(uid)
            record(by, "plan_rollback", uid, to=number, rows=done, withdrawn=len(waiting), gone=gone)
    return Back(done, len(waiting), gone)


def _known(uid: str, number: int) -> tuple[Plan, PlanVersion]:
    plan = Plan.objects.filter(uid=uid).first()
    version = PlanVersion.objects.filter(plan_id=uid, number=number).first()
    if plan is None or version is None:
        raise PlanProblem(f"plan {uid} has no version {number}")
    if plan.state not in OPEN:
        raise PlanProblem(f"plan {uid} is {plan.state}; only an open plan can go back")
    return plan, version


def _targets(plan: Plan, version: PlanVersion) -> tuple[dict[str, list[str]], list[int], int]:
    """Row ids by the state they go back to, the messages to withdraw, and how many cannot be called back."""
    messages = states_of_plan(plan.pk)
    rows = PlanRow.objects.filter(plan=plan).exclude(path="")
    targets: dict[str, list[str]] = defaultdict(list)
    waiting: list[int] = []
    gone = 0
    for id, person, subject, state, path in rows.values_list("id", "person_id", "subject", "state", "path"):
        target = state_at(path, state, version.number)
        if target in ("done", "denied") or target == state or (target == "approved" and state in ("done", "denied")):
            continue
        if state == "denied":
            continue
        own = messages.get((person, subject), []) if state == "done" else []
        if any(s not in ("queued", "holdout", "denied") for _id, s in own):
            gone += 1
            continue
        waiting += [m for m, s in own if s == "queued"]
        targets[target].append(id)
    # What came into the plan later, like a test an alarm asked for, is not done.
    late = PlanRow.objects.filter(plan=plan, person=None, state__in=("proposed", "approved"))
    known = version.body["rows"]
    targets["declined"] += [id for id in late.exclude(kind="next_best").values_list("id", flat=True) if id not in known]
    return targets, waiting, gone


def _figures(plan: Plan, version: PlanVersion) -> dict[str, dict[str, Any]]:
    """The rows whose figures differ from the version: id to the values they go back to."""
    names = [f for f in FIGURES if f != "state"]
    out = {}
    for row in PlanRow.objects.filter(plan=plan, person=None).exclude(kind="next_best").values("id", *names):
        kept = dict(zip(FIGURES, version.body["rows"].get(row["id"], ()), strict=False))
        if kept and any(kept[n] != row[n] for n in names):
            out[row["id"]] = {n: kept[n] for n in names}
    return out


def _whole(plan: Plan, body: dict[str, Any], gone: int) -> int:
    """The plan itself: open again where nothing left, running where something did."""
    values = {f: body[f] for f in WHOLE}
    if gone and values["state"] in ("proposed", "rejected"):
        values["state"] = "running"
    newer = Plan.objects.filter(made_at__gt=plan.made_at).exclude(pk=plan.pk).exists()
    if values["state"] == "proposed":
        values |= {"approved_at": None, "approved_by_id": None}
        values["state"] = "superseded" if newer else "proposed"
    return Plan.objects.filter(pk=plan.pk).update(**values)
