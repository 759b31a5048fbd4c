"""Today's money of a channel: the even part of what its week still has, paced over the day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.web.plans.models import Quota

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Today:
    """``allowed`` today, ``spent`` of it (None: nobody has told yet), and what fits into this hour, minor units."""

    allowed: int
    spent: int | None
    this_hour: int

    @property
    def left(self) -> int:
        return max(self.allowed - (self.spent or 0), 0)


def today(quota: Quota, days: Mapping[date, int], now: datetime, tz: ZoneInfo) -> Today | None:
    """Today's part of a quota of money, from its spend by day; None where it is not in force.

    What the days before left over is spread over the days to come; the last day gets all that is left. Within the day
    ``DailyPacing`` spreads it evenly over the hours to come.
    """
    from regulars.decide.pacing import HOURS, DailyPacing

    if not quota.since <= now < quota.until:
        return None
    here = now.astimezone(tz)
    before = sum(v for day, v in days.items() if day < here.date())
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    to_come = max(1, math.ceil((quota.until - midnight) / DAY)) if midnight + DAY < quota.until else 1
    allowed = max(quota.amount - before, 0) // to_come
    spent = days.get(here.date())
    hour = here.hour
    gone = tuple((spent or 0) * (k == max(hour - 1, 0)) for k in range(HOURS))
    pace = DailyPacing(budget=allowed, spent=gone)
    return Today(allowed, spent, max(pace.allowance(hour) - gone[hour], 0))
