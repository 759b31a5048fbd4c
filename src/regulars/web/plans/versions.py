"""Versions of a plan: every change is kept with who made it and how the plan stood after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, TextField, Value, When
from django.db.models.functions import Concat
from django.utils import timezone

from regulars.web.plans.models import Plan, PlanRow, PlanVersion

# A letter for each state; the path of a row is written with them.
LETTERS = {"proposed": "p", "approved": "a", "declined": "d", "done": "s", "denied": "h"}
STATES = {letter: state for state, letter in LETTERS.items()}
# Decisions on single rows by one person within this time are one version.
TOGETHER = timedelta(minutes=15)
FIGURES = ("today", "proposed", "value", "low", "high", "why", "state")
WHOLE = ("state", "budget", "memo", "predicted", "predicted_low", "predicted_high")


def changed(uid: str, by: str, what: str, change: Callable[[int], int], *, together: bool = False,
            **detail: Any) -> int:  # fmt: skip
    """Do a change under the next version's number and keep the version; nothing is kept when ``change`` answers 0.

    Runs inside the caller's transaction. With ``together`` it joins the newest version when that is of the same kind,
    by the same person and young.
    """
    plan = Plan.objects.get(uid=uid)
    last = PlanVersion.objects.filter(plan=plan).first() or first(plan)
    young = timezone.now() - last.at < TOGETHER
    joins = together and last.number > 1 and (last.what, last.by) == (what, by) and young
    number = last.number if joins else last.number + 1
    done = change(number)
    if not done:
        return 0
    plan.refresh_from_db()
    count = {"rows": done + (last.detail.get("rows", 0) if joins else 0)}
    PlanVersion.objects.update_or_create(
        plan=plan, number=number,
        defaults={"at": timezone.now(), "by": by[:150], "what": what, "detail": {**detail, **count},
                  "body": body(plan)},
    )  # fmt: skip
    Plan.objects.filter(uid=uid).update(version=number)
    return done


def first(plan: Plan) -> PlanVersion:
    """The plan as it was made."""
    return PlanVersion.objects.create(plan=plan, number=1, at=plan.made_at, by="program", what="made",
                                      body=body(plan))  # fmt: skip


def body(plan: Plan) -> dict[str, Any]:
    """The whole plan but its people, whose states stand in the paths of their rows and go when they are erased."""
    rows = PlanRow.objects.filter(plan=plan, person=None).exclude(kind="next_best")
    return {**{f: getattr(plan, f) for f in WHOLE},
            "rows": {r["id"]: [r[f] for f in FIGURES] for r in rows.values("id", *FIGURES)}}  # fmt: skip


def become(rows: QuerySet[PlanRow], state: str, number: int) -> int:
    """Give rows a state and write it into their paths; returns how many."""
    was = Case(*(When(state=s, then=Value(f"1{k}")) for s, k in LETTERS.items()), output_field=TextField())
    before = Case(When(path="", then=was), default=F("path"), output_field=TextField())
    path = Concat(before, Value(f";{number}{LETTERS[state]}"), output_field=CharField())
    return rows.exclude(state=state).update(state=state, path=path)


def state_at(path: str, now: str, number: int) -> str:
    """The state a row had in a version.

    >>> [state_at("1p;3a;3d;5a", "approved", n) for n in (1, 2, 3, 4, 5, 9)]
    ['proposed', 'proposed', 'declined', 'declined', 'approved', 'approved']
    >>> state_at("", "proposed", 1)
    'proposed'
    """
    state = now
    for step in path.split(";") if path else ():
        if int(step[:-1]) > number:
            break
        state = STATES[step[-1]]
    return state
