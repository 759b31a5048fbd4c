"""Key figures as their page shows them: the newest whole period beside the one before, the course, the forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from regulars.web import charts
from regulars.web.bridge.kpis import kpi_rows, kpi_slices
from regulars.web.plans.queries import last_turn
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.words.amounts import major, number_text, percent_text, symbol
from regulars.web.words.kpis import kpi_definition, kpi_text, kpi_title, kpi_unit
from regulars.web.words.labels import label

GRAINS = ("week", "month")
GROUPS = (
    (gettext_lazy("Money"), ("revenue", "orders", "aov", "profit_per_new_customer", "spend", "roas", "roi", "cac")),
    (
        pgettext_lazy("heading", "Customers"),
        ("new_customers", "clv", "repeat_rate", "loyalty_index", "retention_rate", "churn_rate", "referral_rate",
         "conversion_rate", "market_coverage"),
    ),
    (gettext_lazy("Service"), ("csat", "nps", "first_response_s", "resolution_s")),
)  # fmt: skip
NAMES = tuple(name for _title, names in GROUPS for name in names)
PERIODS = {"week": 52, "month": 24}
# Hours, not seconds, on an axis; shares and money have a kind of their own.
AXES = {"minor units": ("money", ""), "share": ("percent", ""), "seconds": ("number", gettext_lazy("hours"))}


@dataclass(frozen=True)
class Tile:
    """One figure: its newest whole period, the one before, and its course."""

    name: str
    title: str
    definition: str
    value: float | None
    before: float | None
    currency: str | None
    day: dt.date | None
    points: tuple[tuple[dt.date, float | None], ...] = field(repr=False, default=())
    ever: bool = False

    @property
    def text(self) -> str:
        return self.said(self.value)

    @property
    def before_text(self) -> str:
        return self.said(self.before)

    def said(self, value: float | None) -> str:
        """Points of a score need no decimals."""
        if kpi_unit(self.name) == "points":
            return number_text(value)
        return kpi_text(self.name, value, self.currency)

    @property
    def moved(self) -> str:
        """The change against the period before: points where the figure is a share, else per cent."""
        if self.value is None or self.before is None:
            return ""
        change = self.value - self.before
        unit = kpi_unit(self.name)
        if unit == "share":
            text = number_text(abs(change) * 100, 1)
            sign = "+" if change > 0 else "−" if change < 0 else "±"
            return _("%(n)s points") % {"n": f"{sign}{text}"}
        if unit == "points" or not self.before or self.before < 0:
            sign = "+" if change > 0 else "−" if change < 0 else "±"
            return f"{sign}{self.said(abs(change))}"
        return percent_text(change / self.before, sign=True)

    @property
    def spark(self) -> str:
        return charts.spark([v for _day, v in self.points[-13:]])


def slice_of(text: str) -> tuple[str | None, str | None]:
    """What ``channel:search`` or ``market:CN`` narrows to, as (channel, market)."""
    kind, _colon, value = text.partition(":")
    return (value or None if kind == "channel" else None, value or None if kind == "market" else None)


def slices() -> dict[str, list[tuple[str, str]]]:
    """The channels and markets figures are kept for, as (choice, word)."""
    channels, markets = kpi_slices()
    return {
        "channel": [(f"channel:{c}", label("channel", c)) for c in channels],
        "market": [(f"market:{m}", m) for m in markets],
    }


def rows_of(grain: str, of: str = "") -> list[dict[str, Any]]:
    """Rows of one grain and slice, oldest first."""
    channel, market = slice_of(of)
    return kpi_rows(grain=grain, channel=channel, market=market, names=NAMES)


def today() -> dt.date | None:
    """The day of the newest turn: the period it falls in has not ended."""
    turned = last_turn()
    return turned.astimezone(settings.COMPANY.tz).date() if turned else None


def ended(day: dt.date, grain: str, now: dt.date | None) -> bool:
    """Whether the period that began on ``day`` was over on ``now``.

    >>> [ended(dt.date(2026, 2, 1), "month", now) for now in (dt.date(2026, 2, 28), dt.date(2026, 3, 1))]
    [False, True]
    """
    if now is None:
        return True
    if grain == "month":
        return (day.year, day.month) < (now.year, now.month)
    return (now - day).days >= 7


def tiles(grain: str, of: str = "") -> list[Tile]:
    """One tile a figure; what is known for all time only (customer value) says so."""
    now = today()
    courses: dict[tuple[str, str | None], list[tuple[dt.date, float | None]]] = {}
    for r in rows_of(grain, of):
        if ended(r["day"], grain, now):
            courses.setdefault((r["name"], r["currency"]), []).append((r["day"], r["value"]))
    ever = {(r["name"], r["currency"]): r for r in rows_of("all", of)}
    own = settings.COMPANY.currency
    found = []
    for name in NAMES:
        currencies = {c for n, c in (*courses, *ever) if n == name}
        # The company's own currency first; amounts in others are never added to it.
        for currency in sorted(currencies, key=lambda c: (c not in (None, own), c or "")):
            points = tuple(courses.get((name, currency), ()))
            whole = ever.get((name, currency))
            if not points and whole is None:
                continue
            found.append(Tile(
                name, kpi_title(name), kpi_definition(name),
                points[-1][1] if points else whole["value"] if whole else None,
                points[-2][1] if len(points) > 1 else None, currency,
                points[-1][0] if points else None, points, ever=not points,
            ))  # fmt: skip
    return found


def grouped(found: Sequence[Tile]) -> list[tuple[Any, list[Tile]]]:
    """Tiles of the company's own currency under their headings."""
    own = {t.name: t for t in reversed(found) if t.currency in (None, settings.COMPANY.currency)}
    return [(title, [own[n] for n in names if n in own]) for title, names in GROUPS if any(n in own for n in names)]


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


def owner_unit(tile: Tile, value: float | None) -> float | None:
    """Yuan instead of fen, hours instead of seconds."""
    if value is None:
        return None
    unit = kpi_unit(tile.name)
    if unit == "minor units":
        return float(major(value, tile.currency))
    return value / 3600 if unit == "seconds" else value


def csv_lines(grain: str, of: str = "") -> Iterator[str]:
    """Every period of every figure, one row each, for a spreadsheet."""
    yield "\ufeff"
    heads = (_("Figure"), _("Key"), _("Period from"), _("Ended"), _("Value"), _("Unit"), _("Channel"), _("Market"))
    yield csv_line(heads)
    now = today()
    channel, market = slice_of(of)
    for r in rows_of(grain, of):
        unit = kpi_unit(r["name"])
        money = unit == "minor units" and r["value"] is not None
        value = major(r["value"], r["currency"]) if money else plain(r["value"])
        yield csv_line([
            plain(kpi_title(r["name"])), r["name"], r["day"].isoformat(),
            _("yes") if ended(r["day"], grain, now) else _("no"), value,
            (r["currency"] or "") if unit == "minor units" else unit,
            plain(label("channel", channel)) if channel else "", plain(market or ""),
        ])  # fmt: skip
