"""What the board of time shows, part by part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HourCell:
    """One hour of the local week: how much more than an average hour people respond, with its 90 % interval."""

    bin: int
    lift: float
    low: float
    high: float


@dataclass(frozen=True)
class Like:
    """People of one kind: their best hours of the week, and how many times an average hour the best is."""

    key: str
    people: int
    events: int
    best: tuple[int, ...]
    lift: float


@dataclass(frozen=True)
class Volume:
    """Messages planned for one hour (start in UTC), its room, and what one place more would earn (minor units)."""

    at: str
    planned: int
    room: int
    price: float


@dataclass(frozen=True)
class Call:
    """A call: whom, when (UTC), what it is expected to bring (minor units) and why."""

    customer: str
    at: str
    value: float
    why: str


@dataclass(frozen=True)
class Desk:
    """Hours of the company's week at the desk, what comes in each day, and what is answered in time (share)."""

    tickets: int
    a_week: float
    by_hour: tuple[float, ...]
    hours: tuple[int, ...]
    in_time: float
    now: float | None
    within: int
    share: float
    conflict: tuple[str, ...]
    hands: int
    wait: float
