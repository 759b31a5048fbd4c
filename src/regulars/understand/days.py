"""Instants to calendar days in the company's own time zone, exact across daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

DAY_US = 86_400_000_000
# Rows worked on at once: a block stays in a core's cache through all changes of clock.
BLOCK = 1 << 14
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_days(at: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Days since 1970-01-01 on the wall calendar of a zone, for instants in UTC microseconds.

    ``day = floor((at + offset(at)) / 86 400 s)``, where the offset is looked up
    between the zone's own changes of clock, found once for the span of the data.

    Raises ``ValueError`` when the zone is not in the IANA data base.

    >>> noon_utc = np.array([1_700_000_000_000_000])  # 2023-11-14 22:13:20 UTC
    >>> [str(np.datetime64(int(d), "D")) for d in local_days(noon_utc, "Asia/Shanghai")]
    ['2023-11-15']
    """
    if at.size == 0:
        return np.empty(0, dtype=np.int64)
    changes, offsets = _offsets(int(at.min()), int(at.max()), zone)
    if len(offsets) == 1:
        return np.asarray((at + offsets[0]) // DAY_US)
    days = np.empty(at.size, dtype=np.int64)
    steps = np.diff(offsets)
    for first in range(0, at.size, BLOCK):
        some = at[first : first + BLOCK]
        shifted = some + offsets[0]
        for change, step in zip(changes, steps, strict=True):
            shifted += step * (some >= change)
        days[first : first + BLOCK] = shifted // DAY_US
    return days


def _offsets(first: int, last: int, zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Instants at which the clock changes within [first, last], and the offset before, between and after."""
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"time zone {zone!r} is not known; write it like 'Asia/Shanghai'") from error

    def offset(us: int) -> int:
        shift = (_EPOCH + timedelta(microseconds=us)).astimezone(tz).utcoffset() or timedelta()
        return int(shift / timedelta(microseconds=1))

    changes: list[int] = []
    values = [offset(first)]
    left = first
    while left < last:
        right = min(left + DAY_US, last)
        if offset(right) != values[-1]:
            low, high = left, right
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == values[-1] else (low, middle)
            changes.append(high)
            values.append(offset(high))
            left = high
        else:
            left = right
    return np.array(changes, dtype=np.int64), np.array(values, dtype=np.int64)


def company_days(table: pa.Table, zone: str) -> NDArray[np.int64]:
    """The company day of every row: the ``day`` column when there is one, else ``at`` read in the zone.

    Raises ``KeyError`` when the table has neither column.
    """
    if "day" in table.column_names:
        column = table.column("day")
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.cast(column, pa.date32())
        return np.asarray(column.cast(pa.date32()).cast(pa.int32()).to_numpy(), dtype=np.int64)
    if "at" not in table.column_names:
        raise KeyError("orders need a column 'day' (company day) or 'at' (UTC time)")
    column = table.column("at")
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.cast(column, pa.timestamp("us", tz="UTC"))
    return local_days(
        column.cast(pa.timestamp("us", tz=getattr(column.type, "tz", None))).cast(pa.int64()).to_numpy(), zone
    )


def day_number(day: date | datetime | str, zone: str = "UTC") -> int:
    """Days since 1970-01-01 of a date; an aware time is first read in the company's zone.

    >>> day_number("1970-01-11"), day_number(datetime(1970, 1, 10, 20, tzinfo=UTC), "Asia/Shanghai")
    (10, 10)
    """
    if isinstance(day, str):
        day = date.fromisoformat(day)
    if isinstance(day, datetime):
        if day.tzinfo is None:
            raise ValueError("a time needs its time zone, e.g. datetime(2026, 1, 1, tzinfo=UTC)")
        day = day.astimezone(ZoneInfo(zone)).date()
    return day.toordinal() - date(1970, 1, 1).toordinal()


def as_dates(days: NDArray[Any]) -> pa.Array:
    """Day numbers as an Arrow date column."""
    return pa.array(days.astype(np.int32)).cast(pa.date32())
