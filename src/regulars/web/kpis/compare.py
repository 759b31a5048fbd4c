"""A period beside the one before it and the same one a year ago."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any


def before(day: dt.date, grain: str) -> dt.date:
    """First day of the period before.

    >>> before(dt.date(2026, 1, 1), "month"), before(dt.date(2026, 3, 2), "week")
    (datetime.date(2025, 12, 1), datetime.date(2026, 2, 23))
    """
    if grain == "month":
        return (day - dt.timedelta(days=1)).replace(day=1)
    return day - dt.timedelta(days=7 if grain == "week" else 1)


def year_before(day: dt.date, grain: str) -> dt.date:
    """First day of the same period a year ago; weeks and days go back 52 weeks, to the same weekday.

    >>> year_before(dt.date(2026, 3, 1), "month"), year_before(dt.date(2026, 3, 2), "week")
    (datetime.date(2025, 3, 1), datetime.date(2025, 3, 3))
    """
    if grain == "month":
        return day.replace(year=day.year - 1)
    return day - dt.timedelta(weeks=52)


def compared(rows: Iterable[dict[str, Any]], grain: str) -> list[dict[str, Any]]:
    """Rows of figures with ``previous`` and ``last_year``, the values of the two periods; None where unknown."""
    found = list(rows)
    if grain == "all":
        return [{**r, "previous": None, "last_year": None} for r in found]
    known = {(r["name"], r["currency"], r["day"]): r["value"] for r in found}
    return [
        {**r, "previous": known.get((r["name"], r["currency"], before(r["day"], grain))),
         "last_year": known.get((r["name"], r["currency"], year_before(r["day"], grain)))}
        for r in found
    ]  # fmt: skip
