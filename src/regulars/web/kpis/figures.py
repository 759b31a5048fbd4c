"""One key figure drawn large: its course by week or month, and the forecast where one was made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web import charts
from regulars.web.bridge.kpis import kpi_rows
from regulars.web.kpis.tiles import GRAINS, Tile, ended, grouped, owner_unit, slice_of, slices, tiles, today
from regulars.web.words.amounts import symbol
from regulars.web.words.kpis import kpi_unit

PERIODS = {"week": 52, "month": 24}
# Hours, not seconds, on an axis; shares and money have a kind of their own.
AXES = {"minor units": ("money", ""), "share": ("percent", ""), "seconds": ("number", gettext_lazy("hours")),
        "months": ("number", gettext_lazy("months"))}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure drawn large."""

    tile: Tile
    chart: charts.Chart
    why: str = ""
    made_by: str = ""
    made_at: dt.datetime | None = None


def figure(tile: Tile, grain: str, of: str = "") -> Figure:
    """The course of a figure by week or month, with the forecast where one was made."""
    kind, unit = AXES.get(kpi_unit(tile.name), ("number", ""))
    points = tile.points[-PERIODS[grain]:]  # fmt: skip
    rows: list[list[Any]] = [[day, owner_unit(tile, v)] for day, v in points]
    ahead = forecast(tile, grain, of)
    x = charts.Axis(_("Week from") if grain == "week" else _("Month"), "day")
    y = charts.Axis(tile.title, kind, str(unit))
    note = tile.definition
    if not ahead:
        empty = _("Kept for all time only, not by period.")
        chart = charts.line("figure", tile.title, rows, x, y, note=note, empty=empty)
        return Figure(tile, bare(chart))
    last = rows[-1][1] if rows else None
    rows = [[*r, None, None, None] for r in rows]
    if rows:
        # The forecast begins where the past ends, so that the line does not break.
        rows[-1][2:] = [last, last, last]
    rows += [[r["day"], None, *(owner_unit(tile, r[k]) for k in ("low", "high", "value"))] for r in ahead]
    more = [charts.Axis(_("Forecast"), kind, str(unit))]
    chart = charts.line("figure", tile.title, rows, x, y, band=True, more=more, note=note)
    return Figure(tile, bare(chart), ahead[0]["why"] or "", ahead[0]["made_by"], ahead[0]["made_at"])


def bare(chart: charts.Chart) -> charts.Chart:
    """Leave only the unit at the axis: the title stands above it already, and a long one would be cut."""
    axis = chart.columns[1]
    chart.option["yAxis"]["name"] = axis.unit or (symbol().strip() if axis.kind == "money" else "")
    return chart


def forecast(tile: Tile, grain: str, of: str) -> list[dict[str, Any]]:
    """The weeks ahead; only the company as a whole has a forecast."""
    if grain != "week" or of or not tile.points:
        return []
    rows = kpi_rows(grain="week", names=(f"{tile.name}_forecast",))
    return [r for r in rows if r["currency"] == tile.currency and r["day"] > tile.points[-1][0]]


__all__ = [
    "GRAINS",
    "Figure",
    "ended",
    "figure",
    "forecast",
    "grouped",
    "owner_unit",
    "slice_of",
    "slices",
    "tiles",
    "today",
]
