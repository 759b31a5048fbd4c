"""The hours ahead, as the wall clocks of the people show them: who may be written to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from regulars.trust.quiet_hours import QuietHours, zone_of

STEP = timedelta(minutes=15)


@dataclass(frozen=True)
class SendHours:
    """``starts`` of the hours ahead (UTC); by zone and hour: ``bins`` (weekday * 24 + local hour, Monday first) and
    whether it is ``open``."""

    starts: tuple[datetime, ...]
    zones: tuple[str, ...]
    bins: NDArray[np.int64]
    open: NDArray[np.bool_]

    @classmethod
    def ahead(cls, now: datetime, hours: int, zones: Sequence[str], quiet: QuietHours, fallback: str) -> SendHours:
        """The next whole hours from ``now`` on.

        An hour is open where no quarter of it is quiet on the wall clock there, so half-hour zones and the two nights
        that lose or repeat an hour need no rule of their own: hours are instants, clocks are read at each.

        >>> night = QuietHours.parse("21:00", "08:00")
        >>> day = SendHours.ahead(datetime(2026, 3, 29, tzinfo=UTC), 24, ["Europe/Berlin"], night, "UTC")
        >>> int(day.open.sum()), [int(b) % 24 for b in day.bins[0, :3]]
        (13, [1, 3, 4])
        """
        if now.tzinfo is None:
            raise ValueError("now needs a time zone")
        first = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        first += timedelta(hours=1) if first < now else timedelta()
        starts = tuple(first + timedelta(hours=k) for k in range(hours))
        bins = np.zeros((len(zones), hours), dtype=np.int64)
        open_ = np.zeros((len(zones), hours), dtype=bool)
        for z, name in enumerate(zones):
            zone = zone_of(name, fallback)
            for k, start in enumerate(starts):
                local = start.astimezone(zone)
                bins[z, k] = local.weekday() * 24 + local.hour
                open_[z, k] = not any(quiet.quiet(start + q * STEP, zone) for q in range(4))
        return cls(starts, tuple(zones), bins, open_)
