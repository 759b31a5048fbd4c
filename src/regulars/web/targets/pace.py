"""Whether a target will be reached: the running period so far, carried on at its pace.

The rule, as the page states it. A sum (revenue, orders) is carried on to the end of the period over the usual
weekdays of the last eight weeks; customers lost are carried on evenly; any other figure is taken as it stands.
On track means that this end is at least the target, or at most, where less is better.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

SUMS = {"revenue": "revenue", "gross_margin": "revenue", "orders": "orders", "new_customers": "new_customers",
        "spend": "spend"}  # fmt: skip
LOSSES = ("churn_rate", "retention_rate")
WEEKS = 8
# Of the period, before which a pace says nothing yet.
EARLY = 0.1


@dataclass(frozen=True)
class Progress:
    """``value`` so far, ``end`` at this pace, ``elapsed`` the share of the period's usual business that is over.

    ``state`` is reached, on_track, behind, early (too soon to say) or unknown (nothing counted yet).
    """

    target: float
    value: float | None
    end: float | None
    elapsed: float
    state: str
    is_sum: bool

    @property
    def done(self) -> int:
        """Width of the bar: per cent of the target there so far."""
        if self.value is None or self.target <= 0:
            return 0
        return max(0, min(100, round(100 * self.value / self.target)))

    @property
    def due(self) -> int:
        """Where a sum should stand by now, in per cent of the bar."""
        return max(0, min(100, round(100 * self.elapsed)))


def progress(kpi: str, better: str, target: float, value: float | None, elapsed: float) -> Progress:
    """Hold the running period against its target.

    >>> progress("revenue", "up", 1000, 600, 0.5).state, progress("revenue", "up", 1000, 400, 0.5).end
    ('on_track', 800.0)
    >>> progress("churn_rate", "down", 0.05, 0.03, 0.5).state
    'behind'
    """
    is_sum = kpi in SUMS
    if value is None:
        return Progress(target, None, None, elapsed, "unknown", is_sum)
    if is_sum and better == "up" and value >= target:
        return Progress(target, value, value / max(elapsed, EARLY), elapsed, "reached", is_sum)
    if is_sum and better == "down" and value > target:
        return Progress(target, value, value / max(elapsed, EARLY), elapsed, "behind", is_sum)
    if (is_sum or kpi in LOSSES) and elapsed < EARLY:
        return Progress(target, value, None, elapsed, "early", is_sum)
    end = value
    if is_sum or kpi == "churn_rate":
        end = value / elapsed
    elif kpi == "retention_rate":
        end = 1 - (1 - value) / elapsed
    good = end >= target if better == "up" else end <= target
    return Progress(target, value, end, elapsed, "on_track" if good else "behind", is_sum)


def elapsed(start: dt.date, grain: str, now: dt.datetime, days: Mapping[dt.date, float | None] | None = None) -> float:
    """The share of a period's usual business that is over at ``now`` (company time), by the weekdays of ``days``.

    >>> elapsed(dt.date(2026, 3, 2), "week", dt.datetime(2026, 3, 5, 12))
    0.5
    >>> even = {dt.date(2026, 3, 1) - dt.timedelta(days=n): 0.0 if n % 7 < 2 else 1.0 for n in range(56)}
    >>> round(elapsed(dt.date(2026, 3, 2), "week", dt.datetime(2026, 3, 7), even), 3)  # weekends bring nothing
    1.0
    """
    end = following(start, grain)
    length = (end - start).days
    weights = _weekdays(start, days or {})
    every = [weights[(start + dt.timedelta(days=n)).weekday()] for n in range(length)]
    gone = (now.date() - start).days
    if gone >= length:
        return 1.0
    if gone < 0:
        return 0.0
    part = (now.hour * 3600 + now.minute * 60 + now.second) / 86_400
    return (sum(every[:gone]) + part * every[gone]) / sum(every)


def following(start: dt.date, grain: str) -> dt.date:
    """The first day of the next period."""
    if grain == "month":
        return (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return start + dt.timedelta(days=7)


def _weekdays(start: dt.date, days: Mapping[dt.date, float | None]) -> list[float]:
    sums = [0.0] * 7
    for n in range(1, 7 * WEEKS + 1):
        day = start - dt.timedelta(days=n)
        sums[day.weekday()] += max(days.get(day) or 0.0, 0.0)
    return sums if sum(sums) > 0 else [1.0] * 7
