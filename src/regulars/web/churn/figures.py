"""The boards of leaving and of what comes next, drawn."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.churn.lists import CORNERS
from regulars.web.words.amounts import major
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentence

BINS = range(1, 11)


def map_chart(body: dict[str, Any]) -> charts.Chart:
    """Risk across, worth upwards; each dot is a customer, nobody is named."""
    rows = [(str(CORNERS[corner]), round(risk, 3), round(float(major(worth)), 2))
            for risk, worth, corner in body["points"]]  # fmt: skip
    chart = charts.scatter(
        "risk-worth", _("Risk and worth"), rows, charts.Axis(_("Corner"), "text"),
        charts.Axis(_("Risk of leaving"), "percent"), charts.Axis(_("Worth if they stay"), "money"),
        note=_("Each dot is one customer of a fair sample; worth is what they would bring if they stay."),
    )  # fmt: skip
    chart.option["xAxis"] |= {"min": 0, "max": 1}
    # Worth spans orders of magnitude: on a plain axis a few whales press everybody to the floor.
    lowest = min((r[2] for r in rows if r[2] > 0), default=1)
    chart.option["yAxis"] |= {"type": "log", "min": max(1, 10 ** int(math.log10(max(lowest, 1))))}
    chart.option["series"][0]["data"] = [d for d in chart.option["series"][0]["data"] if d[1] > 0]
    chart.option["series"][0]["markLine"] = {"silent": True, "symbol": "none", "label": {"show": False},
                                             "data": [{"yAxis": max(float(major(body["worth_cut"])), 1)}]}  # fmt: skip
    return chart


def signs(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Each sign of leaving with how common it is among those at risk and among the others."""
    return [{**r, "text": sentence(r["code"]), "width": round(100 * r["at_risk"]), "other": round(100 * r["others"])}
            for r in body["reasons"]]  # fmt: skip


def survival_chart(body: dict[str, Any]) -> charts.Chart | None:
    rows = [(str(p), s, low, high) for p, s, low, high in body["survival"]]
    if len(rows) < 2:
        return None
    chart = charts.line(
        "survival", _("How long contracts last"), [("0", 1.0, 1.0, 1.0), *rows],
        charts.Axis(_("Periods since the start"), "text"), charts.Axis(_("Still there"), "percent"), band=True,
        note=_("Counted over all contracts that ever began (Kaplan and Meier); the band holds nine times out of ten."),
    )  # fmt: skip
    chart.option["yAxis"] |= {"min": 0, "max": 1}
    return chart


def calibration_chart(bins: list[dict[str, Any]], key: str, title: str) -> charts.Chart | None:
    """Tenths by chance: foretold beside real, the range of the real one as whiskers."""
    if not bins:
        return None
    rows = [(str(i), b["forecast"], b["actual"], b["low"], b["high"]) for i, b in enumerate(bins, start=1)]
    chart = charts.bar(
        key, title, rows, charts.Axis(_("Tenth, the highest chance first"), "text"),
        [charts.Axis(_("Foretold"), "percent"), charts.Axis(_("Real"), "percent")], intervals=True,
        note=_("Each was foretold by a model that had not seen them. The closer the two bars, the better."),
    )  # fmt: skip
    chart.option["yAxis"]["name"] = ""
    return chart


def lift_chart(body: dict[str, Any]) -> charts.Chart | None:
    if not body["lift"]:
        return None
    rows = [(0.0, 0.0, 0.0, 0.0, 0.0),
            *((p["share"], p["gain"], p["low"], p["high"], p["share"]) for p in body["lift"])]  # fmt: skip
    rows = [(f"{r[0]:.0%}", *r[1:]) for r in rows]
    chart = charts.line(
        "gains", _("Whom you reach by writing to the best first"), rows,
        charts.Axis(_("Share of customers written to"), "text"), charts.Axis(_("Share of buyers reached"), "percent"),
        band=True, more=[charts.Axis(_("By lot"), "percent")],
    )  # fmt: skip
    chart.option["yAxis"] |= {"min": 0, "max": 1, "name": ""}
    return chart


def weeks_chart(body: dict[str, Any]) -> charts.Chart | None:
    if not any(body["weeks"]):
        return None
    rows = [(str(i), n) for i, n in enumerate(body["weeks"], start=1)]
    return charts.bar(
        "weeks", _("When customers buy again"), rows, charts.Axis(_("Week from now"), "text"),
        [charts.Axis(_("Customers"))],
        note=_("Each customer counts in the week of their most likely day; who is expected later is not drawn."),
    )  # fmt: skip


def drivers_chart(body: dict[str, Any]) -> charts.Chart | None:
    if not body["drivers"]:
        return None
    rows = [(label("feature", name), share) for name, share in body["drivers"]]
    return charts.bar("drivers", _("What moves the chance to buy"), rows, charts.Axis(_("Feature"), "text"),
                      [charts.Axis(_("Share of all movement"), "percent")], across=True)  # fmt: skip
