"""What the facts say about time: when people were active, when tickets came, on the clock of whoever it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.decide.curves import Array
from regulars.decide.schedule_rooms import Whole
from regulars.trust.quiet_hours import zone_of

YEAR: Final = timedelta(days=365)
TICKET_DAYS: Final = 84
WEEK: Final = 168


@dataclass(frozen=True)
class Moments:
    """One row a person and clock hour in which they did anything: row of the person, hour since 1970 (UTC), 1.

    What a visit sets off (a click, a sign-up, an order) is one moment, not three. ``sources``: events by where from.
    """

    person: Whole
    hour: Whole
    count: Array
    sources: Mapping[str, int]


def moments(facts: Mapping[str, Any], people: pa.Table, now: datetime) -> Moments:
    """Visits, clicks, orders and events of the last year; an event with a number is a counter read, no moment."""
    parts = []
    if "touches" in facts:
        t = facts["touches"]
        parts.append(_rows(t.filter(t["kind"].isin(["visit", "click"])), "touches"))
    if "orders" in facts:
        t = facts["orders"]
        parts.append(_rows(t.filter(t["kind"] == "sale"), "orders"))
    if "events" in facts:
        t = facts["events"]
        parts.append(_rows(t.filter(t["value"].isnull()), "events"))
    nothing = np.zeros(0, dtype=np.int64)
    if not parts or not people.num_rows:
        return Moments(nothing, nothing, np.zeros(0), {})
    both = parts[0]
    for part in parts[1:]:
        both = both.union(part)
    both = both.filter(both["at"] >= now - YEAR, both["at"] <= now, both["customer"].notnull())
    hour = (both["at"].epoch_seconds() // 3600).cast("int64")
    found = both.group_by([both["source"], both["customer"], hour.name("hour")]).aggregate(n=both.count()).to_pyarrow()
    keys = people.column("customer").combine_chunks().cast(pa.string())
    at = pc.index_in(found.column("customer").combine_chunks().cast(pa.string()), value_set=keys)
    row = np.asarray(at.fill_null(-1), dtype=np.int64)
    n = np.asarray(found.column("n"), dtype=float)
    names = np.asarray(found.column("source"))
    known = row >= 0
    sources = {name: int(n[known & (names == name)].sum()) for name in sorted(set(names.tolist()))}
    pairs = np.unique(np.stack([row[known], np.asarray(found.column("hour"), dtype=np.int64)[known]], axis=1), axis=0)
    return Moments(pairs[:, 0], pairs[:, 1], np.ones(len(pairs)), sources)


def _rows(table: Any, source: str) -> Any:
    import ibis

    return table.select(source=ibis.literal(source), customer=table["customer"], at=table["at"])


def bins_of(hours: Whole, zone: Whole, zones: Sequence[str], fallback: str) -> Whole:
    """The hour of the local week (Monday 0:00 is 0) of each UTC clock hour; the clock of a day is that of its noon."""
    out = np.zeros(len(hours), dtype=np.int64)
    if not len(hours):
        return out
    day = hours // 24
    for z, name in enumerate(zones):
        mine = np.flatnonzero(zone == z)
        if not len(mine):
            continue
        place = zone_of(name, fallback)
        days, which = np.unique(day[mine], return_inverse=True)
        noon = [datetime.fromtimestamp(int(d) * 86_400 + 43_200, UTC).astimezone(place) for d in days]
        shift = np.array([int((w.utcoffset() or timedelta()).total_seconds()) for w in noon])
        local = (hours[mine] * 3600 + shift[which.ravel()]) // 3600
        # 1 January 1970 was a Thursday.
        out[mine] = (local + 72) % WEEK
    return out


def tickets(facts: Mapping[str, Any], now: datetime, zone: str, within: float) -> tuple[Array, int, float | None]:
    """Mean tickets of each hour of the company's week over the last weeks, their number, and the share answered in
    time so far."""
    if "feedback" not in facts:
        return np.zeros(WEEK), 0, None
    t = facts["feedback"]
    t = t.filter(t["kind"] == "ticket", t["at"] >= now - timedelta(days=TICKET_DAYS), t["at"] <= now)
    hour = (t["at"].epoch_seconds() // 3600).cast("int64")
    answered, quick = t["first_response_s"].notnull(), t["first_response_s"] <= within * 3600
    found = (
        t.group_by(hour.name("hour"))
        .aggregate(n=t.count(), answered=answered.cast("int64").sum(), quick=quick.cast("int64").sum())
        .to_pyarrow()
    )
    n = np.asarray(found.column("n"), dtype=float)
    if not len(n):
        return np.zeros(WEEK), 0, None
    hours = np.asarray(found.column("hour"), dtype=np.int64)
    bins = bins_of(hours, np.zeros(len(hours), dtype=np.int64), [zone], zone)
    known = float(pc.sum(found.column("answered")).as_py() or 0)
    weeks = min(TICKET_DAYS / 7, max(1.0, (now.timestamp() / 3600 - float(hours.min())) / WEEK))
    share = float(pc.sum(found.column("quick")).as_py() or 0) / known if known else None
    return np.bincount(bins, n, WEEK) / weeks, int(n.sum()), share
