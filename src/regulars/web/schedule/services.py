"""Writes of the calendar and the calls."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.web.audit.services import record
from regulars.web.people.queries import people_of
from regulars.web.schedule.models import Calendar, CallDone

WHOLE = {
    "calls_a_day": (0, 200), "calls_an_hour": (1, 60), "from_hour": (0, 23), "until_hour": (1, 24),
    "within_hours": (1, 72), "messages_an_hour": (1, 1_000_000),
}  # fmt: skip


class CalendarProblem(ValueError):
    """What cannot be a calendar: says why in the owner's words."""


def calendar_save(said: dict[str, str], weekdays: list[str], by: str) -> Calendar:
    """Keep the calendar; it counts from the next turn."""
    fields: dict[str, Any] = {}
    for name, (low, high) in WHOLE.items():
        text = said.get(name, "").strip()
        if not text.isdecimal() or not low <= int(text) <= high:
            raise CalendarProblem(_("“%(text)s” cannot be used here: write a whole number from %(low)s to %(high)s.")
                                  % {"text": text[:20], "low": low, "high": high})  # fmt: skip
        fields[name] = int(text)
    if fields["from_hour"] >= fields["until_hour"]:
        raise CalendarProblem(_("The working day must end after it begins."))
    for name, low, high, scale in (("answers_an_hour", 0.1, 1000.0, 1.0), ("share", 1.0, 99.9, 100.0)):
        try:
            value = float(said.get(name, "").strip().rstrip("%"))
        except ValueError:
            value = -1.0
        if not low <= value <= high:
            raise CalendarProblem(_("“%(text)s” cannot be used here: write a number from %(low)s to %(high)s.")
                                  % {"text": said.get(name, "")[:20], "low": low, "high": high})  # fmt: skip
        fields[name] = value / scale
    days = "".join(sorted({d for d in weekdays if d in "0123456" and len(d) == 1}))
    if not days:
        raise CalendarProblem(_("Choose at least one day of the week."))
    try:
        off = sorted({date.fromisoformat(d) for d in said.get("days_off", "").replace(",", " ").split()})
    except ValueError:
        raise CalendarProblem(_("Write days off like 2026-10-01, with blanks between.")) from None
    fields |= {"weekdays": days, "days_off": " ".join(d.isoformat() for d in off[:366]),
               "hold": bool(said.get("hold")), "changed_at": timezone.now()}  # fmt: skip
    with transaction.atomic():
        kept, _new = Calendar.objects.update_or_create(pk=1, defaults=fields)
        record(by, "calendar_save", "1", calls_a_day=kept.calls_a_day, hold=kept.hold)
    return kept


def call_done(key: str, verdict: str, by: str) -> CallDone | None:
    """Note that a call was made or is not wanted; None for somebody unknown."""
    if verdict not in ("done", "skipped") or key not in people_of([key]):
        return None
    with transaction.atomic():
        kept = CallDone.objects.create(person_id=key, verdict=verdict, by=by, at=timezone.now())
        record(by, "call_done", key, verdict=verdict)
    return kept


def call_undo(pk: int, by: str) -> bool:
    """Take a note back: the call is due again."""
    with transaction.atomic():
        gone = CallDone.objects.filter(pk=pk).delete()[0]
        if gone:
            record(by, "call_undo", str(pk))
    return bool(gone)
