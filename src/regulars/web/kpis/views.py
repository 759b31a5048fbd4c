"""How is the company doing? Every key figure, by week or month."""

from urllib.parse import urlencode

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from regulars.web.kpis import figures
from regulars.web.lists import Empty


def kpis(request):
    asked = request.GET
    grain = asked.get("grain") if asked.get("grain") in figures.GRAINS else "week"
    slices = figures.slices()
    known = {choice for choices in slices.values() for choice, _word in choices}
    of = asked.get("of", "") if asked.get("of") in known else ""
    if "csv" in asked:
        answer = StreamingHttpResponse(figures.csv_lines(grain, of), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="kpis-{grain}.csv"'
        return answer
    found = figures.tiles(grain, of)
    groups = figures.grouped(found)
    shown = [tile for _title, tiles in groups for tile in tiles]
    chosen = next((t for t in shown if t.name == asked.get("kpi")), next((t for t in shown if t.points), None))
    context = {
        "grain": grain,
        "of": of,
        "choice": urlencode({"grain": grain, **({"of": of} if of else {})}),
        "slices": slices,
        "groups": groups,
        "tiles": found,
        "figure": figures.figure(chosen, grain, of) if chosen else None,
        "empty": Empty(_("Key figures appear here once orders are in and the wheel has turned."), _("Import a file"),
                       "/collect/imports/", icon="chart-line"),
    }  # fmt: skip
    part = request.htmx and not request.htmx.history_restore_request
    response = render(request, "kpis/figure.html" if part else "kpis/kpis.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
