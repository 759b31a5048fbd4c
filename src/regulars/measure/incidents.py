"""Alarms that belong together as one incident: what, where, how much money, and the likely cause."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from regulars.measure.decomposition import Cause

# Shares of a usual week's revenue from which an incident is serious or severe.
SERIOUS: Final = 0.05
SEVERE: Final = 0.25
_RANK: Final = {"severe": 0, "serious": 1, "slight": 2}


@dataclass(frozen=True)
class Point:
    """One day of the chart: the value and the range that would have been usual."""

    day: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Moved:
    """A figure that is part of an incident."""

    figure: str
    channel: str | None
    market: str | None
    value: float
    expected: float


@dataclass(frozen=True)
class Incident:
    """What happened, in the owner's terms.

    ``money`` is what it is worth in minor units, negative when lost (None where it cannot be said); ``told``
    is False for what went beyond the alarms a week the owner wants to hear; ``p`` how often chance alone does this.
    """

    id: str
    kind: str
    figure: str
    channel: str | None
    market: str | None
    day: str
    end: str
    value: float
    expected: float
    low: float | None
    high: float | None
    money: int | None
    severity: str
    way: str
    p: float
    told: bool
    by: str
    causes: tuple[Cause, ...]
    explained: float
    moved: tuple[Moved, ...]
    points: tuple[Point, ...]
    raised: float
    why: tuple[str, ...]


def incident_id(kind: str, figure: str, channel: str | None, market: str | None, day: date) -> str:
    """The same incident has the same id in every turn.

    >>> import datetime
    >>> one = incident_id("day", "revenue", None, None, datetime.date(2026, 3, 5))
    >>> one == incident_id("day", "revenue", "", "", datetime.date(2026, 3, 5)), len(one)
    (True, 12)
    """
    text = "|".join([kind, figure, channel or "", market or "", day.isoformat()])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def severity(money: float | None, week: float) -> str:
    """Severe, serious or slight, by the money at stake over a usual week's revenue.

    >>> severity(-30_000, 100_000), severity(6_000, 100_000), severity(None, 100_000)
    ('severe', 'serious', 'slight')
    """
    if money is None or week <= 0:
        return "slight"
    share = abs(money) / week
    return "severe" if share >= SEVERE else "serious" if share >= SERIOUS else "slight"


def together(alarms: pd.DataFrame) -> list[list[int]]:
    """Rows of alarms that are one incident: their days touch, and their slices can be the same sales.

    All of a figure goes with each of its channels; a channel goes with a market; two channels only go together
    through what they share.
    """
    n = len(alarms)
    group = list(range(n))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    rows = list(alarms[["day", "end", "channel", "market"]].itertuples(index=False, name=None))
    rows = [tuple(None if v is pd.NaT or v != v else v for v in r) for r in rows]
    order = sorted(range(n), key=lambda i: rows[i][0])
    one = pd.Timedelta(days=1)
    for place, i in enumerate(order):
        for j in order[place + 1 :]:
            if rows[j][0] > rows[i][1] + one:
                continue
            if all(a is None or b is None or a == b for a, b in zip(rows[i][2:], rows[j][2:], strict=True)):
                group[root(j)] = root(i)
    found: dict[int, list[int]] = {}
    for i in order:
        found.setdefault(root(i), []).append(i)
    return list(found.values())


def limited(incidents: list[Incident], most: int, muted: Any = ()) -> tuple[Incident, ...]:
    """At most ``most`` told in any week from Monday, those with most money first; the newest incident first.

    What the owner muted takes no place of the others.
    """
    from dataclasses import replace

    ranked = sorted(incidents, key=lambda i: (_RANK[i.severity], -abs(i.money or 0), i.p))
    used: dict[str, int] = {}
    out = []
    for one in ranked:
        week = str(pd.Timestamp(one.end).to_period("W-SUN").start_time.date())
        quiet = (one.figure, one.channel or "") in muted
        told = not quiet and used.get(week, 0) < most
        used[week] = used.get(week, 0) + told
        out.append(replace(one, told=told))
    return tuple(sorted(out, key=lambda i: (i.end, i.day), reverse=True))


def lead(alarms: pd.DataFrame, rows: list[int], worth: Mapping[int, int | None]) -> int:
    """The alarm that speaks for a group: most money, then all of a figure before a part, then the least likely."""

    def order(i: int) -> tuple[float, int, float]:
        row = alarms.iloc[i]
        parts = int(row["channel"] is not None) + int(row["market"] is not None)
        return (-abs(worth[i] or 0), parts, float(row["p"]))

    return min(rows, key=order)
