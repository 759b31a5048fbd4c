"""The value of the best set of partners by budget, and a partner's months, drawn."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.amounts import major, money_text


def frontier_chart(frontier: list[Any], currency: str) -> charts.Chart | None:
    if len(frontier) < 2:
        return None
    rows = [(money_text(b, currency), float(major(v, currency)), ", ".join(names) or "–") for b, v, names in frontier]
    return charts.line(
        "frontier", _("What the budget buys"), [r[:2] for r in rows], charts.Axis(_("Budget a year"), "text"),
        charts.Axis(_("Revenue"), "money"),
        note=_("Contracts are whole, so the line climbs in steps."),
    )  # fmt: skip


def months_chart(months: list[Any], currency: str) -> charts.Chart | None:
    if len(months) < 2:
        return None
    rows = [(m[:7], float(major(r, currency)), float(major(c, currency))) for m, r, c in months]
    return charts.bar(
        "months", _("Revenue and commission by month"), rows, charts.Axis(_("Month"), "text"),
        [charts.Axis(_("Revenue"), "money"), charts.Axis(_("Commission"), "money")],
    )  # fmt: skip
