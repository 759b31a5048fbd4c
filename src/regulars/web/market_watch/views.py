"""What do competitors and markets do, and what does it speak for?"""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.findings.queries import finding
from regulars.web.jobs.services import job_start
from regulars.web.market_watch import figures, queries, services
from regulars.web.words.market_watch import ACTIONS, COLUMNS, PROBLEMS

LARGEST = 10 * 1024**2


def market_watch(request, problem="", said=None, status=200):
    found = finding("market_watch")
    body = found.body if found else None
    edited = queries.watch_of(request.GET["edit"]) if "edit" in request.GET else None
    context = {
        "body": body, "made_at": found.made_at if found else None, "problem": problem,
        "watches": [{"row": w, "problem": PROBLEMS.get(w.problem, w.problem)} for w in queries.watches()],
        "edited": edited, "said": said or edited, "seen": bool(body) or queries.anything_seen(),
        "open": bool(problem or edited or "add" in request.GET),
    }  # fmt: skip
    if body:
        context |= {
            "proposals": [{**p, "word": ACTIONS[p["action"]], "who": p["watched"]} for p in body["proposals"]],
            "prices": figures.price_chart(body["prices"], settings.COMPANY.currency),
            "voice": figures.voice_chart(body["voice"]),
            "gaps": body["gaps"],
            "curves": {e["product"]: e for e in body["elasticities"] if e["known"]},
            "out": [s for s in body["stock"] if s["out"]],
            "ranks": [{**r, "who": figures.who(r["watched"])} for r in body["ranks"]],
        }  # fmt: skip
    return render(request, "market_watch/market_watch.html", context, status=status)


@require_POST
def save(request):
    try:
        services.watch_save(request.POST.get("uid", ""), request.POST.dict(), request.user.get_username())
    except services.WatchProblem as found:
        return market_watch(request, str(found), request.POST.dict(), 422)
    return redirect("market_watch:market_watch")


@require_POST
def switch(request, uid):
    if queries.watch_of(uid) is None:
        raise Http404
    services.watch_switch(uid, request.POST.get("on") == "1", request.user.get_username())
    return redirect("market_watch:market_watch")


@require_POST
def remove(request, uid):
    services.watch_remove(uid, request.user.get_username())
    return redirect("market_watch:market_watch")


@require_POST
def upload(request):
    """Take a file of signals in; what is wrong is said, what is right is kept."""
    from regulars.collect.problems import ImportProblem
    from regulars.collect.watch.files import SignalFileProblem

    file = request.FILES.get("file")
    if file is None or file.size > LARGEST:
        return market_watch(request, _("Choose a file of at most 10 MB."), None, 422)
    try:
        rows, aside = services.signals_import(file.read(), file.name, request.user.get_username(), timezone.now())
    except SignalFileProblem as found:
        column = COLUMNS.get(found.detail, found.detail)
        return market_watch(request, _("The file has no column “%(column)s”.") % {"column": column}, None, 422)
    except ImportProblem:
        return market_watch(request, _("The file cannot be read as a table."), None, 422)
    messages.success(request, _("%(n)s signals are in, %(aside)s rows were set aside. They count from the next turn.")
                     % {"n": rows, "aside": aside})  # fmt: skip
    return redirect("market_watch:market_watch")


@require_POST
def read(request):
    """Read everything that is on now, in the background."""
    return redirect("jobs:job", uid=job_start("watch_fetch").uid)
