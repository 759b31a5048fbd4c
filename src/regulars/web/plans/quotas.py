"""Quotas in force: what an approved plan allows this week, how much of it is used, and what the gate still lets by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.plans.models import Limit, Plan, PlanRow, Quota
from regulars.web.plans.pacing import Today, today

WEEK = timedelta(days=7)
AGREED = ("approved", "done", "denied")
# Messages that are under way or gone; a message held out or stopped uses nothing.
GONE = ("claimed", "sent", "unknown", "bounced", "unsubscribed", "sandboxed")
USED = ("queued", *GONE)


@dataclass(frozen=True)
class InForce:
    """One quota as the page shows it; ``used`` is None where nobody has told yet."""

    quota: Quota | None
    unit: str
    channel: str
    action: str
    amount: int
    used: int | None
    editable: bool = False
    today: Today | None = None

    @property
    def left(self) -> int | None:
        return None if self.used is None else max(self.amount - self.used, 0)

    @property
    def share(self) -> int:
        return min(100, round(100 * (self.used or 0) / self.amount)) if self.amount else 100

    @property
    def over(self) -> bool:
        return self.used is not None and self.used > self.amount


def quotas_renew(uid: str, now: datetime | None = None) -> None:
    """Make the quotas of a plan say what its approved rows allow; what the owner set stays as set."""
    now = now or timezone.now()
    agreed = PlanRow.objects.filter(plan_id=uid, state__in=AGREED)
    people = agreed.filter(kind="next_best").values("channel", "subject").annotate(n=Count("id"))
    wanted = {("contacts", r["channel"], r["subject"]): r["n"] for r in people}
    money = agreed.filter(kind="budget", proposed__isnull=False).exclude(state="denied")
    wanted |= {("money", r["subject"], ""): r["proposed"] for r in money.values("subject", "proposed")}
    known = {(q.unit, q.channel, q.action): q for q in Quota.objects.filter(plan_id=uid)}
    Quota.objects.filter(pk__in=[q.pk for key, q in known.items() if key not in wanted and not q.kept]).delete()
    for key, amount in wanted.items():
        own = known.get(key)
        if own is None:
            unit, channel, action = key
            Quota.objects.create(plan_id=uid, unit=unit, channel=channel, action=action, amount=amount, since=now,
                                 until=now + WEEK)  # fmt: skip
        elif not own.kept and own.amount != amount:
            Quota.objects.filter(pk=own.pk).update(amount=amount)


def quota_set(id: int, amount: int, by: str) -> Quota:
    """The owner allows more or less than the plan asks for; the gate holds to it from the next message on."""
    if amount < 0:
        raise ValueError("a quota is 0 or more")
    with transaction.atomic():
        quota = Quota.objects.select_related("plan").get(pk=id)
        Quota.objects.filter(pk=id).update(amount=amount, kept=True)
        record(by, "quota_set", quota.plan_id, channel=quota.channel, kind=quota.action, before=quota.amount,
               after=amount)  # fmt: skip
        quota.amount, quota.kept = amount, True
    return quota


def contacts_used(uid: str, states: Sequence[str] = USED, without: Iterable[int] = ()) -> Counter[tuple[str, str]]:
    """Messages of a plan by channel and action."""
    from regulars.web.outbox.queries import counted_of_plan

    return counted_of_plan(uid, states, without)


def week_used(now: datetime, states: Sequence[str] = USED, without: Iterable[int] = ()) -> Counter[str]:
    """Messages of the last seven days by channel, whatever plan they belong to."""
    from regulars.web.outbox.queries import counted_since

    return counted_since(now - WEEK, states, without)


def caps(now: datetime) -> dict[str, int]:
    """What the owner allows on a channel in any seven days, over all plans."""
    return dict(Limit.objects.filter(unit="contacts", high__isnull=False).values_list("channel", "high"))


def left(uid: str, now: datetime, *, states: Sequence[str] = USED, without: Iterable[int] = ()) -> dict[str, int]:
    """What the gate still lets by for a plan: by ``channel/action``, and by ``channel`` where that is limited.

    The money of a channel we write to ourselves limits its messages: each costs ``message_cost``. Money that buys
    space elsewhere is no message; the page shows it beside what was spent.
    """
    quotas = list(Quota.objects.filter(plan_id=uid))
    limits = caps(now)
    if not quotas and not limits:
        return {}
    without = list(without)
    used = contacts_used(uid, states, without)
    out: dict[str, int] = {}
    own: Counter[str] = Counter()
    for (channel, _action), n in used.items():
        own[channel] += n
    cost = settings.HOME.settings.message_cost
    for q in quotas:
        if q.unit == "contacts":
            out[f"{q.channel}/{q.action}"] = max(q.amount - used[q.channel, q.action], 0)
    written = {q.channel for q in quotas if q.unit == "contacts"}
    for q in quotas:
        if q.unit == "money" and q.channel in written and cost > 0:
            out[q.channel] = max(q.amount // cost - own[q.channel], 0)
    if limits:
        week = week_used(now, states, without)
        for channel, most in limits.items():
            out[channel] = min(out.get(channel, most), max(most - week[channel], 0))
    return out


def places(messages: Sequence[Any], now: datetime) -> dict[int, int | None]:
    """How many messages each of a claimed batch may still be, in the order of the batch; None: no quota.

    Judged by what has left, so that lowering a quota stops what waits in line.
    """
    from regulars.act.gate import room

    batch = [m.id for m in messages]
    free: dict[str | None, dict[str, int]] = {}
    # What the owner allows on a channel holds for all plans together, so plans share the count of the channel.
    taken: Counter[tuple[str | None, str]] = Counter()
    out: dict[int, int | None] = {}
    for m in messages:
        if m.plan_id not in free:
            free[m.plan_id] = left(m.plan_id, now, states=GONE, without=batch) if m.plan_id else {}
        names = {m.channel: (None, m.channel), f"{m.channel}/{m.action}": (m.plan_id, f"{m.channel}/{m.action}")}
        own = free[m.plan_id]
        now_left = {n: own[n] - taken[key] for n, key in names.items() if n in own}
        out[m.id] = room(now_left, m.channel, m.action)
        if out[m.id] is None or out[m.id] > 0:
            taken.update(names.values())
    return out


def in_force(plan: Plan, now: datetime) -> list[InForce]:
    """The quotas of a plan with what is used and left: money first, then contacts, then the owner's own limits."""
    quotas = sorted(Quota.objects.filter(plan=plan), key=lambda q: (q.unit != "money", q.channel, q.action))
    limits = caps(now)
    if not quotas:
        return []
    used = contacts_used(plan.uid)
    spent, tz = spent_since([q for q in quotas if q.unit == "money"]), settings.HOME.settings.tz
    rows = [
        InForce(q, q.unit, q.channel, q.action, q.amount, used[q.channel, q.action], True) if q.unit == "contacts"
        else InForce(q, q.unit, q.channel, "", q.amount, sum(spent[q.channel].values()) if q.channel in spent else None,
                     today=today(q, spent.get(q.channel, {}), now, tz))
        for q in quotas
    ]  # fmt: skip
    written = {q.channel for q in quotas if q.unit == "contacts"}
    week = week_used(now) if limits.keys() & written else Counter()
    rows += [InForce(None, "week", c, "", most, week[c]) for c, most in sorted(limits.items()) if c in written]
    return rows


def spent_since(quotas: Sequence[Quota]) -> dict[str, dict[date, int]]:
    """Spend by channel and day while a quota is in force, as far as spend was brought in; absent where nothing was."""
    from regulars.web.bridge.kpis import kpi_channels

    if not quotas:
        return {}
    tz, since = settings.HOME.settings.tz, {q.channel: q for q in quotas}
    out: dict[str, dict[date, int]] = {}
    for r in kpi_channels("day", ["spend"]):
        q = since.get(r["channel"])
        if q and r["value"] and q.since.astimezone(tz).date() <= r["day"] <= q.until.astimezone(tz).date():
            days = out.setdefault(r["channel"], {})
            days[r["day"]] = days.get(r["day"], 0) + round(r["value"])
    return out


def written_channels(plan: Plan) -> list[tuple[str, int | None]]:
    """The channels a plan writes on, each with the owner's limit of seven days."""
    names = Quota.objects.filter(plan=plan, unit="contacts").values_list("channel", flat=True).distinct()
    limits = caps(timezone.now())
    return [(c, limits.get(c)) for c in sorted(set(names))]
