"""What the company's own traffic lets an experiment see: asked while the owner types."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, pstdev
from typing import Any

from regulars.web.bridge.kpis import kpi_rows
from regulars.web.people.queries import bought_within

LENGTHS = (7, 14, 28, 56, 84, 182, 364)
WEEKS = 12


@dataclass(frozen=True)
class Length:
    """A length with the smallest relative change it would show, eight times out of ten."""

    days: int
    relative: float | None
    enough: bool
    chosen: bool


@dataclass(frozen=True)
class Traffic:
    """People (or weeks) at hand, what happens without the change, and what each length can see."""

    unit: str
    people: int
    base: float | None
    spread: float | None
    lengths: tuple[Length, ...]
    first_enough: int | None


def traffic(unit: str, days: int, share: float, wanted: float, arms: int, *, channel: str = "",
            market: str = "") -> Traffic:  # fmt: skip
    """The calculator beside the form; ``share`` is the control's, ``wanted`` the relative change worth seeing."""
    return _people(days, share, wanted, arms) if unit == "person" else _weeks(unit, days, wanted, channel, market)


def _people(days: int, share: float, wanted: float, arms: int) -> Traffic:
    from regulars.measure.power import minimum_detectable

    everybody, buyers = bought_within({*LENGTHS, days})
    out, base = [], None
    for length in sorted(buyers):
        p = buyers[length] / everybody if everybody else 0.0
        base = p if length == days else base
        each = (1 - share) / max(arms - 1, 1)
        seen = minimum_detectable(p * (1 - p), everybody * each, everybody * share, alternatives=max(arms - 1, 1)
                                  ) / p if 0 < p < 1 else None  # fmt: skip
        out.append(_length(length, seen, wanted, days))
    return _done("person", everybody, base, None, out)


def _weeks(unit: str, days: int, wanted: float, channel: str, market: str) -> Traffic:
    """Weeks (or places by weeks) compared by halves; the spread is what the week before leaves unexplained."""
    from regulars.measure.power import critical

    rows: list[dict[str, Any]] = kpi_rows(grain="week", channel=channel or None, market=market or None,
                                          names=("revenue",))  # fmt: skip
    values = [r["value"] for r in rows][-WEEKS - 1 : -1]
    level = mean(values) if values else 0.0
    steps = [b - a for a, b in pairwise(values)]
    spread = pstdev(steps) / math.sqrt(2) / level if len(steps) > 3 and level > 0 else None
    out = []
    for length in sorted({*LENGTHS, days}):
        weeks = length / 7
        seen = None if spread is None or weeks < 2 else (critical() + 0.8416) * spread * 2 / math.sqrt(weeks)
        out.append(_length(length, seen, wanted, days))
    return _done(unit, len(values), level or None, spread, out)


def _length(days: int, seen: float | None, wanted: float, chosen: int) -> Length:
    return Length(days, seen, seen is not None and seen <= wanted, days == chosen)


def _done(unit: str, people: int, base: float | None, spread: float | None, out: list[Length]) -> Traffic:
    return Traffic(unit, people, base, spread, tuple(out), next((o.days for o in out if o.enough), None))
