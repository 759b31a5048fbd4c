"""When to write to whom, whom to call today, and when to be at the desk."""

from datetime import UTC

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.schedule import figures, queries, services
from regulars.web.words.reasons import sentences

TODAY = 40


def schedule(request, problem="", said=None, status=200):
    found, tz = finding("schedule"), settings.COMPANY.tz
    body = found.body if found else None
    kept = queries.calendar()
    context = {
        "body": body, "made_at": found.made_at if found else None, "kept": said or kept, "problem": problem,
        "weekdays": [(str(d), word, str(d) in kept.weekdays) for d, word in enumerate(figures.WEEKDAYS)],
        "open": bool(problem) or "calendar" in request.GET, "empty": empty(),
        "share_said": said.get("share", "") if said else f"{100 * kept.share:g}",
    }  # fmt: skip
    if body:
        calls = queries.calls(body, timezone.now())
        best = max(body["cells"], key=lambda c: c["lift"])
        context |= {
            "week": figures.week(body), "hours": range(24), "lift": best["lift"],
            "best": figures.hour_words(best["bin"]),
            "likes": [figures.like_words(k) for k in body["likes"]],
            "volume": figures.volume_chart(body, tz), "calls": calls[:TODAY], "left": len(calls),
            "first_day": timezone.localtime(calls[0]["at"], tz).date() if calls else None,
            "desk": body["desk"], "desk_days": figures.desk_days(body["desk"]) if body["desk"] else [],
            "tickets": figures.desk_chart(body), "limits": sentences(body["limits"]),
            "dearest": max(body["volume"], key=lambda v: v["price"], default=None),
        }  # fmt: skip
    return render(request, "schedule/schedule.html", context, status=status)


@require_POST
def calendar(request):
    try:
        services.calendar_save(request.POST.dict(), request.POST.getlist("weekdays"), request.user.get_username())
    except services.CalendarProblem as found:
        return schedule(request, str(found), request.POST.dict(), 422)
    messages.success(request, _("Kept. It counts from the next turn of the wheel."))
    return redirect("schedule:schedule")


@require_POST
def done(request, key):
    if services.call_done(key, request.POST.get("verdict", ""), request.user.get_username()) is None:
        raise Http404
    return redirect("schedule:schedule")


def calls_ics(request):
    found = finding("schedule")
    if found is None:
        raise Http404
    rows = queries.calls(found.body, timezone.now())
    text = figures.ics(rows, _("Call %(name)s"), timezone.now().astimezone(UTC))
    return HttpResponse(text, content_type="text/calendar; charset=utf-8",
                        headers={"Content-Disposition": 'attachment; filename="calls.ics"'})  # fmt: skip


def empty():
    return Empty(_("Once visits or orders are in and the wheel has turned, this page shows when people respond, the "
                   "hour of each message, whom to call and when to be at the desk."),
                 _("Import a file"), "/collect/imports/")  # fmt: skip
