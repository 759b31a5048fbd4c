"""What comes next? Revenue, orders and new customers of the next quarter, and how far to believe it."""

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.forecast import figures, queries
from regulars.web.lists import Empty
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.words.kpis import kpi_title
from regulars.web.words.reasons import sentences


def forecast(request):
    found = finding("forecast")
    if found is None:
        empty = Empty(_("From twelve full weeks of orders on, this page foretells the next quarter: revenue, orders "
                        "and new customers, in all and by channel, market and product."),
                      _("Import a file"), "/collect/imports/", icon="chart-line")  # fmt: skip
        return render(request, "forecast/forecast.html", {"empty": empty})
    body = found.body
    asked = request.GET
    line = chosen(body, asked.get("of", ""), asked.get("figure", ""), asked.get("grain", ""))
    if "csv" in asked:
        answer = StreamingHttpResponse(csv_rows(body), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="forecast.csv"'
        return answer
    cuts = [c for c in figures.CUTS if any(x["cut"] == c and x["figure"] == line["figure"] for x in body["lines"])]
    cut = asked.get("cut") if asked.get("cut") in cuts else line["cut"] or (cuts[0] if cuts else "")
    kept = {} if line["cut"] or line["grain"] == "day" else queries.told_before(
        line["figure"], body["currency"], figures.past_days(line)[0]
    )  # fmt: skip
    record = figures.record(line, kept)
    return render(request, "forecast/forecast.html", {
        "body": body, "made_at": found.made_at, "line": line, "title": kpi_title(line["figure"]),
        "name": figures.name_of(line), "key": figures.key_of(line), "choices": choices(body, line["figure"]),
        "figures": [(f, kpi_title(f)) for f in queries.FIGURES if any(x["figure"] == f for x in body["lines"])],
        "chart": figures.chart(line, body["currency"]), "rows": figures.table(line),
        "total": {k: figures.text(line, v) for k, v in zip(("low", "value", "high"), line["total"], strict=True)},
        "before": figures.text(line, line["before"]), "year_ago": figures.text(line, line["year_ago"]),
        "change": figures.change(line), "why": sentences(line["why"]), "cut": cut, "cuts": cuts,
        "parts": figures.parts(body["lines"], line["figure"], cut), "season": figures.season(line),
        "occasions": figures.occasions(body), "trials": figures.trials(body), "record": record,
        "kept": any(r["made_at"] for r in record), "held": held(record), "by_day": by_day(body, line["figure"]),
    })  # fmt: skip


def chosen(body, of, figure, grain):
    """The series asked for, else the first: revenue in all."""
    lines = body["days"] if grain == "day" else body["lines"]
    for wanted in (of, figure):
        for line in lines:
            if wanted and figures.key_of(line) == wanted and (not figure or line["figure"] == figure):
                return line
    return lines[0] if lines else body["lines"][0]


def choices(body, figure):
    """(cut, (key, name) of each series) of one figure."""
    return [(cut, [(figures.key_of(x), figures.name_of(x)) for x in body["lines"]
                   if x["figure"] == figure and x["cut"] == cut]) for cut in figures.CUTS]  # fmt: skip


def by_day(body, figure):
    return any(x["figure"] == figure for x in body["days"])


def held(record):
    """How many of the kept forecasts held what came: (inside, all)."""
    known = [r["inside"] for r in record if r["inside"] is not None]
    return (sum(known), len(known)) if known else None


def csv_rows(body):
    """Every series and step."""
    yield "\ufeff"
    yield csv_line((_("Figure"), _("Cut"), _("Of"), _("Period"), _("From"), _("Expected"), _("Low"), _("High"),
                    _("Method")))  # fmt: skip
    for line in (*body["lines"], *body["days"]):
        for i, day in enumerate(figures.steps(line)):
            values = [figures.owner_unit(line, line[k][i], body["currency"]) for k in ("value", "low", "high")]
            yield csv_line([line["figure"], line["cut"], plain(line["member"]), line["grain"], day.isoformat(),
                            *("" if v is None else v for v in values), line["method"]])  # fmt: skip
