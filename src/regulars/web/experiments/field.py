"""Tests on markets or by the clock as their page shows them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.findings.queries import finding
from regulars.web.words.amounts import major, money_text, number_text, percent_text
from regulars.web.words.labels import label


def field_test(uid: str) -> dict[str, Any] | None:
    """What the last turn says of a test on markets or by the clock."""
    found = finding("field_tests")
    test = next((t for t in found.body["tests"] if t["id"] == uid), None) if found else None
    if test is None or found is None:
        return None
    money = test["figure"] == "revenue"

    def said(value: float | None, sign: bool = False) -> str:
        if value is None:
            return "–"
        return (
            money_text(round(value), sign=sign) if money else ("+" if sign and value > 0 else "") + number_text(value)
        )

    def typed(value: float | None) -> str:
        return "" if value is None else str(major(round(value)) if money else round(value, 1))

    return {
        **test,
        "made_at": found.made_at,
        "made_by": found.body["made_by"],
        "effect_text": said(test["effect"], sign=True),
        "range": f"[{said(test['low'], sign=True)} – {said(test['high'], sign=True)}]"
        if test["low"] is not None
        else "",
        "relative_text": "" if test["relative"] is None else percent_text(test["relative"], 1, sign=True),
        "detectable_text": "" if test["detectable"] is None else percent_text(test["detectable"], 1),
        "p_text": "" if test["p_value"] is None else percent_text(test["p_value"], 1),
        "compared": [(label("market", m), percent_text(w)) for m, w in test["weights"]],
        "chart": path_chart(test, money),
        "turns": turns(test),
        "decided": test["low"] is not None and (test["low"] > 0 or test["high"] < 0),
        # What the form to conclude is filled with, in the unit an owner types.
        "delta_typed": typed(test["effect"]),
        "se_typed": typed(test["se"]),
    }


def path_chart(test: dict[str, Any], money: bool) -> charts.Chart | None:
    """What was sold beside what the other markets foretell."""
    if not test["path"]:
        return None

    def unit(value: float | None) -> float | None:
        return None if value is None else float(major(round(value))) if money else value

    rows = [
        (day, unit(expected), unit(low), unit(high), unit(actual)) for day, actual, expected, low, high in test["path"]
    ]
    word = _("Revenue") if money else _("Orders")
    return charts.line(
        "field", _("Sold, beside what the other markets foretell"), rows, charts.Axis(_("Week from"), "day"),
        charts.Axis(_("Foretold by the others"), "money" if money else "number"), band=True,
        more=[charts.Axis(word, "money" if money else "number")],
        note=_("The grey band is what chance makes of markets where nothing changed."),
    )  # fmt: skip


def turns(test: dict[str, Any]) -> list[dict[str, Any]]:
    """The days on which it is switched on or off, from the last turn of the switch on; twelve at most."""
    out: list[dict[str, Any]] = []
    for day, on in test["plan"]:
        if not out or out[-1]["on"] != bool(on):
            out.append({"day": dt.date.fromisoformat(day), "on": bool(on)})
    today = dt.datetime.now(settings.COMPANY.tz).date()
    past = sum(1 for one in out if one["day"] <= today)
    return out[max(0, past - 1) :][:12]
