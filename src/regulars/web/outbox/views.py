"""Messages: what is going out, what came back, and what it changed."""

from csp.decorators import csp
from django.contrib import messages as notes
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from regulars.act.outbox import IllegalChangeError
from regulars.web.bridge.lift import outcome_rows
from regulars.web.jobs.queries import live
from regulars.web.jobs.services import job_start
from regulars.web.jobs.views import started
from regulars.web.outbox import board, services
from regulars.web.outbox.lists import MESSAGES
from regulars.web.words.reasons import sentence

# Nothing of a message may run, load or lead anywhere while it is looked at.
MAIL = {
    "default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "form-action": ["'none'"],
    "base-uri": ["'none'"], "frame-ancestors": ["'self'"], "sandbox": True,
}  # fmt: skip


def messages(request):
    whole = not ({"csv", "count", "after"} & set(request.GET))
    extra = {"counts": board.counts(), "due": board.due(), "sending": live("messages_send"),
             "lifts": lifts(request.GET)} if whole else {}  # fmt: skip
    return MESSAGES.show(request, board.messages(), template="outbox/messages.html", **extra)


def lifts(asked):
    """What messages changed: of the plan that is looked at, or of all; nothing while single messages are sought."""
    if asked.get("state") or asked.get("q"):
        return []
    rows = [r for r in outcome_rows() if asked.get("plan", "") in ("", r["plan"])]
    return [r for r in rows if asked.get("action", "") in ("", r["action"])]


@require_POST
def send(request):
    """Queue what was approved and send what is due, in the background."""
    return started(request, job_start("messages_send"))


def found(uid):
    one = board.message(uid)
    if one is None:
        raise Http404
    return one


def message(request, uid):
    one = found(uid)
    return render(request, "outbox/message.html", {
        "message": one, "said": sentence(one.reason) if one.reason else "", **board.changes(one),
    })  # fmt: skip


@xframe_options_sameorigin
@csp(MAIL)
def html(request, uid):
    """The HTML of a message as its reader sees it, locked in."""
    return HttpResponse(found(uid).html or "<!doctype html>")


@require_POST
def change(request, uid):
    """Send once more what failed or is unclear, or take a waiting message out of the line."""
    one, by = found(uid), request.user.get_username()
    verb = request.POST.get("verb", "")
    if verb == "again":
        try:
            services.message_requeue(one.uid, by)
            notes.info(request, _("It stands in line again."))
        except IllegalChangeError:
            notes.warning(request, _("Only a failed or unclear message can be sent again."))
    elif verb == "stop":
        if services.message_cancel(one.uid, by):
            notes.info(request, _("Taken out of the line; it will not be sent."))
        else:
            notes.warning(request, _("It is too late: the message is being sent or was sent."))
    else:
        return HttpResponseBadRequest()
    return redirect("outbox:message", uid=uid)
