"""Markets in figures: the potential under the owner's weights, and the map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.markets.queries import FACTORS, MIDDLE
from regulars.web.words.amounts import major

# An attribute the map shows worse than this has no honest direction on it.
SHOWN = 0.5
POINTS = 48


def factor_words() -> dict[str, str]:
    return {"size": _("Size"), "growth": _("Growth"), "fit": _("Fit"), "room": _("Room")}


def attribute_words() -> dict[str, str]:
    return {
        "conversion": _("More of them buy"), "growth": _("Growing"), "order_value": _("Larger orders"),
        "repeat": _("More come back"), "churn": _("More leave"), "clv": _("Worth more"),
        "satisfaction": _("More content"), "asks": _("Ask for more"),
    }  # fmt: skip


def potentials(rows: list[dict[str, Any]], notes: Mapping[str, Any], weights: Mapping[str, float]) -> list[Any]:
    """The markets by potential; ``fit`` is the share of people known who bought times what a buyer is worth."""
    from regulars.understand.market_potential import market_potential

    size, room = [], []
    for row in rows:
        note = notes.get(row["market"])
        size.append(max(note.size if note and note.size else row["people"], 1))
        crowded = MIDDLE if note is None or note.competition is None else note.competition
        room.append(max(1.0 - crowded, 0.01))
    clv = [max(row["clv"] or 0.0, 1.0) for row in rows]
    fit = [row["conversion"] * worth for row, worth in zip(rows, clv, strict=True)]
    fit_error = [
        math.hypot(row["conversion_error"], (row["clv_error"] or 0.0) / worth)
        for row, worth in zip(rows, clv, strict=True)
    ]
    factors = {"size": size, "growth": [row["growth"] for row in rows], "fit": fit, "room": room}
    errors = {"growth": [row["growth_error"] for row in rows], "fit": fit_error}
    return list(market_potential([row["market"] for row in rows], factors, errors, weights))


def demand(row: Mapping[str, Any], size: int | None) -> float | None:
    """What the people not won yet would be worth, if they bought as those we know: None where the size is not said."""
    if not size:
        return None
    return max(size - row["customers"], 0) * row["conversion"] * (row["clv"] or 0.0)


def map_chart(body: dict[str, Any], names: Mapping[str, str]) -> charts.Chart:
    """What is like what: near is alike; ellipses hold nine of ten redrawn places, arrows point to more."""
    revenue = {row["market"]: row["revenue"] for row in body["markets"]}
    rows = [
        (names.get(p["market"], p["market"]), p["x"], p["y"], float(major(round(revenue[p["market"]]))))
        for p in body["places"]
    ]
    axis = charts.Axis("")
    chart = charts.scatter(
        "map", _("Which markets are alike"), rows, charts.Axis(_("Market"), "text"), axis, axis,
        charts.Axis(_("Revenue, 90 days"), "money"),
        note=_("Near is alike. The ellipse is where a market may also lie; an arrow points to more of something."),
    )  # fmt: skip
    chart.option["series"][0]["role"] = "places"
    far = max((math.hypot(p["x"], p["y"]) for p in body["places"]), default=1.0) or 1.0
    for place in body["places"]:
        if place["long"] > 0:
            chart.option["series"].append({"type": "line", "role": "outline", "name": "", "data": _ellipse(place)})
    words = attribute_words()
    for one in body["directions"]:
        if one["shown"] >= SHOWN:
            end = [one["x"] * far * one["shown"], one["y"] * far * one["shown"]]
            chart.option["series"].append(
                {"type": "line", "role": "arrow", "name": words[one["name"]], "data": [[0, 0], end]}
            )
    for side in ("xAxis", "yAxis"):
        chart.option[side] |= {"show": False, "scale": True}
    return chart


def _ellipse(place: Mapping[str, float]) -> list[list[float]]:
    cos, sin = math.cos(place["angle"]), math.sin(place["angle"])
    points = []
    for i in range(POINTS + 1):
        a, b = place["long"] * math.cos(2 * math.pi * i / POINTS), place["short"] * math.sin(2 * math.pi * i / POINTS)
        points.append([place["x"] + a * cos - b * sin, place["y"] + a * sin + b * cos])
    return points


def potential_chart(found: list[Any], names: Mapping[str, str]) -> charts.Chart:
    rows = [(names.get(p.market, p.market), p.index, p.low, p.high) for p in found]
    return charts.bar(
        "potential", _("Potential (100 is the typical market)"), rows, charts.Axis(_("Market"), "text"),
        [charts.Axis(_("Potential"))], intervals=True,
    )  # fmt: skip


def parts_of(one: Any) -> list[tuple[str, float]]:
    """What each factor does to the index, the strongest first: 1.2 lifts it by a fifth."""
    words = factor_words()
    return sorted(((words[k], v) for k, v in one.parts if k in FACTORS), key=lambda p: -abs(math.log(p[1])))
