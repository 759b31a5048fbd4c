"""What the owner said of alarms, as rows for measuring."""

from __future__ import annotations

from typing import Any

from regulars.web.alerts.models import Verdict


def verdicts_rows() -> list[dict[str, Any]]:
    """Rows of ``tables.VERDICTS``."""
    fields = ("incident", "figure", "channel", "verdict", "at", "until")
    return [{**row, "channel": row["channel"] or None} for row in Verdict.objects.values(*fields)]
