"""The board of credit, drawn and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.web import charts
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.words.amounts import major, symbol
from regulars.web.words.labels import label

DISPUTES = 3
# The whisker of a group of bars stands in its middle.
DRAWN = ("first", "markov", "last")


def table(body: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per channel with a cell per method; the least and the most generous are marked where they are apart."""
    total = (body["money"] or 1) / 100
    rows = []
    for row in body["rows"]:
        ends = (row["least"], row["most"]) if row["clear"] else ()
        cells = [{**c, "mark": c["method"] in ends, "range": f"{c['low'] / total:.1f}–{c['high'] / total:.1f}"}
                 for c in row["credits"]]  # fmt: skip
        rows.append({**row, "cells": cells})
    return rows


def credit_chart(body: dict[str, Any]) -> charts.Chart:
    """First contact, lost without it and last contact, with the range of the one in the middle."""
    rows = []
    for row in body["rows"]:
        by = {c["method"]: c for c in row["credits"]}
        ends = by["markov"]
        values = [*(by[m]["money"] for m in DRAWN), ends["low"], ends["high"]]
        rows.append([label("channel", row["channel"]), *(round(float(major(v)), 2) for v in values)])
    chart = charts.bar(
        "credit", _("Money credited, by three methods"), rows, charts.Axis(_("Channel"), "text"),
        [charts.Axis(label("credit_method", m), "money") for m in DRAWN], intervals=True,
        note=_("A channel whose first bar is the highest opens sales; one whose last bar is, closes them. The whisker "
               "is the range of the bar in the middle."),
    )  # fmt: skip
    for series in chart.option["series"]:
        series |= {"role": "method", "barMaxWidth": 22}
    chart.option["yAxis"]["name"] = symbol().strip()
    return chart


def lengths_chart(body: dict[str, Any]) -> charts.Chart:
    rows = [(_("%(n)s or more") % {"n": g["low"]} if g["high"] is None else str(g["low"]), g["orders"])
            for g in body["lengths"]]  # fmt: skip
    return charts.bar("credit-lengths", _("Contacts on the way to an order"), rows,
                      charts.Axis(_("Contacts"), "text"), [charts.Axis(_("Orders"))])  # fmt: skip


def waits_chart(body: dict[str, Any]) -> charts.Chart | None:
    if not any(g["orders"] for g in body["waits"]):
        return None
    rows = [(_("under a day") if g["high"] == 1 else f"{g['low']}–{g['high'] - 1}", g["orders"])
            for g in body["waits"]]  # fmt: skip
    return charts.bar(
        "credit-waits", _("Days from the first contact to the order"), rows, charts.Axis(_("Days"), "text"),
        [charts.Axis(_("Orders"))], note=_("Orders with at least one known contact before them."),
    )  # fmt: skip


def disputes(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The channels the methods disagree on most, beyond luck, in words."""
    clear = sorted((r for r in body["rows"] if r["clear"]), key=lambda r: -r["spread"])[:DISPUTES]
    return [{"channel": r["channel"], "text": dispute(r), "least": end(r, "least"), "most": end(r, "most")}
            for r in clear]  # fmt: skip


def end(row: dict[str, Any], which: str) -> dict[str, Any]:
    return {"method": row[which], **next(c for c in row["credits"] if c["method"] == row[which])}


def dispute(row: dict[str, Any]) -> str:
    """What it says about a channel that one method is generous to it and another is not."""
    most, least = row["most"], row["least"]
    if most in ("first", "position") and least in ("last", "last_non_direct", "time_decay", "linear"):
        return _("It opens sales that others close: cut it, and the others may run dry later.")
    if most in ("last", "last_non_direct", "time_decay") and least in ("first", "position", "linear"):
        return _("It closes sales that others opened: part of them might have come anyway.")
    if most == "markov":
        return _("Many ways lead through it beside other channels, so deleting it breaks more than its own sales.")
    if least == "markov":
        return _("Most of its sales come on ways without other channels, so deleting it breaks few others.")
    if most == "logistic" or least == "logistic":
        return _("Journeys with it end in an order at another rate than their number of contacts suggests.")
    return _("Its credit depends on how contacts between the first and the last are weighed.")


def agreed(body: dict[str, Any]) -> str:
    """How many channels the methods agree on."""
    n = sum(not r["clear"] for r in body["rows"])
    if not n:
        return ""
    return ngettext("On one channel the methods differ by luck, or by less than a tenth.",
                    "On %(n)s channels the methods differ by luck, or by less than a tenth.", n) % {"n": n}  # fmt: skip


def test(body: dict[str, Any]) -> dict[str, Any] | None:
    """The test that would settle most, and what hangs on it."""
    found = body["test"]
    if found is None:
        return None
    if found["flips"]:
        text = _("Some methods say its profit covers what it costs, others say it does not.")
    elif found["roas_low"] >= 1:
        text = _("All methods say it pays, but not how much more it could take.")
    else:
        text = _("No method finds that it pays, but none can see sales it helps without a contact.")
    return {**found, "text": text}


def proofs(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What tests proved, beside what the methods credit."""
    texts = {
        "credit_too_high": _("Every method credits more than the channel causes: part of these orders come anyway."),
        "credit_too_low": _("Every method credits less than the channel causes: it helps orders without a contact."),
        "credit_fits": _("The test agrees with at least one method."),
    }
    return [{**p, "text": texts[p["code"]]} for p in body.get("proofs", [])]


def csv_lines(body: dict[str, Any]) -> Iterator[str]:
    """Every method for every channel, one line each; money in whole units of the currency."""
    yield "\ufeff"
    yield csv_line([_("Channel"), _("Method"), _("Orders"), _("Revenue"), _("Low"), _("High"), _("Share"), _("Spend")])
    for row in body["rows"]:
        for c in row["credits"]:
            yield csv_line([
                plain(label("channel", row["channel"])), label("credit_method", c["method"]), round(c["orders"], 4),
                major(c["money"]), major(c["low"]), major(c["high"]), round(c["share"], 6), major(row["spend"]),
            ])  # fmt: skip
