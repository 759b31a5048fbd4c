"""The plan: where does the next yuan go, and who should hear from us?"""

from django.contrib import messages
from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from regulars.web.bridge.kpis import response_rows
from regulars.web.jobs.queries import live
from regulars.web.plans import board, curves, queries, services, what_if
from regulars.web.plans.history import subject_of
from regulars.web.plans.lists import PEOPLE
from regulars.web.plans.models import KINDS
from regulars.web.plans.quotas import in_force, written_channels
from regulars.web.plans.replan import fires
from regulars.web.plans.tabs import tabs
from regulars.web.plans.what_if import split_of

VERBS = {"approve": services.row_approve, "decline": services.row_decline, "reset": services.row_reset}
OPEN = ("proposed", "approved", "running")


def newest(request):
    found = board.plan_of(None)
    if found is None:
        return render(request, "plans/empty.html", {"turning": live("wheel_turn")})
    return shown(request, found)


def plan(request, uid):
    return shown(request, known(uid))


def known(uid):
    found = board.plan_of(uid)
    if found is None:
        raise Http404
    return found


def shown(request, plan):
    """One plan under one of its tabs; the memo, the decision and what is in force stay on top."""
    lines, actions = board.line_rows(plan), board.actions(plan)
    rows = lines.get("budget", [])
    people = sum(a.people - a.states["declined"] for a in actions)
    found = tabs({**{k: len(v) for k, v in lines.items()}, "next_best": people})
    tab = request.GET.get("tab", "budget" if rows else "people")
    here = next((t for t in found if t.key == tab), found[0])
    agreed = any(a.states["approved"] + a.states["done"] + a.states["denied"] for a in actions)
    agreed = agreed or any(r.state in ("approved", "done") for part in lines.values() for r in part)
    context = {
        "plan": plan, "rows": rows, "actions": actions, "tab": here.key, "here": here, "tabs": found,
        "memo": board.memo(plan, rows), "extra": board.more_money(plan), "editable": plan.state in OPEN,
        "people": people, "counted": people,
        "earns": sum(a.kept[0] for a in actions), "earns_low": sum(a.kept[1] for a in actions),
        "earns_high": sum(a.kept[2] for a in actions),
        "to_send": sum(a.states["approved"] for a in actions), "sending": live("messages_send"),
        "superseded": plan.state == "superseded", "tests": board.test_rows(lines),
    }  # fmt: skip
    if agreed:
        now = timezone.now()
        context |= {"quotas": in_force(plan, now), "written": written_channels(plan)}
    if here.key == "budget":
        context["undecided"] = any(r.state == "proposed" for r in rows)
        split = split_of(plan)
        context |= {"split": board.split_chart(plan, rows), "curves": curves.curve_charts(plan, response_rows(), split),
                    "binding": board.binding(plan), "aim": board.aim(plan, split)}  # fmt: skip
        if split:
            context |= {"what_if": what_if.as_it_stands(plan, split),
                        "fires": fires(plan, split) if context["editable"] else []}  # fmt: skip
    elif here.key == "past":
        past = board.past(plan.uid)
        context |= {"past": past, "past_chart": board.past_chart([plan, *past])}
    elif here.key != "people":
        context["lines"] = [row for kind in here.kinds for row in lines.get(kind, ())]
    return render(request, "plans/plan.html", context)


@require_POST
def decide(request, uid):
    """Yes or no to a whole plan."""
    by = request.user.get_username()
    try:
        if request.POST.get("verb") == "approve":
            n = services.plan_approve(uid, by, request.user.pk)
            said = ngettext("Approved: %(n)s decision.", "Approved: %(n)s decisions.", n) % {"n": f"{n:,}"}
            then = _("Set the new amounts at your channels; messages go out when you send.")
            messages.info(request, f"{said} {then}")
        elif request.POST.get("verb") == "reject":
            services.plan_reject(uid, by)
            messages.info(request, _("Rejected. Nothing of this plan will be done; the next turn proposes anew."))
        else:
            return HttpResponseBadRequest()
    except services.PlanProblem:
        messages.warning(request, _("This plan was decided on already, or a newer one took its place."))
    return redirect("plans:one", uid=uid)


@require_POST
def row(request):
    """Yes, no or undo for the money of one channel; answers with its line."""
    verb = VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        return HttpResponseBadRequest()
    found = queries.row(request.POST.get("row", ""))
    if found is None:
        raise Http404
    if found.plan.state in OPEN:
        verb(found.pk, request.user.get_username())
        found.refresh_from_db(fields=["state"])
    if not request.headers.get("HX-Request"):
        return redirect("plans:one", uid=found.plan_id)
    found.named = subject_of(found)
    template = "plans/row.html" if found.kind == "budget" else "plans/line.html"
    return render(request, template, {"row": found, "plan": found.plan, "editable": found.plan.state in OPEN})


@require_POST
def action(request, uid):
    """Yes, no or undo for everybody of one kind of action."""
    found = known(uid)
    verb = request.POST.get("verb", "")
    if verb not in VERBS:
        return HttpResponseBadRequest()
    key = request.POST.get("action", "")
    if found.state in OPEN:
        services.rows_decide(uid, key, verb, request.user.get_username())
    if not request.headers.get("HX-Request"):
        return redirect(reverse("plans:one", args=[uid]) + "?tab=people")
    one = next((a for a in board.actions(found) if a.key == key), None)
    if one is None:
        raise Http404
    return render(request, "plans/action.html", {"a": one, "plan": found, "editable": found.state in OPEN})


@require_POST
def kind(request, uid):
    """Yes, no or undo for all rows of one kind."""
    found = known(uid)
    verb, key, tab = (request.POST.get(k, "") for k in ("verb", "kind", "tab"))
    if verb not in VERBS or key not in KINDS or key == "next_best":
        return HttpResponseBadRequest()
    if found.state in OPEN:
        services.rows_decide(uid, "", verb, request.user.get_username(), kind=key)
    return redirect(reverse("plans:one", args=[uid]) + f"?tab={slugify(tab)}")


def people(request, uid):
    """Everybody a plan would write to; with ``sample`` only the first few, with yes and no beside each."""
    found = known(uid)
    key = request.GET.get("action", "")
    if "sample" in request.GET:
        rows = board.people_rows(found, key).order_by("-value", "id")[:6]
        return render(request, "plans/sample.html", {"rows": rows, "plan": found, "key": key})
    return PEOPLE.show(request, board.people_rows(found), template="plans/people.html", plan=found)
