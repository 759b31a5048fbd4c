"""Writes of plans: the owner's yes and no, each a version of the plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.plans.models import Plan, PlanRow, PlanVersion
from regulars.web.plans.quotas import quotas_renew
from regulars.web.plans.versions import become, changed

WEEK = timedelta(days=7)


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

    Nothing is sent or spent before this. What it allows is in force from now on for a week.
    """
    with transaction.atomic():
        plan = _open(uid)
        approved = PlanRow.objects.filter(plan=plan, state__in=("proposed", "approved")).count()

        def approve(number: int) -> int:
            become(PlanRow.objects.filter(plan=plan, state="proposed"), "approved", number)
            return Plan.objects.filter(uid=uid, state="proposed").update(
                state="approved", approved_at=timezone.now(), approved_by_id=user_id
            )

        changed(uid, by, "approve", approve, decisions=approved)
        quotas_renew(uid)
        record(by, "plan_approve", uid, rows=approved)
    return approved


def plan_reject(uid: str, by: str) -> None:
    """Reject a plan; nothing of it will be done."""
    with transaction.atomic():
        _open(uid)
        changed(uid, by, "reject", lambda _n: Plan.objects.filter(uid=uid, state="proposed").update(state="rejected"))
        record(by, "plan_reject", uid)


def _row(row: str, by: str, before: tuple[str, ...], after: str, verb: str) -> None:
    with transaction.atomic():
        uid = PlanRow.objects.filter(id=row, state__in=before).values_list("plan_id", flat=True).first()
        if uid is None:
            return

        def step(number: int) -> int:
            return become(PlanRow.objects.filter(id=row, state__in=before), after, number)

        if changed(uid, by, "rows", step, together=True):
            quotas_renew(uid)
            record(by, f"plan_row_{verb}", row)


def row_approve(row: str, by: str) -> None:
    """Approve one row of a plan; its plan runs for the approved rows alone."""
    _row(row, by, ("proposed", "declined"), "approved", "approve")


def row_decline(row: str, by: str) -> None:
    """Decline one row of a plan; it will not be done, whatever happens to the rest."""
    _row(row, by, ("proposed", "approved"), "declined", "decline")


def row_reset(row: str, by: str) -> None:
    """Take back a yes or no that has not been acted on."""
    _row(row, by, ("declined", "approved"), "proposed", "reset")


def plans_supersede(newest: str) -> int:
    """A newer proposal replaces those nobody decided on; rows approved one by one stay approved."""
    return Plan.objects.filter(state="proposed").exclude(uid=newest).update(state="superseded")


STEPS = {
    "approve": (("proposed",), "approved"),
    "decline": (("proposed",), "declined"),
    "reset": (("approved", "declined"), "proposed"),
}


def rows_decide(uid: str, action: str, verb: str, by: str, kind: str = "next_best") -> int:
    """Approve, decline or reset everybody of one action who was not decided on one by one; returns how many.

    Of any other ``kind`` it takes all its rows (``action`` is empty). A reset takes back only what has not been
    acted on.
    """
    rows = PlanRow.objects.filter(plan_id=uid, kind=kind)
    rows = rows.filter(subject=action) if action else rows
    before, after = STEPS[verb]
    with transaction.atomic():
        done = changed(uid, by, f"rows_{verb}", lambda n: become(rows.filter(state__in=before), after, n),
                       about=action or kind)  # fmt: skip
        if done:
            quotas_renew(uid)
            record(by, f"plan_rows_{verb}", uid, kind=action or kind, rows=done)
    return done


@dataclass(frozen=True)
class Autopilot:
    """How far a plan may run by itself: ``people`` a week at most (0: no limit), ``money`` that may move between
    channels a week (minor units; 0: none moves by itself), ``sure``: only where the low end of the gain is above 0.
    ``modes`` markets a week may change how they are sold to, ``contracts``: what contracts signed in a week may cost
    a week (minor units); 0 leaves each of them to the owner.
    """

    people: int = 0
    money: int = 0
    sure: bool = False
    modes: int = 0
    contracts: int = 0


def autopilot_approve(uid: str, actions: tuple[str, ...], rules: Autopilot | None = None) -> int:
    """Approve the rows the owner lets run by themselves, the best first, within the limits; returns how many."""
    rules = rules or Autopilot()
    if not (actions or rules.money or rules.modes or rules.contracts):
        return 0
    with transaction.atomic():
        people = _people_alone(uid, actions, rules)
        rows, moved = _money_alone(uid, rules)
        modes = _modes_alone(uid, rules)
        partners, signed = _contracts_alone(uid, rules)
        ids = [*people, *rows, *modes, *partners]
        told = {"people": len(people), "moved": moved, "modes": len(modes), "signed": signed}
        if not ids:
            return 0

        def approve(number: int) -> int:
            return sum(
                become(PlanRow.objects.filter(id__in=ids[at : at + 500]), "approved", number)
                for at in range(0, len(ids), 500)
            )

        done = changed(uid, "autopilot", "autopilot", approve, **told)
        quotas_renew(uid)
        record("autopilot", "plan_row_approve", uid, rows=done, actions=list(actions), **told)
    return done


def autopilot_used() -> Counter[str]:
    """What ran by itself in the last seven days: ``people``, ``moved`` money, ``modes``, ``signed`` money a week."""
    found = PlanVersion.objects.filter(what="autopilot", at__gt=timezone.now() - WEEK).values_list("detail", flat=True)
    used: Counter[str] = Counter()
    for detail in found:
        used.update({k: detail.get(k, 0) for k in ("people", "moved", "modes", "signed")})
    return used


def _people_alone(uid: str, actions: tuple[str, ...], rules: Autopilot) -> list[str]:
    rows = PlanRow.objects.filter(plan_id=uid, kind="next_best", subject__in=actions, state="proposed")
    rows = rows.filter(low__gt=0) if rules.sure else rows
    rows = rows.order_by("-value", "id")
    if rules.people:
        rows = rows[: max(rules.people - autopilot_used()["people"], 0)]
    return list(rows.values_list("id", flat=True))


def _money_alone(uid: str, rules: Autopilot) -> tuple[list[str], int]:
    """The whole new split or nothing of it: part of it would change the total."""
    if not rules.money:
        return [], 0
    rows = list(PlanRow.objects.filter(plan_id=uid, kind="budget"))
    if not rows or any(r.state != "proposed" or r.proposed is None for r in rows):
        return [], 0
    up = sum(max((r.proposed or 0) - (r.today or 0), 0) for r in rows)
    down = sum(max((r.today or 0) - (r.proposed or 0), 0) for r in rows)
    gain = (Plan.objects.get(uid=uid).budget or {}).get("gain") or {}
    if rules.sure and not (gain.get("low") or 0) > 0:
        return [], 0
    moved = max(up, down)
    return ([r.id for r in rows], moved) if 0 < moved <= rules.money - autopilot_used()["moved"] else ([], 0)


def _modes_alone(uid: str, rules: Autopilot) -> list[str]:
    """Markets whose way to sell may change, those that most weights agree on first; a change under way counts."""
    if not rules.modes:
        return []
    rows = [(codes(r.why), r.id) for r in PlanRow.objects.filter(plan_id=uid, kind="mode", state="proposed")]
    if rules.sure:
        # No gain in money is told for them: sure is where every rule of ranking agrees.
        rows = [(why, id) for why, id in rows if "mode_every_rule" in why]
    rows.sort(key=lambda row: (-float(row[0].get("mode_share", 0)), row[1]))
    return [id for _why, id in rows[: max(rules.modes - autopilot_used()["modes"], 0)]]


def _contracts_alone(uid: str, rules: Autopilot) -> tuple[list[str], int]:
    """The whole new set of partners or nothing of it: part of it is another set.

    A set that ends a contract waits for the owner, and so does every set where the gain must be sure: what a partner
    brings is promised, not measured.
    """
    if not rules.contracts or rules.sure:
        return [], 0
    rows = list(PlanRow.objects.filter(plan_id=uid, kind="partner"))
    if not rows or any(r.state != "proposed" or r.channel != "sign" for r in rows):
        return [], 0
    cost = sum(r.proposed or 0 for r in rows)
    return ([r.id for r in rows], cost) if cost <= rules.contracts - autopilot_used()["signed"] else ([], 0)


def codes(why: str) -> dict[str, str]:
    """Reason codes with what they say."""
    return {name: value for name, _is, value in (c.partition("=") for c in why.split(";"))}
