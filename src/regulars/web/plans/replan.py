"""Replanning when something is on fire: an open alarm about a channel, and the split solved anew around it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from regulars.web.alerts import figures
from regulars.web.alerts.queries import open_incidents, said
from regulars.web.findings.queries import finding
from regulars.web.plans.models import Plan, PlanRow
from regulars.web.plans.splits import plan_split
from regulars.web.plans.wishes import Wish, Wishes

# Only what happened in the last two weeks is a reason to change a plan.
DAYS = 14
CUT = 20


@dataclass(frozen=True)
class Fire:
    """One reason to plan anew: the alarm, in words, and the channel it is about."""

    incident: str
    channel: str
    headline: str
    cause: str


def fires(plan: Plan, body: dict[str, Any]) -> list[Fire]:
    """Open alarms that lie with a channel of the split and cost money; the worst first, one a channel."""
    found = finding("alerts")
    if found is None:
        return []
    since = (found.made_at.date() - dt.timedelta(days=DAYS)).isoformat()
    known = {r["channel"] for r in body["channels"]}
    rows = [r for r in open_incidents(found, said(), timezone.now(), since) if r["money"] is None or r["money"] < 0]
    rank = {"severe": 0, "serious": 1, "slight": 2}
    out: dict[str, Fire] = {}
    for r in sorted(rows, key=lambda r: (rank[r["severity"]], r["money"] or 0)):
        channel = channel_of(r)
        if channel in known and channel not in out:
            out[channel] = Fire(r["id"], channel, figures.headline(r), figures.cause_words(r))
    return list(out.values())


def channel_of(incident: dict[str, Any]) -> str:
    """The channel an alarm lies with: its own, or the one that explains most of it."""
    if incident["channel"]:
        return str(incident["channel"])
    causes = incident["causes"] if incident["by"] == "channel" else ()
    return str(causes[0]["name"]) if causes and causes[0]["share"] >= 0.5 else ""


def plan_anew(plan: Plan, body: dict[str, Any], fire: Fire, how: str, by: str) -> int:
    """A new version with the channel cut by a fifth (``cut``), or held where it is while a test runs (``test``).

    Raises ``InfeasibleError`` when the kept limits do not allow it.
    """
    base = Wishes.of(body)
    own = base.channels[fire.channel]
    now = base.today[fire.channel]
    if how == "cut":
        most = round(now * (100 - CUT) / 100)
        low = None if own.low is not None and own.low > most else own.low
        wish = replace(own, held=False, low=low, high=most if own.high is None else min(own.high, most))
    else:
        wish = Wish(now, held=True)
    wishes = replace(base, channels={**base.channels, fire.channel: wish})
    if how == "test":
        PlanRow.objects.get_or_create(
            id=f"{plan.uid}#t#alarm-{fire.channel}"[:80],
            defaults={"plan": plan, "kind": "test", "subject": fire.channel, "channel": fire.channel,
                      "why": "asked_by_alarm", "made_by": "measure.monitor/1"},
        )  # fmt: skip
    return plan_split(plan.uid, body, wishes, by, "replan", incident=fire.incident, channel=fire.channel, how=how)
