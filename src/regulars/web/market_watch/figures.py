"""Prices over time and share of voice, drawn."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.web import charts
from regulars.web.words.amounts import major


def who(name: str) -> str:
    return name or _("we")


def price_chart(prices: list[dict[str, Any]], currency: str) -> charts.Chart | None:
    """A line a competitor and product, in the company's currency; other currencies are in the table of gaps."""
    rows = [p for p in prices if p["currency"] == currency]
    names = list(dict.fromkeys((p["watched"], p["product"]) for p in rows))
    days = sorted({p["day"] for p in rows})
    if len(days) < 2:
        return None
    at = {(p["day"], p["watched"], p["product"]): float(major(p["value"], currency)) for p in rows}
    titles = [f"{who(w)} · {product}" for w, product in names]
    table = [(day, *(at.get((day, *name)) for name in names)) for day in days]
    chart = charts.line(
        "prices", _("Prices seen"), table, charts.Axis(_("Day"), "day"), charts.Axis(titles[0], "money"),
        more=[charts.Axis(t, "money") for t in titles[1:]],
    )  # fmt: skip
    for one in chart.option["series"]:
        one["connectNulls"] = True
    chart.option["yAxis"] |= {"scale": True, "name": _("Price")}
    return chart


def voice_chart(voice: list[dict[str, Any]]) -> charts.Chart | None:
    rows = [(who(v["watched"]), v["share"], v["low"], v["high"]) for v in voice]
    if len(rows) < 2:
        return None
    return charts.bar(
        "voice", _("Share of voice"), rows, charts.Axis(pgettext("watch", "Who"), "text"),
        [charts.Axis(_("Share of all mentions"), "percent")], intervals=True,
        note=_("Mentions of the last 28 days; the whiskers hold nine times out of ten."),
    )  # fmt: skip
