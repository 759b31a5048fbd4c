"""Jobs: started by a page, done by the worker, watched by the owner.

A job is claimed by a conditional update under a lease that its heartbeat
extends; when the worker dies, the lease runs out and the job is ready again.
So every job must be safe to run twice.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from regulars.web.jobs.models import Job

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=180)
MAX_ATTEMPTS = 3

Progress = Callable[[str, float], None]
Work = Callable[[dict[str, Any], Progress], dict[str, Any]]
_WORK: dict[str, Work] = {}


class JobCancelled(Exception):
    """The owner pressed cancel."""


def job(name: str) -> Callable[[Work], Work]:
    """Register what a job does: ``work(argument, progress) -> result``."""

    def register(work: Work) -> Work:
        _WORK[name] = work
        return work

    return register


def job_start(name: str, argument: dict[str, Any] | None = None) -> Job:
    """Put a job in line, or return the one that already waits or runs with the same argument."""
    argument = argument or {}
    for known in Job.objects.filter(name=name, state__in=("ready", "running")):
        if known.argument == argument:
            return known
    return Job.objects.create(uid=secrets.token_hex(8), name=name, argument=argument, created_at=timezone.now())


def job_cancel(uid: str) -> bool:
    """Cancel a job that has not ended; a running one stops at its next step."""
    return bool(
        Job.objects.filter(uid=uid, state__in=("ready", "running")).update(state="cancelled", ended_at=timezone.now())
    )


def jobs_release() -> int:
    """Give jobs whose worker died back to the line; those that died three times have failed."""
    now = timezone.now()
    stale = Job.objects.filter(state="running", lease_until__lt=now)
    stale.filter(attempts__gte=MAX_ATTEMPTS).update(
        state="failed", problem="stopped three times without an answer", ended_at=now
    )
    return stale.update(state="ready", lease_until=None)


def job_claim() -> Job | None:
    """Claim the oldest ready job, or None."""
    now = timezone.now()
    for uid, attempts in Job.objects.filter(state="ready").order_by("created_at").values_list("uid", "attempts")[:5]:
        claimed = Job.objects.filter(uid=uid, state="ready").update(
            state="running", started_at=now, lease_until=now + LEASE, attempts=attempts + 1
        )
        if claimed == 1:
            return Job.objects.get(uid=uid)
    return None


def job_run(running: Job) -> None:
    """Do a claimed job; its result or its problem is written once."""
    mine = Job.objects.filter(uid=running.uid, state="running", attempts=running.attempts)
    alive = threading.Event()

    def heartbeat() -> None:
        while not alive.wait(LEASE.total_seconds() / 3):
            mine.update(lease_until=timezone.now() + LEASE)
            close_old_connections()

    def progress(stage: str, share: float) -> None:
        if mine.update(stage=stage, progress=min(max(share, 0.0), 1.0)) != 1:
            raise JobCancelled

    beat = threading.Thread(target=heartbeat, daemon=True)
    beat.start()
    try:
        result = _WORK[running.name](running.argument, progress)
    except JobCancelled:
        return
    except Exception as error:
        log.exception("job %s failed", running.name)
        mine.update(state="failed", problem=str(error)[:500] or type(error).__name__, ended_at=timezone.now())
    else:
        mine.update(state="done", result=result, progress=1.0, ended_at=timezone.now())
    finally:
        alive.set()


def work(*, until: threading.Event, idle_seconds: float = 1.0) -> None:
    """Do jobs until told to stop."""
    from regulars.web.jobs import registry  # noqa: F401  (registers every job)

    while not until.is_set():
        jobs_release()
        claimed = job_claim()
        if claimed is None:
            close_old_connections()
            until.wait(idle_seconds)
        else:
            job_run(claimed)
