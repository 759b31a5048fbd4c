"""The report of a turn: one HTML file that opens anywhere, with its charts inside."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from regulars import tables
from regulars.web.bridge.kpis import Latest, channel_rows, kpi_rows, latest
from regulars.web.plans.queries import last_turn, measured_plans, newest_plan, plan_whole
from regulars.web.report.svg import Bar, bars, line
from regulars.web.segments.queries import segment_rows
from regulars.web.words.amounts import money_text, number_text, percent_text
from regulars.web.words.kpis import kpi_definition, kpi_text, kpi_title
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences

if TYPE_CHECKING:
    from regulars.home import Home

TILES = (
    "revenue",
    "orders",
    "new_customers",
    "aov",
    "cac",
    "repeat_rate",
    "churn_rate",
    "loyalty_index",
    "nps",
    "csat",
)


def report_write(home: Home, to: Path | None = None, *, language: str | None = None) -> Path:
    """Write the report of the newest turn; the reader sees the old file or the new one, never half of it."""
    path = Path(to) if to else home.path / "report.html"
    chosen = language or (home.settings.language if to is None else get_language() or home.settings.language)
    with override(chosen):
        text = render_to_string("report/report.html", report_context(home) | {"language": chosen})
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, "utf-8")
    draft.replace(path)
    return path


def report_context(home: Home) -> dict[str, Any]:
    """What the report shows."""
    settings = home.settings
    unit = 10 ** tables.currency_digits(settings.currency)
    money_unit = settings.currency
    figures = latest(TILES, grain="month")
    whole = {r["name"]: r for r in kpi_rows(grain="all") if r["currency"] in (None, settings.currency)}
    revenue = [
        (r["day"], None if r["value"] is None else r["value"] / unit)
        for r in kpi_rows(grain="week", names=("revenue",))
        if r["currency"] in (None, settings.currency)
    ]
    channels = channel_rows()
    segments = segment_rows("rules")
    plan = newest_plan()
    proposal = plan_whole(plan.uid, limit=10) if plan else None
    budget = []
    for row in proposal["budget_rows"] if proposal else ():
        name = label("channel", row["subject"])
        budget.append(Bar(_("%s today") % name, (row["today"] or 0) / unit, quiet=True))
        budget.append(Bar(_("%s proposed") % name, (row["proposed"] or 0) / unit))
    money = partial(money_text, currency=settings.currency)
    return {
        "company": settings.company,
        "currency": settings.currency,
        "turned": last_turn(),
        "tiles": [_tile(n, whole[n], figures[n]) for n in TILES if n in whole],
        "revenue_chart": line(revenue[:-1], title=_("Revenue by week"), unit=money_unit),
        "channels": channels,
        "channel_chart": bars(
            [Bar(str(label("channel", c["channel"])), (c["revenue"] or 0) / unit) for c in channels[:12]],
            title=_("Revenue by channel"), unit=money_unit,
        ),
        "channel_table": [
            {"name": label("channel", c["channel"]), "revenue": money(c["revenue"]), "spend": money(c["spend"]),
             "roas": number_text(c["roas"], 2), "cac": money(c["cac"]),
             "new_customers": number_text(c["new_customers"])}
            for c in channels
        ],
        "segments": segments,
        "segment_chart": bars(
            [Bar(str(label("segment", s["key"])), s["worth"] / unit) for s in segments],
            title=_("What each segment is worth"), unit=money_unit,
        ),
        "segment_table": [
            {"name": s["label"] or label("segment", s["key"]), "size": number_text(s["size"]),
             "share": percent_text(s["share"]), "worth": money(s["worth"])}
            for s in segments
        ],
        "plan": proposal,
        **(_plan(proposal) if proposal else {}),
        "budget_chart": bars(budget, title=_("Budget per week, today and proposed"), unit=money_unit),
        "measured": [
            {"uid": p.uid, "predicted": money(p.predicted), "realised": money(p.realised),
             "range": _range(p.realised_low, p.realised_high, p.currency)}
            for p in measured_plans()
        ],
        "definitions": [{"title": kpi_title(n), "text": kpi_definition(n)} for n in TILES if n in whole],
    }  # fmt: skip


def _range(low: int | None, high: int | None, currency: str) -> str:
    return "" if low is None or high is None else f"{money_text(low, currency)} – {money_text(high, currency)}"


def _tile(name: str, whole: dict[str, Any], month: Latest) -> dict[str, str]:
    """A figure over all time, and of the last whole month beside the month before."""
    note = ""
    if month.value is not None:
        note = _("last month %s") % kpi_text(name, month.value, month.currency)
        if month.previous is not None:
            note += " · " + _("before %s") % kpi_text(name, month.previous, month.currency)
    value = kpi_text(name, whole["value"], whole["currency"])
    return {"title": kpi_title(name), "definition": kpi_definition(name), "value": value, "note": note}


def _plan(plan: dict[str, Any]) -> dict[str, Any]:
    currency = plan["currency"]
    return {
        "plan_state": label("plan", plan["state"]),
        "predicted": money_text(plan["predicted"], currency, sign=True),
        "predicted_range": _range(plan["predicted_low"], plan["predicted_high"], currency),
        "memo": sentences(plan["memo"]),
        "actions": [
            {"name": label("action", a["subject"]), "people": number_text(a["people"]),
             "value": money_text(a["value"], currency, sign=True), "range": _range(a["low"], a["high"], currency)}
            for a in plan["actions"]
        ],
    }  # fmt: skip
