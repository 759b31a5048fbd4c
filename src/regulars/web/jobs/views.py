"""What runs in the background: start it, watch it, stop it; it goes on when the owner leaves the page."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from regulars.web.jobs import queries
from regulars.web.jobs.services import job_cancel, job_start
from regulars.web.words.jobs import job_problem, job_result, way_on


@require_POST
def turn(request):
    """Turn the wheel now; a wheel that turns already is shown, not started twice."""
    return started(request, job_start("wheel_turn"))


def started(request, job):
    """Where a page goes after it started a job: to its progress, in place when htmx asked."""
    if request.headers.get("HX-Request"):
        return shown(request, job.uid)
    return redirect("jobs:job", uid=job.uid)


def job(request, uid):
    return shown(request, uid)


def shown(request, uid):
    """One job; ``?reload=1`` makes the page around it load anew once it has ended."""
    found = queries.job(uid)
    if found is None:
        raise Http404
    live = found["state"] in ("ready", "running")
    reload = "reload" in request.GET
    context = {"job": found, "live": live, "reload": reload, "problem": job_problem(found),
               "said": job_result(found), "on": way_on(found), "percent": round(found["progress"] * 100)}  # fmt: skip
    if not request.headers.get("HX-Request"):
        return render(request, "jobs/job.html", context)
    if reload and not live:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "jobs/progress.html", context)


@require_POST
def cancel(request, uid):
    """Stop a job at its next step."""
    job_cancel(uid)
    return shown(request, uid) if request.headers.get("HX-Request") else redirect("jobs:job", uid=uid)
