"""One turn of the wheel for this home, with its report."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.bridge.book import DjangoBook
from regulars.web.bridge.lake import lake
from regulars.web.plans.models import Turn

if TYPE_CHECKING:
    from regulars.home import Home


def wheel_turn(
    home: Home,
    *,
    now: datetime,
    progress: Callable[[str, float], None] = lambda stage, share: None,
) -> dict[str, Any]:
    """Turn the wheel, keep that it turned, and write the report; safe to run twice."""
    from regulars.loop import turn
    from regulars.web.market_watch.services import watches_fetch
    from regulars.web.report.archive import reports_due
    from regulars.web.report.mailing import report_mailed
    from regulars.web.report.write import report_write

    begun = time.monotonic()
    store = lake()
    # Off unless the owner turned a watch on; each is read once a day at most.
    watches_fetch(timezone.now())
    done = turn(
        store,
        DjangoBook(home, store),
        now=now,
        settings=home.settings,
        progress=lambda stage, share: progress(stage, share * 0.95),
    )
    counts = {
        "collected": done.collected,
        "scores": done.scores,
        "kpis": done.kpis,
        "decisions": done.decisions,
        "messages": dict(done.queued),
        "failed": list(done.failed),
    }
    Turn.objects.update_or_create(
        now=now,
        defaults={
            "lake_version": done.lake_version[:300],
            "plan": done.plan if done.decisions else "",
            "counts": counts,
            "seconds": round(time.monotonic() - begun, 3),
            "ended_at": timezone.now(),
        },
    )
    record("program", "wheel_turn", done.plan, **counts)
    progress("report", 0.95)
    report = report_write(home)
    report_mailed(home, reports_due(home, now), now)
    store.compact()
    progress("report", 1.0)
    return {
        "now": now.isoformat(),
        "plan": done.plan,
        "lake_version": done.lake_version,
        "repeated": done.repeated,
        "report": str(report),
        **counts,
    }
