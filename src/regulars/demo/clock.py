"""Time in the simulated company: float days since its first midnight, and the seasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars import tables
from regulars.demo import company

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

# The share of a day's happenings that lie before each hour. Monotone, so order within a day survives.
_SHARE = (0.0, 0.02, 0.08, 0.40, 0.48, 0.72, 0.96, 1.0)
_HOUR = (0.0, 7.0, 9.0, 12.0, 13.5, 18.0, 22.5, 24.0)


@dataclass(frozen=True)
class Clock:
    """Turns simulated days into dates and UTC times; day 0.0 is midnight of ``origin`` in the company's zone."""

    origin: date
    season_scale: float = 1.0

    @cached_property
    def _midnight_us(self) -> int:
        start = datetime(self.origin.year, self.origin.month, self.origin.day, tzinfo=ZoneInfo(company.ZONE))
        return int(start.timestamp()) * 1_000_000

    def dates(self, at: Reals) -> NDArray[np.datetime64]:
        """The company day of each moment."""
        return np.datetime64(self.origin, "D") + np.floor(at).astype(np.int64)

    def times(self, at: Reals) -> pa.Array:
        """Each moment as UTC microseconds, moved into waking hours without changing its day or order."""
        day = np.floor(at)
        seconds = np.interp(at - day, _SHARE, _HOUR) * 3600
        us = (
            self._midnight_us
            + day.astype(np.int64) * 86_400_000_000
            + np.minimum((seconds * 1e6).astype(np.int64), 86_399_999_999)
        )
        return pa.array(us, type=pa.int64()).cast(tables.TIME)

    def at(self, times: pa.Array | pa.ChunkedArray) -> Reals:
        """Simulated days of UTC times: the inverse of ``times``."""
        if isinstance(times, pa.ChunkedArray):
            times = times.combine_chunks()
        us = times.cast(tables.TIME).cast(pa.int64()).to_numpy(zero_copy_only=False)
        hours = ((us - self._midnight_us) % 86_400_000_000) / 3.6e9
        days = (us - self._midnight_us) // 86_400_000_000
        return np.asarray(days + np.minimum(np.interp(hours, _HOUR, _SHARE), 1 - 1e-9), dtype=np.float64)

    def day_of(self, moment: datetime) -> int:
        """The number of whole company days between the origin and a moment."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone, e.g. datetime.now(timezone.utc)")
        return (moment.astimezone(ZoneInfo(company.ZONE)).date() - self.origin).days

    def season(self, days: int) -> Reals:
        """Demand for one-off orders on each of the first ``days`` days; 1 is a usual day."""
        return np.asarray(self.season_scale * raw_season(self.origin, days), dtype=np.float64)

    def due(self, start: Reals, months: int | Ints) -> Reals:
        """The same day of the month ``months`` later (the last day of a shorter month), same time of day."""
        day = self.dates(start)
        month = day.astype("M8[M]")
        later = month + months
        offset = (day - month.astype("M8[D]")).astype(np.int64)
        length = ((later + 1).astype("M8[D]") - later.astype("M8[D]")).astype(np.int64)
        due = later.astype("M8[D]") + np.minimum(offset, length - 1)
        whole = (due - np.datetime64(self.origin, "D")).astype(np.int64)
        return np.asarray(whole + (start - np.floor(start)), dtype=np.float64)


def raw_season(origin: date, days: int) -> Reals:
    """Demand before scaling: quiet weekends and Spring Festival, peaks at 618 and Double 11."""
    out = np.ones(days)
    spring = [date.fromisoformat(d) for d in company.SPRING]
    for i in range(days):
        d = origin + timedelta(days=i)
        level = 0.82 if d.weekday() >= 5 else 1.07
        key = (d.month, d.day)
        if (6, 14) <= key <= (6, 18):
            level *= 2.4
        elif (11, 8) <= key <= (11, 11):
            level *= 2.8
        elif (12, 10) <= key <= (12, 12):
            level *= 1.6
        elif (10, 1) <= key <= (10, 7):
            level *= 0.6
        if any(-8 <= (d - s).days <= 9 for s in spring):
            level *= 0.35
        out[i] = level
    return out


def make_clock(until: datetime, months: int) -> tuple[Clock, int]:
    """A clock whose first day is the Monday about ``months`` before ``until``, and the number of whole days."""
    if until.tzinfo is None:
        raise ValueError("until needs a time zone, e.g. datetime.now(timezone.utc)")
    if not 3 <= months <= 60:
        raise ValueError(f"months must lie between 3 and 60, got {months}")
    last = until.astimezone(ZoneInfo(company.ZONE)).date()
    first = last - timedelta(days=round(months * 30.4375))
    first -= timedelta(days=first.weekday())
    days = (last - first).days
    return Clock(first, 1.0 / float(raw_season(first, days).mean())), days
