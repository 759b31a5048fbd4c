"""Segments in figures: what each is worth, and how few customers hold half of all value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.people.queries import people
from regulars.web.segments.words import name_of
from regulars.web.words.amounts import major

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Concentration:
    """How the value of customers is spread: the share of them that holds half, and the curve."""

    customers: int
    half: float
    points: tuple[tuple[float, float], ...]


def concentration(made_at: dt.datetime) -> Concentration | None:
    """Of the newest scores; one query a turn of the wheel."""
    return _spread(made_at)


@lru_cache(maxsize=2)
def _spread(made_at: dt.datetime) -> Concentration | None:
    rows = people().filter(score__clv__isnull=False).order_by("-score__clv")
    return spread(list(rows.values_list("score__clv", flat=True)))


def spread(values: Sequence[int]) -> Concentration | None:
    """From values sorted downwards; None where there is no value to share.

    >>> found = spread([50, 30, 10, 10])
    >>> found.half, found.points[-1]
    (0.25, (1.0, 1.0))
    """
    sums = list(accumulate(max(v, 0) for v in values))
    if not sums or sums[-1] <= 0:
        return None
    total, n = sums[-1], len(sums)
    half = next(i for i, s in enumerate(sums, start=1) if s * 2 >= total) / n
    points = tuple((share, sums[max(round(share * n), 1) - 1] / total) for share in STEPS)
    return Concentration(n, half, points)


def spread_chart(found: Concentration) -> charts.Chart:
    rows = [(f"{share:.0%}", held) for share, held in found.points]
    chart = charts.bar(
        "spread", _("How the value is spread"), rows, charts.Axis(_("The most valuable customers"), "text"),
        [charts.Axis(_("Share of all value"), "percent")],
    )  # fmt: skip
    chart.option["yAxis"] |= {"name": "", "max": 1}
    return chart


def worth_chart(segments: Sequence[dict[str, Any]]) -> charts.Chart:
    """What each segment is expected to bring, flat bars, the largest first."""
    rows = [(name_of(s), float(major(s["worth"]))) for s in segments]
    chart = charts.bar(
        "worth", _("Expected value by segment"), rows, charts.Axis(_("Segment"), "text"),
        [charts.Axis(_("Customer value in total"), "money")], across=True,
    )  # fmt: skip
    chart.option["xAxis"]["name"] = ""
    return chart
