"""What messages change, drawn."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.amounts import major


def qini_chart(one: dict[str, Any]) -> charts.Chart | None:
    """The Qini curve with its band, and the straight line of writing to people by lot."""
    if not one["curve"]:
        return None
    end = one["curve"][-1]["value"]
    rows = [(f"{p['share']:.0%}", p["value"], p["low"], p["high"], end * p["share"]) for p in one["curve"]]
    chart = charts.line(
        "qini", _("Buyers won by writing to the best first"), rows,
        charts.Axis(_("Share of people written to"), "text"), charts.Axis(_("Extra buyers per person"), "percent"),
        band=True, more=[charts.Axis(_("By lot"), "percent")],
        note=_("The whole line lies in the band nine times out of ten. Only where it leaves the dashed line does the "
               "ranking find people by more than luck."),
    )  # fmt: skip
    chart.option["yAxis"]["name"] = ""
    return chart


def steps_chart(one: dict[str, Any]) -> charts.Chart | None:
    """The value of treating the best tenth, two tenths and so on."""
    if not one["steps"]:
        return None
    rows = [(f"{s['share']:.0%}", *(float(major(s[k])) for k in ("gain", "low", "high"))) for s in one["steps"]]
    chart = charts.bar(
        "steps", _("Profit by how many you write to"), rows, charts.Axis(_("Share of people written to"), "text"),
        [charts.Axis(_("Profit per 1,000 people"), "money")], intervals=True,
        note=_("Over writing to nobody, the cost of the messages paid; the whiskers hold nine times out of ten."),
    )  # fmt: skip
    chart.option["yAxis"]["name"] = ""
    return chart
