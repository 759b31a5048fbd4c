"""Retention: how long what is kept, and what is due to go."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True)
class Rule:
    """Delete rows of a place ``months`` after their clock began; ``why`` is a reason code.

    ``after`` names the column the clock begins with: when the row was made, or when the
    person was last seen.
    """

    place: str
    after: str
    months: int
    why: str = "no_longer_needed"

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ValueError(f"{self.place}: keep rows for at least 1 month")

    def cutoff(self, now: datetime) -> datetime:
        """Rows whose clock began before this instant are due.

        >>> from datetime import UTC
        >>> Rule("events", "at", 1).cutoff(datetime(2026, 3, 31, tzinfo=UTC)).date().isoformat()
        '2026-02-28'
        """
        months = now.year * 12 + now.month - 1 - self.months
        year, month = divmod(months, 12)
        if year < 1:
            return datetime.min.replace(tzinfo=now.tzinfo)
        return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Due:
    """What one rule wants deleted: everything before the cut-off, unless it is on hold."""

    rule: Rule
    before: datetime


DEFAULTS: Final = (
    Rule("messages", "created_at", 36),
    Rule("intake", "received_at", 1, "stored_elsewhere"),
    Rule("logs", "at", 6),
    Rule("audit", "at", 84, "accountability"),
    Rule("anonymous_people", "last_seen_at", 13),
    Rule("import_files", "created_at", 3, "stored_elsewhere"),
)


def due(rules: Iterable[Rule], now: datetime) -> tuple[Due, ...]:
    """The cut-off of every rule at this time.

    Raises ``ValueError`` when two rules speak about the same place and column.
    """
    seen: set[tuple[str, str]] = set()
    found = []
    for rule in rules:
        if (rule.place, rule.after) in seen:
            raise ValueError(f"two retention rules speak about {rule.place}.{rule.after}")
        seen.add((rule.place, rule.after))
        found.append(Due(rule, rule.cutoff(now)))
    return tuple(found)


def due_rows(
    rule: Rule, began: Mapping[str, datetime | None], now: datetime, *, on_hold: Iterable[str] = ()
) -> tuple[str, ...]:
    """Ids of the rows that are due, given when each one's clock began; sorted.

    A row whose clock has not begun (None) or that is on hold (a dispute, a tax audit)
    is never due.
    """
    before, held = rule.cutoff(now), frozenset(on_hold)
    return tuple(sorted(id for id, at in began.items() if at is not None and at < before and id not in held))
