"""Who gets the credit? The methods side by side, what they disagree on, and the test that would settle most."""

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from regulars.web.attribution import figures
from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.words.reasons import sentences

EXPERIMENTS = "/measure/experiments/"
WHY = ("credit_of_paths", "credit_lost_journeys", "credit_drawn_again")


def attribution(request):
    found = finding("attribution")
    if found is None:
        return render(request, "attribution/attribution.html", {"empty": empty()})
    body = found.body
    if "csv" in request.GET:
        answer = StreamingHttpResponse(figures.csv_lines(body), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="credit.csv"'
        return answer
    return render(request, "attribution/attribution.html", {
        "body": body, "made_at": found.made_at, "why": WHY, "limits": sentences(body["limits"]),
        "methods": [(m, f"credit_{m}") for m in body["methods"]], "rows": figures.table(body),
        "chart": figures.credit_chart(body), "lengths": figures.lengths_chart(body),
        "waits": figures.waits_chart(body), "disputes": figures.disputes(body), "agreed": figures.agreed(body),
        "test": figures.test(body), "experiments": address(), "paths": body["paths"],
        "proofs": figures.proofs(body),
    })  # fmt: skip


def address():
    """The page where an experiment is planned, as soon as it exists."""
    try:
        resolve(EXPERIMENTS)
    except Resolver404:
        return ""
    return EXPERIMENTS


def empty():
    return Empty(_("Once orders are in and the wheel has turned, this page shows which contacts led to them and how "
                   "the credit is shared."), _("Import a file"), "/collect/imports/", icon="chart-line")  # fmt: skip
