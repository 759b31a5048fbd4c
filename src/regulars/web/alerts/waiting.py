"""The worst open incident, for Today."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from regulars.web.alerts import figures, queries
from regulars.web.findings.queries import finding

# Older news is no news for this morning.
DAYS = 7


def alarm_waiting() -> dict[str, Any] | None:
    """The worst incident of the last week nobody has muted, put to sleep or answered; two queries, one if none."""
    found = finding("alerts")
    if found is None:
        return None
    since = (found.made_at.date() - dt.timedelta(days=DAYS)).isoformat()
    said = queries.said()
    rows = queries.open_incidents(found, said, timezone.now(), since)
    row = queries.worst([r for r in rows if said.opinion(r["id"]) is None])
    return {**row, "headline": figures.headline(row)} if row else None
