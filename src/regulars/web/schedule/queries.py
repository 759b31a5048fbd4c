"""Reads of the calendar, the calls and the planned hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from regulars.web.findings.queries import finding
from regulars.web.people.queries import people_of
from regulars.web.schedule.models import Calendar, CallDone

QUIET_DAYS = 30
FIELDS = (
    "calls_a_day", "calls_an_hour", "from_hour", "until_hour", "weekdays", "days_off", "answers_an_hour",
    "within_hours", "share", "messages_an_hour",
)  # fmt: skip


def calendar() -> Calendar:
    """What the owner wrote, or what holds until then."""
    return Calendar.objects.order_by("pk").first() or Calendar(changed_at=timezone.now())


def calendar_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.CALENDAR``."""
    return list(Calendar.objects.order_by("pk").values(*FIELDS)[:1])


def called_rows(now: datetime | None = None) -> list[dict[str, Any]]:
    """Whom the owner called, or skipped, lately, in the shape of ``tables.CALLED``."""
    since = (now or timezone.now()) - timedelta(days=QUIET_DAYS)
    rows = CallDone.objects.filter(at__gte=since).order_by("at", "pk").values_list("person_id", "verdict", "at")
    return [{"customer": person, "verdict": verdict, "at": at} for person, verdict, at in rows]


def calls(body: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The calls of the board with the person, without those made or skipped since, by the time they are due."""
    people = people_of([c["customer"] for c in body["calls"]])
    gone = {r["customer"]: r["verdict"] for r in called_rows(now)}
    rows = []
    for call in body["calls"]:
        person = people.get(call["customer"])
        if person is not None and call["customer"] not in gone:
            rows.append({**call, "person": person, "at": datetime.fromisoformat(call["at"])})
    return rows


def planned_hours(keys: list[str]) -> dict[str, datetime]:
    """The hour each of these people's message was planned for; empty while the owner does not want them held."""
    if not Calendar.objects.filter(hold=True).exists():
        return {}
    found = finding("schedule")
    wanted = set(keys)
    hours = (found.body.get("hours") or {}) if found else {}
    return {key: datetime.fromisoformat(at) for at, people in hours.items() for key in people if key in wanted}
