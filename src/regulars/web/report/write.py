"""The report of a turn: one HTML file that opens anywhere, with its charts inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from regulars import tables
from regulars.web.bridge.kpis import channel_rows, kpi_rows, latest
from regulars.web.plans.models import Plan
from regulars.web.plans.queries import last_turn, newest_plan, plan_whole
from regulars.web.report.svg import Bar, bars, line
from regulars.web.segments.queries import segment_rows
from regulars.web.words.labels import label

if TYPE_CHECKING:
    from regulars.home import Home

TILES = ("revenue", "orders", "new_customers", "aov", "cac", "repeat_rate", "churn_rate", "loyalty_index", "nps", "csat")


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
    measured = Plan.objects.filter(state="measured").order_by("-made_at")[:5]
    return {
        "company": settings.company,
        "currency": settings.currency,
        "turned": last_turn(),
        "tiles": [{"name": n, "month": figures[n], "whole": whole.get(n)} for n in TILES if n in whole],
        "revenue_chart": line(revenue[:-1], title=_("Revenue by week"), unit=money_unit),
        "channels": channels,
        "channel_chart": bars(
            [Bar(str(label("channel", c["channel"])), (c["revenue"] or 0) / unit) for c in channels[:12]],
            title=_("Revenue by channel"), unit=money_unit,
        ),
        "segments": segments,
        "segment_chart": bars(
            [Bar(str(label("segment", s["key"])), s["worth"] / unit) for s in segments],
            title=_("What each segment is worth"), unit=money_unit,
        ),
        "plan": proposal,
        "budget_chart": bars(budget, title=_("Budget per week, today and proposed"), unit=money_unit),
        "measured": measured,
    }  # fmt: skip
