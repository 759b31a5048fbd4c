"""Cohorts and the funnel as tables, charts and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.web import charts
from regulars.web.spreadsheet import csv_line
from regulars.web.words.amounts import major, money_text, number_text, percent_text
from regulars.web.words.cohorts import CUTS, STEPS
from regulars.web.words.labels import label

Body = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell of the heat map: its text, its shade from 0 to 1, what it says on hover, whether the period runs."""

    text: str
    shade: str
    title: str
    running: bool


@dataclass(frozen=True)
class Row:
    name: str
    size: int
    cells: list[Cell]


def cut_word(by: str, cut: str) -> str:
    if not cut:
        return _("not known")
    if cut == "other":
        return _("All others")
    return label("channel", cut) if by == "channel" else cut


def triangle(body: Body, grain: str, by: str, cut: str) -> dict[str, Any] | None:
    """The triangle asked for, or the first of its cut, or the one of everybody."""
    own = [t for t in body["triangles"] if t["grain"] == grain and t["by"] == by]
    return next((t for t in own if t["cut"] == cut), own[0] if own else None)


def cohort_name(day: str, grain: str) -> str:
    first = dt.date.fromisoformat(day)
    if grain == "quarter":
        return f"{first.year} Q{(first.month + 2) // 3}"
    return date_format(first, "Y-m" if grain == "month" else "Y-m-d")


def heat(found: dict[str, Any], shown: str, currency: str) -> list[Row]:
    """The triangle with its shades; the newest cohort last."""
    source = found["active"] if shown == "share" else found["money"].get(currency, [])
    # Age 0 is everybody by definition and would make the rest pale.
    highest = max((v / n for n, row in zip(found["sizes"], source, strict=True) for v in row[1:]), default=0) or 1
    most = max((v for row in source for v in row), default=0) or 1
    rows = []
    for day, size, values in zip(found["cohorts"], found["sizes"], source, strict=True):
        cells = [_cell(value, size, shown, currency, found["running"] and age == len(values) - 1,
                       (value / size / highest if shown == "share" else value / most) if age or shown == "money" else 0)
                 for age, value in enumerate(values)]  # fmt: skip
        rows.append(Row(cohort_name(day, found["grain"]), size, cells))
    return rows


def _cell(value: int, size: int, shown: str, currency: str, running: bool, shade: float) -> Cell:
    if shown == "share":
        text, title = percent_text(value / size, 0), f"{number_text(value)} / {number_text(size)}"
    else:
        text, title = f"{major(value, currency):,.0f}", money_text(value, currency, short=False)
    if running:
        title = f"{title} · {_('this period is not over')}"
    return Cell(text, f"{max(shade, 0) * 0.6:.2f}", title, running)


def csv_lines(found: dict[str, Any], shown: str, currency: str) -> Iterator[str]:
    """The triangle as a sheet: one row a cohort and age."""
    money = shown == "money"
    yield "\ufeff" + csv_line([_("Cohort"), _("Customers"), _("Age"), _("Ordered") if not money else
                               f"{_('Money per customer')} ({currency})", _("Period over")])  # fmt: skip
    source = found["money"].get(currency, []) if money else found["active"]
    for day, size, values in zip(found["cohorts"], found["sizes"], source, strict=True):
        for age, value in enumerate(values):
            over = not (found["running"] and age == len(values) - 1)
            yield csv_line([day, size, age, f"{major(value, currency)}" if money else value, int(over)])


def curve_chart(found: dict[str, Any]) -> charts.Chart | None:
    """The share that orders by age, all cohorts together."""
    rows = [(str(age), share, low, high) for age, _n, share, low, high in found["curve"] if age][:36]
    if len(rows) < 2:
        return None
    return charts.line(
        "curve", _("On average"), rows, charts.Axis(_("Periods since the first order"), "text"),
        charts.Axis(_("Share that orders"), "percent"), band=True,
        note=_("All cohorts that are old enough together; the band holds nine times out of ten."),
    )  # fmt: skip


def compared(body: Body, by: str) -> list[dict[str, Any]]:
    """The cuts side by side: how many customers, and the share that orders after 1, 3 and 6 months."""
    rows = []
    for one in body["triangles"]:
        if one["by"] == by and one["grain"] == "month":
            ages = {a: {"share": s, "low": low, "high": high} for a, _n, s, low, high in one["curve"]}
            rows.append({"cut": one["cut"], "name": cut_word(by, one["cut"]), "customers": one["customers"],
                         "ages": [ages.get(a) for a in (1, 3, 6)]})  # fmt: skip
    return rows


def cuts_of(body: Body) -> list[tuple[str, str]]:
    known = {t["by"] for t in body["triangles"] if t["grain"] == "month"}
    return [(by, str(word)) for by, word in CUTS.items() if by in known]


def funnel_chart(steps: list[dict[str, Any]]) -> charts.Chart:
    rows = [(str(STEPS[s["step"]]), s["people"]) for s in steps]
    return charts.funnel("funnel", _("From stranger to regular"), rows, charts.Axis(pgettext("funnel", "People")),
                         note=_("Everybody who became known within the last year."))  # fmt: skip


def waiting_chart(points: list[list[float]], step: str, to: str) -> charts.Chart | None:
    rows = [(f"{day:g}", share, low, high) for day, share, low, high in points]
    if len(rows) < 2:
        return None
    return charts.line(
        f"wait-{step}", f"{STEPS[step]} → {STEPS[to]}", rows, charts.Axis(_("Days"), "text"),
        charts.Axis(_("Have gone on"), "percent"), band=True,
    )  # fmt: skip


def funnel_table(body: Body, channel: str) -> list[dict[str, Any]]:
    """Steps of one channel (all when empty) with the wait to the next one."""
    waits = {w["step"]: w for w in body["waits"] if w["cut"] == channel}
    return [{**s, "name": STEPS[s["step"]], "wait": waits.get(s["step"])}
            for s in body["steps"] if s["cut"] == channel]  # fmt: skip


def channel_table(body: Body) -> list[dict[str, Any]]:
    """Every channel: people, the share that orders with its range, and how long that takes."""
    known = {s["cut"]: s for s in body["steps"] if s["step"] == "known" and s["cut"]}
    waits = {w["cut"]: w for w in body["waits"] if w["to"] == "ordered"}
    rows = [
        {"cut": s["cut"], "name": cut_word("channel", s["cut"]), "people": known[s["cut"]]["people"],
         "ordered": s["people"], "share": s["share"], "wait": waits.get(s["cut"])}
        for s in body["steps"] if s["step"] == "ordered" and s["cut"] in known
    ]  # fmt: skip
    return sorted(rows, key=lambda r: -(r["share"] or 0))
