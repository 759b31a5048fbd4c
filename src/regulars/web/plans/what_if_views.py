"""Other wishes for the money of a plan: solved anew as they are typed, used, or kept for the plans to come."""

from django.contrib import messages
from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from regulars.web.plans import quotas, splits
from regulars.web.plans import what_if as asking
from regulars.web.plans.board import plan_of
from regulars.web.plans.replan import fires, plan_anew
from regulars.web.plans.services import PlanProblem
from regulars.web.plans.wishes import Wishes, WishProblem


def asked(request, uid):
    """The plan, its finding and the posted wishes; 404 where the plan cannot be solved anew."""
    plan = plan_of(uid)
    body = asking.split_of(plan) if plan else None
    if body is None:
        raise Http404
    problem = ""
    try:
        wishes = Wishes.read(request.POST, body, plan.currency)
    except WishProblem as error:
        wishes, problem = Wishes.of(body, asking.proposed_of(plan)), str(error)
    return plan, body, wishes, problem


@require_POST
def what_if(request, uid):
    """The answer to other wishes; with ``relax`` or ``step`` the whole form with that wish changed."""
    plan, body, wishes, problem = asked(request, uid)
    relax, step = request.POST.get("relax", ""), request.POST.get("step", "")
    if relax == "all":
        wishes = Wishes.of({**body, "channels": [{**r, "low": None, "high": None, "frozen": False}
                                                 for r in body["channels"]]}, asking.proposed_of(plan))  # fmt: skip
    elif relax:
        wishes = wishes.without(relax)
    if step:
        wishes = wishes.stepped(step)
    whole = bool(relax or step) or not request.headers.get("HX-Request")
    context = {"plan": plan, "what_if": asking.board(plan, body, wishes, problem=problem),
               "editable": plan.state in splits.OPEN}  # fmt: skip
    if not request.headers.get("HX-Request"):
        return render(request, "plans/what_if_page.html", context)
    return render(request, "plans/what_if.html" if whole else "plans/what_if_answer.html", context)


@require_POST
def split(request, uid):
    """Use the split of these wishes: a new version of the plan."""
    from regulars.decide.result import InfeasibleError

    plan, body, wishes, problem = asked(request, uid)
    back = redirect(reverse("plans:one", args=[uid]) + "?tab=budget")
    if problem:
        messages.warning(request, problem)
        return back
    try:
        n = splits.plan_split(plan.uid, body, wishes, request.user.get_username())
    except InfeasibleError as error:
        words = _("; ").join(asking.clash_words(w, wishes, plan.currency) for w in error.conflict)
        messages.warning(request, _("Not used. These wishes cannot hold together: %(wishes)s.") % {"wishes": words})
        return back
    except (PlanProblem, ValueError):
        messages.warning(request, _("This plan cannot be changed any more."))
        return back
    said = ngettext("The plan has a new version: %(n)s channel changed.",
                    "The plan has a new version: %(n)s channels changed.", n)  # fmt: skip
    messages.info(request, said % {"n": n} if n else _("Nothing changed: the plan spends just that already."))
    return back


@require_POST
def limits(request, uid):
    """Keep these limits for every turn to come."""
    plan, _body, wishes, problem = asked(request, uid)
    if problem:
        messages.warning(request, problem)
    else:
        n = splits.limits_keep(wishes, request.user.get_username())
        said = ngettext("Kept: limits of %(n)s channel. The next turn plans within them.",
                        "Kept: limits of %(n)s channels. The next turn plans within them.", n)  # fmt: skip
        messages.info(request, said % {"n": n} if n else _("No limits any more; the next turn plans freely."))
    return redirect(reverse("plans:one", args=[plan.uid]) + "?tab=budget")


@require_POST
def aim(request):
    """What the plans to come are the best for."""
    objective = request.POST.get("objective", "")
    if objective not in splits.OBJECTIVES:
        return HttpResponseBadRequest()
    splits.aim_keep(objective, request.POST.get("risk") == "cautious", request.user.get_username())
    messages.info(request, _("Kept. The next turn splits the money for it; this plan stays as it is."))
    return redirect(reverse("plans:plan") + "?tab=budget")


@require_POST
def replan(request, uid):
    """Plan anew around a channel that an alarm is about."""
    from regulars.decide.result import InfeasibleError

    plan = plan_of(uid)
    body = asking.split_of(plan) if plan else None
    how = request.POST.get("how", "")
    if body is None or how not in ("cut", "test"):
        raise Http404
    fire = next((f for f in fires(plan, body) if f.incident == request.POST.get("incident")), None)
    if fire is None:
        raise Http404
    try:
        n = plan_anew(plan, body, fire, how, request.user.get_username())
        messages.info(request, _("Planned anew around the alarm.") if n else _("The plan does so already."))
    except InfeasibleError:
        messages.warning(request, _("Your kept limits do not allow that; change them first."))
    except PlanProblem:
        messages.warning(request, _("This plan cannot be changed any more."))
    return redirect(reverse("plans:one", args=[uid]) + "?tab=budget")


@require_POST
def quota(request):
    """The owner lowers or raises a quota in force; answers with all of them."""
    id, amount = request.POST.get("quota", ""), request.POST.get("amount", "")
    if not (id.isdigit() and amount.isdigit() and len(amount) < 10):
        return HttpResponseBadRequest()
    try:
        found = quotas.quota_set(int(id), int(amount), request.user.get_username())
    except quotas.Quota.DoesNotExist:
        raise Http404 from None
    return in_force(request, found.plan)


@require_POST
def contacts(request):
    """At most so many people a week on a channel, over all plans; nothing typed lifts it."""
    plan = plan_of(request.POST.get("plan"))
    channel, most = request.POST.get("channel", ""), request.POST.get("most", "").strip()
    if plan is None or not channel or (most and not (most.isdigit() and len(most) < 10)):
        return HttpResponseBadRequest()
    splits.contacts_limit(channel, int(most) if most else None, request.user.get_username())
    return in_force(request, plan)


def in_force(request, plan):
    if not request.headers.get("HX-Request"):
        return redirect("plans:one", uid=plan.uid)
    return render(request, "plans/in_force.html", {"plan": plan, "quotas": quotas.in_force(plan, timezone.now()),
                                                   "written": quotas.written_channels(plan)})  # fmt: skip
