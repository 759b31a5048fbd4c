"""Quiet hours: the customer's own night, on the customer's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=512)
def zone_of(name: str | None, fallback: str = "UTC") -> ZoneInfo:
    """The time zone of that name; an empty or unknown name gives the fallback.

    Raises ``ValueError`` when the fallback itself is not a time zone.
    """
    for key in (name, fallback):
        try:
            if key:
                return ZoneInfo(key)
        except (KeyError, ValueError, OSError):  # ZoneInfo raises all three for bad names
            continue
    raise ValueError(f"time zone {fallback!r} is not known; use a name like Asia/Shanghai")


@dataclass(frozen=True)
class QuietHours:
    """The hours in which nobody is written to, from ``start`` until just before ``end``.

    A window over midnight (21:00 to 08:00) is fine; equal times mean no quiet hours.
    An instant is quiet when the clock on the customer's wall shows a quiet time, so
    the two nights of the year that lose or repeat an hour need no special case.
    """

    start: time
    end: time

    @classmethod
    def parse(cls, start: str, end: str) -> QuietHours:
        """Read two wall-clock times like ``21:00`` and ``08:00``.

        Raises ``ValueError`` naming the text that is not a time.
        """
        times = []
        for text in (start, end):
            try:
                times.append(time.fromisoformat(text.strip()))
            except ValueError as error:
                raise ValueError(f"quiet hours: {text!r} is not a time of day; write it like 21:00") from error
        return cls(times[0].replace(tzinfo=None), times[1].replace(tzinfo=None))

    def shows(self, clock: time) -> bool:
        """True when a wall clock showing this time means quiet.

        >>> night = QuietHours.parse("21:00", "08:00")
        >>> night.shows(time(23)), night.shows(time(8)), night.shows(time(12))
        (True, False, False)
        """
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def quiet(self, now: datetime, zone: ZoneInfo) -> bool:
        """True when it is quiet at this instant in that zone.

        >>> night = QuietHours.parse("21:00", "08:00")
        >>> night.quiet(datetime(2026, 5, 1, 23, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
        True
        """
        return self.shows(now.astimezone(zone).time())

    def next_allowed(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first instant from now on at which sending is allowed, in UTC.

        >>> night = QuietHours.parse("21:00", "08:00")
        >>> night.next_allowed(datetime(2026, 5, 1, 23, tzinfo=UTC), ZoneInfo("Asia/Shanghai")).isoformat()
        '2026-05-02T00:00:00+00:00'
        """
        if not self.quiet(now, zone):
            return now.astimezone(UTC)
        local = now.astimezone(zone)
        days = (local.date() + timedelta(days=d) for d in (0, 1))
        ends = (datetime.combine(day, self.end, zone).replace(fold=fold) for day in days for fold in (0, 1))
        allowed = [self._first(end.astimezone(UTC), now.astimezone(UTC), zone) for end in ends]
        return min(instant for instant in allowed if instant is not None)

    def _first(self, end: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
        """The end itself, or the clock change just before an end that the clock jumps over."""
        if end <= now or self.quiet(end, zone):
            return None
        early = max(now, end - timedelta(hours=3))
        if self.quiet(end - timedelta(microseconds=1), zone):
            return end
        while end - early > timedelta(microseconds=1):
            middle = early + (end - early) / 2
            early, end = (middle, end) if self.quiet(middle, zone) else (early, middle)
        return end
