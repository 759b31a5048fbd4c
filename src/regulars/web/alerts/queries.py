"""Reads of what the owner said of alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from regulars.web.alerts.models import Verdict
from regulars.web.findings.queries import Found, finding


@dataclass(frozen=True)
class Said:
    """Verdicts by incident, what is muted, and until when incidents sleep."""

    of: dict[str, dict[str, Verdict]] = field(default_factory=dict)
    muted: dict[tuple[str, str], Verdict] = field(default_factory=dict)

    def opinion(self, incident: str) -> Verdict | None:
        own = self.of.get(incident, {})
        return own.get("not_useful") or own.get("useful")

    def sleeps(self, incident: str, now: datetime) -> Verdict | None:
        one = self.of.get(incident, {}).get("snoozed")
        return one if one and one.until and one.until > now else None

    def mutes(self, row: dict[str, Any]) -> Verdict | None:
        return self.muted.get((row["figure"], row["channel"] or ""))


def said() -> Said:
    """Everything said so far; one query."""
    out = Said()
    for row in Verdict.objects.all():
        out.of.setdefault(row.incident, {})[row.verdict] = row
        if row.verdict == "muted":
            out.muted[row.figure, row.channel] = row
    return out


def incident(uid: str) -> dict[str, Any] | None:
    """One incident of the newest turn."""
    found = finding("alerts")
    rows = found.body["incidents"] if found else []
    return next((row for row in rows if row["id"] == uid), None)


def open_incidents(found: Found, words: Said, now: datetime, since: str) -> list[dict[str, Any]]:
    """What was told, ended on or after a day, and is neither muted, asleep nor called not useful."""
    return [
        row for row in found.body["incidents"]
        if row["told"] and row["end"] >= since and not words.mutes(row) and not words.sleeps(row["id"], now)
        and "not_useful" not in words.of.get(row["id"], {})
    ]  # fmt: skip


def worst(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The most severe, and of these the one with most money at stake."""
    rank = {"severe": 0, "serious": 1, "slight": 2}
    return min(rows, key=lambda r: (rank[r["severity"]], -abs(r["money"] or 0)), default=None)
