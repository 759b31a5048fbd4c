"""What is out of line, how much is at stake, and what made it so?"""

import datetime as dt

from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.alerts import figures, queries, services
from regulars.web.findings.queries import finding
from regulars.web.lists import Empty

OPEN_DAYS = 14


def alerts(request):
    found = finding("alerts")
    if found is None:
        empty = Empty(
            _("What is out of line appears here once five weeks of orders are in and the wheel has turned."),
            _("Import a file"), "/collect/imports/",
        )  # fmt: skip
        return render(request, "alerts/alerts.html", {"empty": empty})
    said, now = queries.said(), timezone.now()
    since = (found.made_at.date() - dt.timedelta(days=OPEN_DAYS)).isoformat()
    rows = queries.open_incidents(found, said, now, since)
    asked = request.GET.get("incident")
    one = next((r for r in found.body["incidents"] if r["id"] == asked), None)
    if one and one not in rows:
        rows = [one, *rows]
    shown = {r["id"] for r in rows}
    return render(request, "alerts/alerts.html", {
        "body": found.body, "made_at": found.made_at, "days": OPEN_DAYS,
        "cards": [figures.card(r, said, now) for r in rows],
        "worst": figures.headline(w) if (w := queries.worst(rows)) else "",
        "weeks": f"{1 / (found.body.get('false_a_week') or 0.5):.2g}",
        "worst_money": w["money"] if w else None,
        "history": [figures.line(r, said) for r in found.body["incidents"] if r["id"] not in shown],
        "muted": [figures.muted(v) for v in said.muted.values()],
        "raised": [figures.raised(*r) for r in found.body["raised"]],
    })  # fmt: skip


@require_POST
def say(request):
    """Useful, not useful, mute or snooze; back to the page, where it can be undone."""
    row = queries.incident(request.POST.get("incident", ""))
    if row is None:
        raise Http404
    if services.verdict_give(row, request.POST.get("verdict", ""), request.user.get_username()) is None:
        return HttpResponseBadRequest()
    return redirect(f"{reverse('alerts:alerts')}?incident={row['id']}#i-{row['id']}")


@require_POST
def undo(request):
    pk = request.POST.get("verdict", "")
    if not pk.isdecimal() or not services.verdict_undo(int(pk), request.user.get_username()):
        raise Http404
    return redirect("alerts:alerts")
