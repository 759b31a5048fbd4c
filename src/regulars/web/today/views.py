"""Today: what should I do now?"""

from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_POST

from regulars.web.kpis.tiles import today as turned_on
from regulars.web.people.queries import anybody
from regulars.web.plans import queries as plans
from regulars.web.plans import services
from regulars.web.today import figures, queries

VERBS = {"approve": services.row_approve, "decline": services.row_decline, "reset": services.row_reset}


def today(request):
    if not anybody():
        return render(request, "today/empty.html")
    found = plans.plan_waiting()
    newest = found["plan"] if found else plans.newest_plan()
    now = turned_on()
    context = {
        "yesterday": figures.yesterday(now),
        "tiles": figures.tiles(now),
        "chart": figures.revenue_chart(now),
        "best": plans.best_actions(newest.uid) if newest else [],
        "measured": plans.last_measured(),
        "alarm": queries.alarm(newest),
    }
    return render(request, "today/today.html", context)


@require_POST
def decide(request):
    """Yes, no or undo for one proposed action; answers with the row as it stands now."""
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        return HttpResponseBadRequest()
    verb(request.POST.get("row", ""), request.user.get_username())
    row = plans.row(request.POST.get("row", ""))
    if row is None:
        raise Http404
    return render(request, "parts/action.html", {"row": row, "alone": request.POST.get("alone")})
