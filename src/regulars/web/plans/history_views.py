"""Where a plan came from and what it earned: versions, comparisons, going back, and the memo to print."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from regulars.web.bridge.plans import plan_whole
from regulars.web.plans import board, history
from regulars.web.plans.rollback import OPEN, looked_at, plan_rollback
from regulars.web.plans.services import PlanProblem
from regulars.web.words.reasons import sentences


def known(uid):
    found = board.plan_of(uid)
    if found is None:
        raise Http404
    return found


def number(text):
    return int(text) if text and text.isdigit() and len(text) < 7 else None


def versions(request, uid):
    """Every change of a plan: who, when, what; and what going back would do."""
    plan = known(uid)
    rows = history.versions(plan)
    back = None
    to = number(request.GET.get("back"))
    if to is not None and plan.state in OPEN:
        try:
            back = looked_at(uid, to)
        except PlanProblem:
            raise Http404 from None
    return render(request, "plans/versions.html",
                  {"plan": plan, "versions": rows, "back": back, "to": to, "open": plan.state in OPEN,
                   "others": history.others(plan)})  # fmt: skip


def compare(request, uid):
    """Two versions of a plan, or two plans, side by side."""
    plan = known(uid)
    other = known(request.GET["with"]) if request.GET.get("with") else plan
    a, b = (history.version(p, number(request.GET.get(k))) for p, k in ((other, "from"), (plan, "to")))
    before, after = plan_whole(other, a), plan_whole(plan, b)
    found = before.compare(after)
    context = {"plan": plan, "other": other, "a": a, "b": b, "found": history.shown(found), "same": other == plan,
               "told": sentences(after.told(before))}  # fmt: skip
    return render(request, "plans/compare.html", context)


@require_POST
def rollback(request, uid):
    """Back to an earlier version; that can be undone the same way."""
    to = number(request.POST.get("to"))
    if to is None:
        raise Http404
    try:
        done = plan_rollback(uid, to, request.user.get_username())
    except PlanProblem:
        messages.warning(request, _("This plan cannot go back any more: it was measured, or a newer one runs."))
        return redirect("plans:versions", uid=uid)
    said = [_("Back at version %(n)s.") % {"n": to}]
    if done.withdrawn:
        said.append(ngettext("%(n)s message was withdrawn.", "%(n)s messages were withdrawn.", done.withdrawn)
                    % {"n": f"{done.withdrawn:,}"})  # fmt: skip
    if done.gone:
        said.append(ngettext("%(n)s had left already and cannot be called back.",
                             "%(n)s had left already and cannot be called back.", done.gone)
                    % {"n": f"{done.gone:,}"})  # fmt: skip
    messages.info(request, " ".join(said))
    return redirect("plans:one", uid=uid)


def memo(request, uid):
    """The plan in plain words on one sheet, to print or to hand on."""
    plan = known(uid)
    rows = board.budget_rows(plan)
    return render(request, "plans/memo.html",
                  {"plan": plan, "rows": rows, "memo": board.memo(plan, rows), "actions": board.actions(plan),
                   "extra": board.more_money(plan), "binding": board.binding(plan),
                   "others": board.other_rows(plan)})  # fmt: skip
