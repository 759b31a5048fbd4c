"""What the owner wrote about time, with what holds until they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from regulars.decide.calls import Calendar

DAYS_AHEAD = 5


@dataclass(frozen=True)
class Written:
    """The calendar, the promise to those who write, the throughput of messages, and who was called lately.

    ``an_hour``: messages one person answers in an hour; ``within`` hours and ``share``: the promise.
    """

    calendar: Calendar
    an_hour: float = 6.0
    within: int = 24
    share: float = 0.9
    messages_an_hour: int = 500
    called: frozenset[str] = frozenset()
    days_ahead: int = DAYS_AHEAD


def written(book: Mapping[str, pa.Table]) -> Written:
    """Read the tables ``calendar`` (at most one row) and ``called``."""
    called = frozenset(book["called"].column("customer").to_pylist()) if "called" in book else frozenset()
    rows = book["calendar"].to_pylist() if "calendar" in book else []
    if not rows:
        return Written(Calendar(), called=called)
    row = rows[0]
    calendar = Calendar(
        a_day=row["calls_a_day"], an_hour=row["calls_an_hour"], hours=(row["from_hour"], row["until_hour"]),
        weekdays=tuple(int(d) for d in row["weekdays"]),
        off=tuple(date.fromisoformat(d) for d in (row["days_off"] or "").split()),
    )  # fmt: skip
    return Written(calendar, row["answers_an_hour"], row["within_hours"], row["share"], row["messages_an_hour"], called)
