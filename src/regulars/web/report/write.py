"""The report of a turn: one file that opens anywhere, as HTML or PDF, with its charts inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from regulars import tables
from regulars.web.bridge.kpis import Latest, channel_rows, kpi_rows, latest
from regulars.web.plans.queries import last_turn, measured_plans, newest_plan, plan_whole
from regulars.web.report.drawing import Bar, Drawing, bars, line
from regulars.web.report.periods import Period
from regulars.web.report.svg import svg
from regulars.web.segments.queries import segment_rows
from regulars.web.words.amounts import money_text, number_text, percent_text
from regulars.web.words.kpis import kpi_definition, kpi_text, kpi_title
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences

if TYPE_CHECKING:
    from regulars.home import Home

TILES = (
    "revenue", "orders", "new_customers", "aov", "cac", "repeat_rate", "churn_rate", "loyalty_index", "nps", "csat",
)  # fmt: skip
FORMATS = ("html", "pdf")


@dataclass(frozen=True)
class Section:
    """One part of the report: a drawing, a table whose first column is words, and sentences below."""

    title: str
    drawing: Drawing | None
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: tuple[str, ...] = ()

    @property
    def picture(self) -> str:
        return svg(self.drawing)


def report_write(
    home: Home, to: Path | None = None, *, language: str | None = None, period: Period | None = None
) -> Path:
    """Write the report of the newest turn; the reader sees the old file or the new one, never half of it.

    A name that ends in ``.pdf`` makes a PDF.
    """
    path = Path(to) if to else home.path / "report.html"
    chosen = language or (home.settings.language if to is None else get_language() or home.settings.language)
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(report_bytes(home, path.suffix.lstrip(".").lower(), chosen, period))
    draft.replace(path)
    return path


def report_bytes(home: Home, form: str, language: str, period: Period | None = None) -> bytes:
    """The report as a file: ``form`` is html or pdf."""
    with override(language):
        context = report_context(home, period)
        if form == "pdf":
            from regulars.web.report.pdf import report_pdf

            return report_pdf(context, language)
        return render_to_string("report/report.html", context | {"language": language}).encode()


def report_context(home: Home, period: Period | None = None) -> dict[str, Any]:
    """What the report shows; with a period, its figures beside the period before and a year before."""
    settings = home.settings
    unit = 10 ** tables.currency_digits(settings.currency)
    whole = {r["name"]: r for r in kpi_rows(grain="all") if r["currency"] in (None, settings.currency)}
    revenue = [
        (r["day"], None if r["value"] is None else r["value"] / unit)
        for r in kpi_rows(grain="week", names=("revenue",))
        if r["currency"] in (None, settings.currency)
    ]
    if period is None:
        figures = latest(TILES, grain="month")
        tiles = [_tile(n, whole[n], figures[n]) for n in TILES if n in whole]
    else:
        tiles = _period_tiles(period, settings.currency)
        revenue = [point for point in revenue if point[0] < period.end]
    plan = newest_plan()
    proposal = plan_whole(plan.uid, limit=10) if plan else None
    own = (settings.currency, unit)
    sections = [_channels(*own), _segments(*own), _plan(proposal, *own) if proposal else None, _measured(own[0])]
    drawing = line(revenue[:-1][-104:], title=_("Revenue by week"), unit=settings.currency)
    return {
        "company": settings.company,
        "currency": settings.currency,
        "title": period.title if period else _("Report"),
        "turned": last_turn(),
        "tiles": tiles,
        "revenue_drawing": drawing,
        "revenue_chart": svg(drawing),
        "sections": [s for s in sections if s is not None],
        "definitions": [{"title": kpi_title(n), "text": kpi_definition(n)} for n in TILES if n in whole],
    }  # fmt: skip


def _channels(currency: str, unit: int) -> Section | None:
    channels = channel_rows()
    if not channels:
        return None
    money = partial(money_text, currency=currency)
    drawing = bars(
        [Bar(str(label("channel", c["channel"])), (c["revenue"] or 0) / unit) for c in channels[:12]],
        title=_("Revenue by channel"), unit=currency,
    )  # fmt: skip
    rows = [
        (str(label("channel", c["channel"])), money(c["revenue"]), money(c["spend"]), number_text(c["roas"], 2),
         money(c["cac"]), number_text(c["new_customers"]))
        for c in channels
    ]  # fmt: skip
    heads = (_("channel"), _("revenue"), _("spend"), "ROAS", "CAC", _("new customers"))
    return Section(_("Channels"), drawing, heads, rows)


def _segments(currency: str, unit: int) -> Section | None:
    segments = segment_rows("rules")
    if not segments:
        return None
    drawing = bars(
        [Bar(str(label("segment", s["key"])), s["worth"] / unit) for s in segments],
        title=_("What each segment is worth"), unit=currency,
    )  # fmt: skip
    rows = [
        (str(s["label"] or label("segment", s["key"])), number_text(s["size"]), percent_text(s["share"]),
         money_text(s["worth"], currency))
        for s in segments
    ]  # fmt: skip
    return Section(_("Segments"), drawing, (_("segment"), _("people"), _("share"), _("worth")), rows)


def _plan(plan: dict[str, Any], company_currency: str, unit: int) -> Section:
    currency = plan["currency"]
    budget = []
    for row in plan["budget_rows"]:
        name = label("channel", row["subject"])
        budget.append(Bar(_("%s today") % name, (row["today"] or 0) / unit, quiet=True))
        budget.append(Bar(_("%s proposed") % name, (row["proposed"] or 0) / unit))
    drawing = bars(budget, title=_("Budget per week, today and proposed"), unit=company_currency)
    between = _range(plan["predicted_low"], plan["predicted_high"], currency)
    gain = f"{_('Expected gain')} {money_text(plan['predicted'], currency, sign=True)}"
    rows = [
        (str(label("action", a["subject"])), number_text(a["people"]), money_text(a["value"], currency, sign=True),
         _range(a["low"], a["high"], currency))
        for a in plan["actions"]
    ]  # fmt: skip
    title = f"{_('What to do next')}: {plan['plan']} · {label('plan', plan['state'])}"
    notes = (f"{gain} [{between}]" if between else gain, *sentences(plan["memo"]))
    return Section(title, drawing, (_("action"), _("people"), _("expected gain"), _("between")), rows, notes)


def _measured(currency: str) -> Section | None:
    money = partial(money_text, currency=currency)
    rows = [
        (p.uid, money(p.predicted), money(p.realised), _range(p.realised_low, p.realised_high, p.currency))
        for p in measured_plans()
    ]
    heads = (_("plan"), _("predicted"), _("realised"), _("between"))
    return Section(_("What plans earned"), None, heads, rows) if rows else None


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


def _period_tiles(period: Period, currency: str) -> list[dict[str, str]]:
    """Each figure of the period, with the period before and the same one a year before."""
    course: dict[tuple[str, date], dict[str, Any]] = {
        (r["name"], r["day"]): r for r in kpi_rows(grain=period.grain, names=TILES) if r["currency"] in (None, currency)
    }
    tiles = []
    for name in TILES:
        own = course.get((name, period.start))
        if own is None or own["value"] is None:
            continue
        notes = []
        for words, day in ((_("before %s"), period.before), (_("a year before %s"), period.year_before)):
            past = course.get((name, day))
            if past is not None and past["value"] is not None:
                notes.append(words % kpi_text(name, past["value"], past["currency"]))
        tiles.append({
            "title": kpi_title(name), "definition": kpi_definition(name),
            "value": kpi_text(name, own["value"], own["currency"]), "note": " · ".join(notes),
        })  # fmt: skip
    return tiles
