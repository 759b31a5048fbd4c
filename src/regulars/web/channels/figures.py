"""Channels as their page shows them: what each cost and earned, and who gets the credit for an order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web import charts
from regulars.web.bridge.kpis import kpi_channels
from regulars.web.kpis.figures import ended, today
from regulars.web.lists import Column
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.words.amounts import major, symbol
from regulars.web.words.labels import label

GRAINS = ("all", "month")
METHODS = ("first", "linear", "last")
COLUMNS = (
    Column("channel", gettext_lazy("Channel"), "channel", label="channel", first="+"),
    Column("revenue", gettext_lazy("Revenue"), "revenue", "money"),
    Column("spend", gettext_lazy("Spend"), "spend", "money"),
    Column("roas", gettext_lazy("Revenue per ad money"), "roas", "ratio", term="roas"),
    Column("new_customers", gettext_lazy("New customers"), "new_customers", "number"),
    Column("cac", gettext_lazy("Cost per new customer"), "cac", "money", first="+", term="cac"),
    Column("profit_per_new_customer", gettext_lazy("Profit per new customer"), "profit_per_new_customer", "money"),
    Column("conversion_rate", gettext_lazy("Conversion"), "conversion_rate", "percent"),
    Column("clv", gettext_lazy("Customer value"), "clv", "money", term="clv"),
)
MORE = tuple(
    Column(f"attributed_{m}_{what}", "", f"attributed_{m}_{what}", kind)
    for m in METHODS
    for what, kind in (("orders", "number"), ("revenue", "money"))
)


def months(now: dt.date | None) -> list[dt.date]:
    """The whole months figures are kept for, newest first."""
    days = {r["day"] for r in kpi_channels("month", ("revenue", "spend")) if ended(r["day"], "month", now)}
    return sorted(days, reverse=True)


def rows(month: dt.date | None = None) -> list[dict[str, Any]]:
    """One row a channel, over all time or of one month, the one with most revenue first."""
    own = settings.COMPANY.currency
    found: dict[str, dict[str, Any]] = {}
    for r in kpi_channels("all" if month is None else "month"):
        if r["currency"] in (None, own) and (month is None or r["day"] == month):
            row = found.setdefault(r["channel"], {"channel": r["channel"]})
            row[r["name"]] = r["value"]
    return sorted(found.values(), key=lambda r: -(r.get("revenue") or 0))


def sorted_rows(found: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """In the order of one column, channels without a value last."""
    key, down = sort.lstrip("-"), sort.startswith("-")
    if key not in {c.key for c in COLUMNS}:
        return found
    known = [r for r in found if r.get(key) is not None]
    known.sort(key=lambda r: label("channel", r[key]) if key == "channel" else r[key], reverse=down)
    return known + [r for r in found if r.get(key) is None]


def turned(column: Column, sort: str) -> str:
    """The sort a click on a column asks for: the other way round where it is sorted by already."""
    if sort.lstrip("-") == column.key:
        return column.key if sort.startswith("-") else f"-{column.key}"
    return column.key if column.first == "+" else f"-{column.key}"


def attribution(found: Sequence[dict[str, Any]]) -> charts.Chart:
    """The revenue each method credits to each channel, side by side."""
    names = {"first": _("First contact"), "linear": _("Shared equally"), "last": _("Last contact")}
    drawn = [
        [label("channel", r["channel"]), *(r.get(f"attributed_{m}_revenue") for m in METHODS)]
        for r in found
        if any(r.get(f"attributed_{m}_revenue") is not None for m in METHODS)
    ]
    drawn = [[name, *(None if v is None else float(major(v)) for v in values)] for name, *values in drawn]
    chart = charts.bar(
        "attribution", _("Who gets the credit for revenue"), drawn, charts.Axis(_("Channel"), "text"),
        [charts.Axis(names[m], "money") for m in METHODS],
        note=_("Where the bars of a channel differ, it opens or closes sales rather than doing both. "
               "No method proves a cause; a test does."),
        empty=_("Attribution needs orders with at least one known contact before them."),
    )  # fmt: skip
    for series in chart.option["series"]:
        # Three methods are equals: three colours of the palette, none of them the accent's neighbour in grey.
        series |= {"role": "method", "barMaxWidth": 22, "itemStyle": {"borderRadius": 3}}
    chart.option["yAxis"]["name"] = symbol().strip()
    return chart


def csv_lines(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The table with every attribution method, for a spreadsheet; money in whole units of the currency."""
    columns = [*COLUMNS, *MORE]
    yield "\ufeff"
    yield csv_line([str(c.title) or c.key for c in columns])
    for row in found:
        yield csv_line([plain(plain(c.value(row), c.kind, c.label)) for c in columns])


def period() -> tuple[dt.date | None, list[dt.date]]:
    """The day of the newest turn and the whole months before it; one query."""
    now = today()
    return now, months(now)
