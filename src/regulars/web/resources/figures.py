"""The plan of the resources and the shares of a meter, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.resources.board import cell_word
from regulars.web.words.labels import label

DRAWN = 9


def plan_chart(lines: list[dict[str, Any]]) -> charts.Chart | None:
    """Units a week today beside the plan's, by cell."""
    rows = [(cell_word(r["code"]), r["today"], r["units"]) for r in lines if r["units"] or r["today"]][:DRAWN]
    if not rows:
        return None
    return charts.bar(
        "served", _("Served a week: today and planned"), rows, charts.Axis(_("Market · how"), "text"),
        [charts.Axis(_("Today"), "number", _("orders")), charts.Axis(_("Plan"), "number", _("orders"))], across=True,
    )  # fmt: skip


def plan_name(plan: str) -> str:
    return str(label("contract_plan", plan)) if plan else _("without a contract")


def share_chart(compute: Mapping[str, Any], share: Mapping[str, Any], unit: str) -> charts.Chart:
    """What every plan will ask for and what it gets."""
    rows = [(plan_name(r["plan"]), r["asked"], r["got"]) for r in share["plans"]]
    return charts.bar(
        f"share-{compute['code']}", _("Next week: asked and given"), rows, charts.Axis(_("Contract"), "text"),
        [charts.Axis(_("Asked"), "number", unit), charts.Axis(_("Given"), "number", unit)], across=True,
    )  # fmt: skip


def demand_chart(compute: Mapping[str, Any], unit: str) -> charts.Chart:
    """Weeks so far, and the coming one with its interval."""
    past = compute["past"]
    low, high = (sum(p[k] for p in compute["forecast"].values()) for k in ("low", "high"))
    rows: list[tuple[Any, ...]] = [(str(k - len(past)), v, v, v) for k, v in enumerate(past)]
    rows.append(("+1", compute["demand"], min(low, compute["demand"]), max(high, compute["demand"])))
    return charts.line(
        f"demand-{compute['code']}", _("Use by week, and the week to come"), rows,
        charts.Axis(_("Weeks from now"), "text"), charts.Axis(_("Used"), "number", unit), band=True,
        targets=[(_("there is"), compute["amount"])],
    )  # fmt: skip
