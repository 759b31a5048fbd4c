"""How is the company doing? Every key figure, by week or month, with its target and where it comes from."""

from urllib.parse import urlencode

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.kpis import cuts, figures, sheets
from regulars.web.lists import Empty
from regulars.web.targets import services


def kpis(request):
    grain, of, by, slices = chosen(request.GET)
    if "csv" in request.GET:
        return spreadsheet(request.GET["csv"], grain, of, by)
    context = page(grain, of, by, slices, request.GET.get("kpi"))
    part = request.htmx and not request.htmx.history_restore_request
    template = "kpis/kpis.html"
    if part:
        template = "kpis/cut.html" if request.htmx.target == "cut" else "kpis/figure.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def chosen(asked):
    """Period, slice and cut as asked; nonsense is what the page begins with."""
    grain = asked.get("grain") if asked.get("grain") in figures.GRAINS else "week"
    slices = figures.slices()
    known = {choice for choices in slices.values() for choice, _word in choices}
    of = asked.get("of", "") if asked.get("of") in known else ""
    by = asked.get("by") if asked.get("by") in cuts.CUTS else "channel"
    return grain, of, by, slices


def spreadsheet(which, grain, of, by):
    found = cuts.cut(by) if which == "cut" else None
    lines = cuts.cut_lines(found) if found else sheets.csv_lines(grain, of)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="kpis-{by if found else grain}.csv"'
    return answer


def page(grain, of, by, slices, drawn):
    found = figures.tiles(grain, of)
    groups = figures.grouped(found)
    shown = [tile for _title, tiles in groups for tile in tiles]
    tile = next((t for t in shown if t.name == drawn), next((t for t in shown if t.points), None))
    return {
        "grain": grain,
        "of": of,
        "by": by,
        "choice": urlencode({"grain": grain, **({"of": of} if of else {})}),
        "slices": slices,
        "groups": groups,
        "tiles": found,
        "figure": figures.figure(tile, grain, of) if tile else None,
        "cuts": cuts.CUTS,
        "cut": cuts.cut(by) if groups else None,
        "empty": Empty(_("Key figures appear here once orders are in and the wheel has turned."), _("Import a file"),
                       "/collect/imports/", icon="chart-line"),
    }  # fmt: skip


@require_POST
def target(request, name):
    """Keep or remove the target of one figure; answers with its tile as it stands."""
    grain, of, by, slices = chosen(request.POST)
    channel, market = figures.slice_of(of)
    who, problem = request.user.get_username(), ""
    if request.POST.get("verb") == "remove":
        services.target_remove(name, grain, channel, market, who)
    else:
        try:
            services.target_set(name, grain, channel, market, request.POST.get("value", ""), who)
        except services.TargetProblem as found:
            problem = str(found)
    if not request.htmx and not problem:
        return redirect(f"/measure/kpis/?{urlencode({'grain': grain, 'of': of})}#tile-{name}")
    context = {**page(grain, of, by, slices, name), "problem": problem, "said": request.POST.get("value", "")}
    tile = next((t for t in context["tiles"] if t.name == name), None)
    if tile is None:
        raise Http404
    context |= {"tile": tile, "problem_of": name if problem else ""}
    if request.htmx:
        return render(request, "kpis/tile.html", context)
    return render(request, "kpis/kpis.html", context, status=422)
