"""What is being tried out, and what has it shown?"""

from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.adaptive import queries, services
from regulars.web.adaptive.models import Tryout
from regulars.web.adaptive.words import ADVICE, KINDS, MEMORIES, REWARDS, STATES

LARGEST = 10 * 1024**2
START = {"kind": "creative", "reward": "yes_no", "days": "7", "floor": "5", "weeks": "4", "memory": "always"}


def adaptive(request, problem="", said=None, status=200):
    rows = queries.tryouts()
    read = queries.readings(rows, timezone.now())
    shown = [one_words(one, read[one.uid]) for one in rows if one.uid in read]
    return render(request, "adaptive/adaptive.html", {
        "tryouts": shown, "problem": problem, "said": said or START, "kinds": KINDS, "rewards": REWARDS,
        "memories": MEMORIES, "open": bool(problem) or not rows or "new" in request.GET,
    }, status=status)  # fmt: skip


def one_words(one, reading):
    best = max(reading.arms, key=lambda a: a.best)
    return {"row": one, "read": reading, "advice": ADVICE[reading.advice], "code": reading.advice, "best": best,
            "kind": KINDS[one.kind], "state": STATES[one.state], "money": one.reward == "money",
            "waits": sum(a.shown - a.ripe for a in reading.arms)}  # fmt: skip


def found(uid):
    one = Tryout.objects.filter(pk=uid).first()
    if one is None:
        raise Http404
    return one


@require_POST
def create(request):
    try:
        services.tryout_create(request.POST.dict(), request.user.get_username())
    except services.TryoutProblem as wrong:
        return adaptive(request, str(wrong), request.POST.dict(), 422)
    return redirect("adaptive:adaptive")


@require_POST
def record(request, uid):
    one, by = found(uid), request.user.get_username()
    said = request.POST
    try:
        file = request.FILES.get("file")
        if file is not None:
            if file.size > LARGEST:
                raise services.TryoutProblem(_("Choose a file of at most 10 MB."))
            services.tryout_import(one, file.read(), by)
        else:
            services.tryout_record(one, said.get("arm", ""), said.get("shown", ""), said.get("won", ""),
                                   said.get("value", ""), by)  # fmt: skip
    except services.TryoutProblem as wrong:
        return adaptive(request, str(wrong), None, 422)
    return redirect("adaptive:adaptive")


@require_POST
def choose(request, uid):
    """The variant for one exposure, as JSON, and the chance it was chosen with."""
    one = found(uid)
    if one.state != "running":
        return JsonResponse({"error": "not running"}, status=409)
    return JsonResponse(services.tryout_choose(one, request.POST.get("key", ""), request.user.get_username()))


@require_POST
def reward(request, uid):
    try:
        counted = services.tryout_reward(found(uid), request.POST.get("key", ""), request.POST.get("value", ""))
    except services.TryoutProblem as wrong:
        return JsonResponse({"error": str(wrong)}, status=422)
    return JsonResponse({"counted": counted})


@require_POST
def move(request, uid, verb):
    if not services.tryout_move(found(uid), verb, request.POST.get("winner", ""), request.user.get_username()):
        raise Http404
    return redirect("adaptive:adaptive")
