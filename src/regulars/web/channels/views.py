"""Which channel earns its money? What each cost and brought, who gets the credit, what more spend would bring."""

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.channels import curves, figures
from regulars.web.lists import Empty


def channels(request):
    asked = request.GET
    now, months = figures.period()
    month = next((m for m in months if m.isoformat() == asked.get("month")), None)
    sort = asked.get("sort", "-revenue")
    found = figures.sorted_rows(figures.rows(month), sort)
    if "csv" in asked:
        answer = StreamingHttpResponse(figures.csv_lines(found), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="channels-{month or "all"}.csv"'
        return answer
    context = {
        "month": month.isoformat() if month else "",
        "months": [(m.isoformat(), f"{m:%Y-%m}") for m in months],
        "heads": [(c, figures.turned(c, sort), sort.lstrip("-") == c.key) for c in figures.COLUMNS],
        "down": sort.startswith("-"),
        "rows": [[(c, c.value(row)) for c in figures.COLUMNS] for row in found],
        "attribution": figures.attribution(found),
        "responses": curves.responses(now),
        "empty": Empty(_("Channels appear here once orders or spend name one and the wheel has turned."),
                       _("Import a file"), "/collect/imports/", icon="chart-line"),
    }  # fmt: skip
    return render(request, "channels/channels.html", context)
