"""Reads of jobs: what the wheel is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from regulars.web.jobs.models import Job
from regulars.web.plans.queries import last_turn


@dataclass(frozen=True)
class Wheel:
    """When the wheel turned, when it will turn next, and whether it turns now."""

    last: datetime | None
    next: datetime | None
    running: bool
    stage: str


def next_turn(now: datetime, turn_at: str) -> datetime | None:
    """The next daily turn after ``now``, which is in the company's zone; None when none is planned.

    >>> next_turn(datetime(2026, 3, 5, 7, 30), "07:00"), next_turn(datetime(2026, 3, 5, 7, 30), "")
    (datetime.datetime(2026, 3, 6, 7, 0), None)
    """
    if not turn_at:
        return None
    due = datetime.combine(now.date(), time.fromisoformat(turn_at), now.tzinfo)
    return due if due > now else due + timedelta(days=1)


def wheel() -> Wheel:
    """The state of the wheel for the top bar; two queries."""
    running = Job.objects.filter(name="wheel_turn", state="running").values("stage").first()
    turn_at = getattr(settings.COMPANY, "turn_at", "")
    upcoming = next_turn(timezone.localtime(timezone.now(), settings.COMPANY.tz), turn_at)
    return Wheel(last_turn(), upcoming, running is not None, running["stage"] if running else "")


def job(uid: str) -> dict[str, Any] | None:
    """One job as a page shows it."""
    fields = ("uid", "name", "argument", "state", "stage", "progress", "result", "problem", "created_at", "ended_at")
    return Job.objects.filter(uid=uid).values(*fields).first()


def job_of_run(run: str) -> dict[str, Any] | None:
    """The job of a file that waits or runs now."""
    rows = Job.objects.filter(name="file_import", state__in=("ready", "running"))
    return rows.filter(argument__run=run).values("uid", "argument").first()


def live(name: str) -> str:
    """The job of this name that waits or runs now, or nothing."""
    return Job.objects.filter(name=name, state__in=("ready", "running")).values_list("uid", flat=True).first() or ""
