"""Tiles of the key figures: the newest whole period beside the one before and a year ago, and how far the target is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from regulars.web import charts
from regulars.web.bridge.kpis import kpi_rows, kpi_slices
from regulars.web.kpis.compare import before, year_before
from regulars.web.plans.queries import last_turn
from regulars.web.targets.pace import SUMS, Progress, elapsed, progress
from regulars.web.targets.queries import targets
from regulars.web.words.amounts import major, number_text, percent_text, symbol
from regulars.web.words.kpis import kpi_better, kpi_definition, kpi_text, kpi_title, kpi_unit
from regulars.web.words.labels import label

GRAINS = ("week", "month")
GROUPS = (
    (gettext_lazy("Money"), (
        "revenue", "gross_margin", "orders", "aov", "mrr", "net_revenue_retention", "spend", "roas", "roi", "cac",
        "payback_months", "ltv_cac", "profit_per_new_customer", "channel_concentration",
    )),
    (
        pgettext_lazy("heading", "Customers"),
        ("new_customers", "new_order_share", "new_revenue_share", "clv", "repeat_rate", "loyalty_index",
         "retention_rate", "churn_rate", "referral_rate", "conversion_rate", "market_coverage"),
    ),
    (gettext_lazy("Service"), ("csat", "nps", "first_response_s", "resolution_s")),
)  # fmt: skip
NAMES = tuple(name for _title, names in GROUPS for name in names)


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
    year_before: float | None = None
    progress: Progress | None = None

    @property
    def text(self) -> str:
        return self.said(self.value)

    @property
    def before_text(self) -> str:
        return self.said(self.before)

    @property
    def year_before_text(self) -> str:
        return self.said(self.year_before)

    def said(self, value: float | None) -> str:
        """Points of a score need no decimals."""
        if kpi_unit(self.name) == "points":
            return number_text(value)
        return kpi_text(self.name, value, self.currency)

    @property
    def moved(self) -> str:
        """The change against the period before."""
        return self.change(self.before)

    @property
    def moved_in_a_year(self) -> str:
        """The change against the same period a year ago."""
        return self.change(self.year_before)

    def change(self, since: float | None) -> str:
        """How the figure moved: points where it is a share, else per cent."""
        if self.value is None or since is None:
            return ""
        change = self.value - since
        unit = kpi_unit(self.name)
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        if unit == "share":
            return _("%(n)s points") % {"n": f"{sign}{number_text(abs(change) * 100, 1)}"}
        if unit == "points" or not since or since < 0:
            return f"{sign}{self.said(abs(change))}"
        return percent_text(change / since, sign=True)

    @property
    def better(self) -> str:
        return kpi_better(self.name)

    @property
    def target_text(self) -> str:
        return self.said(self.progress.target) if self.progress else ""

    @property
    def so_far_text(self) -> str:
        return self.said(self.progress.value) if self.progress else ""

    @property
    def end_text(self) -> str:
        return self.said(self.progress.end) if self.progress else ""

    @property
    def typed(self) -> str:
        """The target as the owner would type it."""
        if self.progress is None:
            return ""
        unit, value = kpi_unit(self.name), self.progress.target
        if unit == "share":
            value *= 100
        shown = owner_unit(self, value) if unit != "share" else value
        return f"{shown:.4f}".rstrip("0").rstrip(".")

    @property
    def typed_unit(self) -> str:
        """The unit a target is typed in."""
        unit = kpi_unit(self.name)
        if unit == "minor units":
            return symbol(self.currency).strip()
        return str({"share": "%", "seconds": _("hours"), "months": _("months")}.get(unit, ""))

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


def moment() -> dt.datetime | None:
    """When the newest turn was, in the company's zone."""
    turned = last_turn()
    return turned.astimezone(settings.COMPANY.tz) if turned else None


def today() -> dt.date | None:
    """The day of the newest turn: the period it falls in has not ended."""
    turned = moment()
    return turned.date() if turned else None


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
    turned = moment()
    now = turned.date() if turned else None
    courses: dict[tuple[str, str | None], list[tuple[dt.date, float | None]]] = {}
    running: dict[tuple[str, str | None], tuple[dt.date, float | None]] = {}
    for r in rows_of(grain, of):
        key = (r["name"], r["currency"])
        if ended(r["day"], grain, now):
            courses.setdefault(key, []).append((r["day"], r["value"]))
        else:
            running[key] = (r["day"], r["value"])
    ever = {(r["name"], r["currency"]): r for r in rows_of("all", of)}
    own = settings.COMPANY.currency
    aims = paces(grain, of, turned, running)
    found = []
    for name in NAMES:
        currencies = {c for n, c in (*courses, *ever) if n == name}
        # The company's own currency first; amounts in others are never added to it.
        for currency in sorted(currencies, key=lambda c: (c not in (None, own), c or "")):
            points = tuple(courses.get((name, currency), ()))
            whole = ever.get((name, currency))
            if not points and whole is None:
                continue
            known = dict(points)
            day = points[-1][0] if points else None
            found.append(Tile(
                name, kpi_title(name), kpi_definition(name),
                points[-1][1] if points else whole["value"] if whole else None,
                known.get(before(day, grain)) if day else None, currency, day, points, ever=not points,
                year_before=known.get(year_before(day, grain)) if day else None,
                progress=aims.get(name) if currency in (None, own) else None,
            ))  # fmt: skip
    return found


def running_paces(grain: str) -> dict[str, Progress]:
    """The running period of the whole company held against its targets, by figure; empty where none is set."""
    if not targets(grain):
        return {}
    turned = moment()
    now = turned.date() if turned else None
    rows = [r for r in rows_of(grain) if not ended(r["day"], grain, now)]
    return paces(grain, "", turned, {(r["name"], r["currency"]): (r["day"], r["value"]) for r in rows})


def paces(
    grain: str, of: str, turned: dt.datetime | None, running: dict[tuple[str, str | None], tuple[dt.date, float | None]]
) -> dict[str, Progress]:
    """The running period of every figure that has a target, held against it."""
    channel, market = slice_of(of)
    aims = targets(grain, channel, market)
    if not aims or turned is None:
        return {}
    daily: dict[str, dict[dt.date, float | None]] = {}
    for r in kpi_rows(grain="day", channel=channel, market=market, names=set(SUMS.values())):
        if r["currency"] in (None, settings.COMPANY.currency):
            daily.setdefault(r["name"], {})[r["day"]] = r["value"]
    start = turned.date().replace(day=1) if grain == "month" else turned.date() - dt.timedelta(turned.weekday())
    found = {}
    for name, aim in aims.items():
        value = next((running[n, c][1] for n, c in running if n == name and c in (None, aim.currency or None,
                      settings.COMPANY.currency) and running[n, c][0] == start), None)  # fmt: skip
        if value is None and name in SUMS and daily.get(SUMS[name]):
            value = 0.0
        gone = elapsed(start, grain, turned, daily.get(SUMS.get(name, "")))
        found[name] = progress(name, kpi_better(name), aim.value, value, gone)
    return found


def grouped(found: Sequence[Tile]) -> list[tuple[Any, list[Tile]]]:
    """Tiles of the company's own currency under their headings."""
    own = {t.name: t for t in reversed(found) if t.currency in (None, settings.COMPANY.currency)}
    return [(title, [own[n] for n in names if n in own]) for title, names in GROUPS if any(n in own for n in names)]


def owner_unit(tile: Tile, value: float | None) -> float | None:
    """Yuan instead of fen, hours instead of seconds."""
    if value is None:
        return None
    unit = kpi_unit(tile.name)
    if unit == "minor units":
        return float(major(value, tile.currency))
    return value / 3600 if unit == "seconds" else value
