"""Writes of what the owner says of alarms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from regulars.web.alerts.models import VERDICTS, Verdict
from regulars.web.audit.services import record

SNOOZE_DAYS = 7
OPPOSITE = {"useful": "not_useful", "not_useful": "useful"}


def verdict_give(incident: dict[str, Any], verdict: str, by: str) -> Verdict | None:
    """Keep a verdict on an incident; the opposite opinion gives way. None for a word that is not one."""
    if verdict not in VERDICTS:
        return None
    now = timezone.now()
    with transaction.atomic():
        if verdict in OPPOSITE:
            Verdict.objects.filter(incident=incident["id"], verdict=OPPOSITE[verdict]).delete()
        row, _new = Verdict.objects.update_or_create(
            incident=incident["id"], verdict=verdict,
            defaults={"figure": incident["figure"], "channel": incident["channel"] or "", "at": now,
                      "until": now + timedelta(days=SNOOZE_DAYS) if verdict == "snoozed" else None},
        )  # fmt: skip
        record(by, f"alarm_{verdict}", incident["id"], figure=row.figure, channel=row.channel)
    return row


def verdict_undo(pk: int, by: str) -> bool:
    """Take a verdict back; False when it is gone already."""
    with transaction.atomic():
        row = Verdict.objects.filter(pk=pk).first()
        if row is None:
            return False
        record(by, "alarm_undo", row.incident, verdict=row.verdict, figure=row.figure, channel=row.channel)
        row.delete()
    return True
