"""Writes of the split: use another one in a plan, and keep limits for the plans to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from regulars import tables
from regulars.web.audit.services import record
from regulars.web.plans.models import Aim, Limit, Plan, PlanRow
from regulars.web.plans.quotas import quotas_renew
from regulars.web.plans.services import PlanProblem
from regulars.web.plans.versions import become, changed
from regulars.web.plans.what_if import solved
from regulars.web.plans.wishes import Wishes

# As ``decide.budget_input.OBJECTIVES``, which this process does not load before it must.
OBJECTIVES = ("contribution", "revenue", "new_customers", "clv")
OPEN = ("proposed", "approved", "running")
# Told anew by the new split; everything else of the memo is about the rest of the plan.
OF_THE_SPLIT = ("gain", "total", "same_total", "next_unit", "next_unit_below_cost", "unspent", "explore",
                "explored_money", "draws", "conflict", "objective", "risk", "choices_held")  # fmt: skip


def plan_split(uid: str, body: Mapping[str, Any], wishes: Wishes, by: str, what: str = "split", **detail: Any) -> int:
    """Solve the split anew and put it into the plan as a new version; returns how many channels changed.

    Raises ``InfeasibleError`` for wishes that cannot hold together and ``PlanProblem`` for a plan that is not open.
    """
    decision = solved(body, wishes)
    with transaction.atomic():
        plan = Plan.objects.filter(uid=uid).first()
        if plan is None or plan.state not in OPEN:
            raise PlanProblem(f"plan {uid} cannot be changed any more")
        done = changed(uid, by, what, lambda n: _write(plan, decision, wishes, n), total=wishes.total, **detail)
        if done:
            quotas_renew(uid)
            record(by, f"plan_{what}", uid, rows=done, total=wishes.total, **detail)
    return done


def _write(plan: Plan, decision: Any, wishes: Wishes, number: int) -> int:
    from regulars.web.bridge.plans import plain

    done = 0
    for r in decision.rows:
        rows = PlanRow.objects.filter(plan=plan, kind="budget", subject=r.channel)
        low, high = (r.gain.value if end is None else end for end in (r.gain.low, r.gain.high))
        # A channel that was declined is asked for again: the new split counts on it.
        become(
            rows.filter(state="declined"), "approved" if plan.state in ("approved", "running") else "proposed", number
        )
        done += rows.exclude(proposed=r.proposed).count()
        rows.update(proposed=r.proposed, value=round(r.gain.value), low=round(low), high=round(high),
                    why=tables.why(r.why))  # fmt: skip
    if not done:
        return 0
    kept = [c for c in plan.memo if c.partition("=")[0] not in OF_THE_SPLIT]
    sums = PlanRow.objects.filter(plan=plan, kind__in=("budget", "next_best")).aggregate(
        *(Sum(c) for c in ("value", "low", "high"))
    )
    Plan.objects.filter(pk=plan.pk).update(
        budget={**plain(decision), "wishes": wishes.plain()},
        memo=[*kept, f"gain={decision.gain.value:.0f}", *decision.why],
        predicted=sums["value__sum"] or 0, predicted_low=sums["low__sum"] or 0, predicted_high=sums["high__sum"] or 0,
    )  # fmt: skip
    return done


def limits_keep(wishes: Wishes, by: str) -> int:
    """Keep the limits of the page for every plan to come; returns how many channels have one."""
    kept = wishes.kept()
    with transaction.atomic():
        Limit.objects.filter(unit="money", channel__in=[n for n in wishes.channels if n not in kept]).delete()
        for channel, (low, high, frozen) in kept.items():
            Limit.objects.update_or_create(
                unit="money", channel=channel,
                defaults={"low": low, "high": high, "frozen": frozen, "changed_at": timezone.now(),
                          "changed_by": by[:150]},
            )  # fmt: skip
        record(by, "limits_keep", "", channels=sorted(kept))
    return len(kept)


def aim_keep(objective: str, cautious: bool, by: str) -> None:
    """What the plans to come are the best for; ``objective`` is one of ``decide.budget_input.OBJECTIVES``."""
    if objective not in OBJECTIVES:
        raise ValueError(f"a plan cannot be the best for {objective!r}")
    with transaction.atomic():
        Aim.objects.update_or_create(
            pk=1, defaults={"objective": objective, "cautious": cautious, "changed_at": timezone.now(),
                            "changed_by": by[:150]},
        )  # fmt: skip
        record(by, "aim_keep", "", objective=objective, cautious=cautious)


def contacts_limit(channel: str, most: int | None, by: str) -> None:
    """At most so many people written to on a channel in any seven days, over all plans; None lifts it."""
    if most is not None and most < 0:
        raise ValueError("a limit is 0 or more")
    with transaction.atomic():
        if most is None:
            Limit.objects.filter(unit="contacts", channel=channel).delete()
        else:
            Limit.objects.update_or_create(
                unit="contacts", channel=channel,
                defaults={"high": most, "changed_at": timezone.now(), "changed_by": by[:150]},
            )  # fmt: skip
        record(by, "contacts_limit", "", channel=channel, most=most)
