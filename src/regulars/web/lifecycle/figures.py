"""The lifecycle in charts and tables: flows, sizes over time, chances of the next month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regulars import tables
from regulars.web import charts
from regulars.web.words.amounts import number_text, percent_text
from regulars.web.words.labels import label

STATES = tables.ACTIVITY_STATES


@dataclass(frozen=True)
class Cell:
    """One chance of the transition table: its text, its shade, and how often it was counted."""

    text: str
    shade: str
    title: str


@dataclass(frozen=True)
class Row:
    state: str
    total: int
    cells: list[Cell]


def flow_chart(body: dict[str, Any], span: int) -> charts.Chart:
    """Who moved where: the states so many months ago on the left, at the last month end on the right."""
    then, now = _("%(n)s months before") % {"n": span} if span > 1 else _("a month before"), _("now")

    def word(key: str) -> str:
        return label("activity", key) if key else _("No customer yet")

    # The order of the states from top to bottom, so that lines cross as little as possible.
    order = {key: i for i, key in enumerate(("", *STATES))}
    flows = sorted((f for f in body["flows"] if f[0] == span), key=lambda f: (order[f[1]], order[f[2]]))
    rows = [(f"{word(a)} · {then}", f"{word(b)} · {now}", n) for _span, a, b, n in flows]
    chart = charts.sankey(
        "flow", _("Who moved where"), rows, empty=_("Drawn as soon as there are two month ends."),
        note=_("Every line is a number of customers; its thickness says how many."),
    )  # fmt: skip
    series = chart.option["series"][0]
    names = {n["name"] for n in series["data"]}
    told = [f"{word(key)} · {when}" for when in (then, now) for key in order]
    series |= {"data": [{"name": name} for name in told if name in names], "layoutIterations": 0}
    return chart


def sizes_chart(body: dict[str, Any]) -> charts.Chart:
    """How many stood in each state at past month ends, stacked."""
    rows = [[dt.date.fromisoformat(day).strftime("%Y-%m"), *sizes]
            for day, sizes in zip(body["months"], body["sizes"], strict=True)]  # fmt: skip
    chart = charts.bar(
        "sizes", _("Customers by state over time"), rows, charts.Axis(_("Month end"), "text"),
        [charts.Axis(label("activity", key)) for key in STATES],
        note=_("The past is judged by what was known at the time, with today's model."),
    )  # fmt: skip
    for one in chart.option["series"]:
        one["stack"] = "all"
        # The look of a bar is one colour; states need one each.
        del one["role"]
    chart.option["yAxis"]["name"] = _("Customers")
    return chart


def matrix(body: dict[str, Any]) -> list[Row]:
    """The chance of each next state, row by row; states nobody was ever counted in are left out."""
    moves = {(m["before"], m["after"]): m for m in body["moves"]}
    rows = []
    for before in STATES:
        counted = sum(m["count"] for (a, _b), m in moves.items() if a == before)
        if counted:
            rows.append(Row(before, counted, [_cell(moves.get((before, after))) for after in STATES]))
    return rows


def _cell(move: dict[str, Any] | None) -> Cell:
    if move is None:
        return Cell("", "", _("Never counted"))
    told = _("%(n)s times counted; nine times out of ten between %(low)s and %(high)s") % {
        "n": number_text(move["count"]), "low": percent_text(move["low"], 1), "high": percent_text(move["high"], 1),
    }  # fmt: skip
    return Cell(percent_text(move["chance"], 0 if move["chance"] >= 0.01 else 1), f"{move['chance'] * 0.5:.3f}", told)


def coming(body: dict[str, Any], most: int = 8) -> list[dict[str, Any]]:
    """The moves expected within a month, the largest first."""
    moves = [m for m in body["moves"] if m["before"] != m["after"] and m["expected"] >= 0.5]
    return sorted(moves, key=lambda m: -m["expected"])[:most]


def stages_chart(body: dict[str, Any]) -> charts.Chart:
    rows = [(label("stage", key), n) for key, n in body["stages"]]
    return charts.bar(
        "stages", _("Everybody you know, by stage"), rows, charts.Axis(_("Stage"), "text"),
        [charts.Axis(_("People"))], across=True,
    )  # fmt: skip
