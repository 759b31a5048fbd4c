"""Whom to call when: one person's calendar, so many calls a day, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array
from regulars.decide.result import Decision
from regulars.decide.schedule import SendSchedule
from regulars.decide.schedule_rooms import Whole


@dataclass(frozen=True)
class Calendar:
    """When one person calls: at most ``a_day`` calls, ``an_hour`` in any hour, in the ``hours`` of the ``weekdays``.

    ``hours``: from, until (wall clock, whole hours); ``weekdays``: 0 is Monday; ``off``: days without calls.
    """

    a_day: int = 8
    an_hour: int = 4
    hours: tuple[int, int] = (9, 18)
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    off: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if self.a_day < 0 or self.an_hour < 0 or not 0 <= self.hours[0] <= self.hours[1] <= 24:
            raise ValueError("calls a day and an hour must be 0 or more, and the hours from 0 to 24, the first first")

    def slots(self, now: datetime, days: int, zone: ZoneInfo) -> tuple[datetime, ...]:
        """The hours one could call in, from now on, in UTC; an hour the clock skips is left out, one it repeats stays
        one."""
        found = []
        today = now.astimezone(zone).date()
        for d in range(days):
            day = today + timedelta(days=d)
            if day in self.off or day.weekday() not in self.weekdays:
                continue
            for hour in range(*self.hours):
                wall = datetime.combine(day, time(hour), zone)
                start = wall.astimezone(UTC)
                if start >= now and start.astimezone(zone).hour == hour:
                    found.append(start)
        return tuple(found)


@dataclass(frozen=True)
class Calls:
    """The plan of calls that is worth the most: each person at most once, within the calendar; exact.

    Formula: max sum v_p a_p(h) exp(-wait * days) x_ph with a_p(h) the chance to reach them at that hour against their
    usual one; at most ``an_hour`` an hour and ``a_day`` a day (``SendSchedule`` with a family a day). Only as many
    people as there are places can be called, so for each slot all but the best that many are left out first, which
    cannot change the optimum.

    ``wait``: the share of a call's worth that goes with a day of waiting.
    """

    calendar: Calendar
    days: int = 5
    wait: float = 0.05

    def decide(
        self, worth: ArrayLike, reach: ArrayLike, slots: Sequence[datetime], zone: ZoneInfo
    ) -> Decision[Mapping[int, datetime]]:
        """Choose from people (rows); ``reach`` has the relative chance of each slot, -inf where it is quiet there.

        The solution maps the row of each person to the start of the hour.
        """
        value, chance = np.asarray(worth, dtype=float), np.atleast_2d(np.asarray(reach, dtype=float))
        day = [s.astimezone(zone).date() for s in slots]
        days = sorted(set(day))
        if not slots or not len(value):
            return Decision({}, 0.0, 0.0, 0.0, (), {}, ())
        late = np.exp(-self.wait * np.array([(d - days[0]).days for d in day], dtype=float))
        with np.errstate(invalid="ignore"):
            table = np.where(np.isfinite(chance) & (value > 0)[:, None], value[:, None] * chance * late, -np.inf)
        rows = _among(table, self.calendar.a_day * len(days))
        names = [s.isoformat() for s in slots]
        families = {d.isoformat(): (tuple(n for n, k in zip(names, day, strict=True) if k == d), self.calendar.a_day)
                    for d in days}  # fmt: skip
        plan = SendSchedule(dict.fromkeys(names, self.calendar.an_hour), together=families).decide(table[rows])
        at = dict(zip(names, slots, strict=True))
        chosen = {int(r): at[s] for r, s in zip(rows, plan.solution, strict=True) if s is not None}
        first = sorted(chosen.items(), key=lambda kv: (kv[1], -value[kv[0]], kv[0]))
        return Decision(dict(first), plan.value, plan.bound, plan.gap, plan.binding, plan.shadow_prices, plan.why)


def _among(table: Array, places: int) -> Whole:
    """The rows that are among the best ``places`` of any slot."""
    if len(table) <= places:
        return np.arange(len(table))
    best = np.argsort(-table, axis=0, kind="stable")[:places]
    return np.unique(best)
