"""What did we try, what may we say today, and when will we know?"""

from datetime import timedelta

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.audit.services import record
from regulars.web.experiments import arms, figures, forms, queries, services, words
from regulars.web.experiments.field import field_test
from regulars.web.experiments.traffic import traffic
from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.spreadsheet import csv_line, plain

MOVES = {
    "stop": services.experiment_stop, "reopen": services.experiment_reopen, "delete": services.experiment_delete,
    "restore": services.experiment_restore,
}  # fmt: skip


def experiments(request):
    found = finding("experiments")
    body = found.body if found else None
    own = [row(one, body) for one in queries.experiments()]
    trials = [figures.shown(t) for t in body["trials"]] if body else []
    gone = queries.experiment(request.GET.get("undo", ""))
    nothing = _("Nothing has been tried yet. Give something to some people and not to others, and this page says "
                "whether it works.")  # fmt: skip
    empty = Empty(nothing, _("New experiment"), reverse("experiments:new"), icon="chart-line")
    whole = body["overall"] if body else None
    apart = (body or {}).get("everywhere")
    said = {f"overall_{end}": figures.end("buy", whole[end]) for end in ("low", "high")} if whole else {}
    return render(request, "experiments/experiments.html", said | {
        "overall_text": figures.said("buy", whole["delta"], sign=True) if whole else "",
        "own": own, "trials": trials, "overall": whole, "body": body, "apart": figures.apart(apart) if apart else None,
        "made_at": found.made_at if found else None, "empty": empty,
        "gone": gone if gone and gone.deleted_at else None, "why_overall": ["any_look", "flows_weighed"],
        "why_apart": ["any_look", "never_written_to"],
    })  # fmt: skip


def row(one, body):
    """One experiment of the owner's own with what may be said of it."""
    found = queries.reading(body, one.uid)
    code = told(one, found)
    main = figures.figure_row(queries.primary(one, found)[0]) if found and queries.primary(one, found) else None
    return {"one": one, "word": words.CODES[code], "tone": words.TONES.get(code, "secondary"), "main": main,
            "state": words.STATES[one.state], "metric": words.METRICS[one.metric],
            "until": one.ended or queries.planned_end(one)}  # fmt: skip


def told(one, found):
    """What may be said of an experiment, as a code."""
    if one.state == "concluded":
        return "typed" if one.unit != "person" or one.outside else one.result.get("code", "typed")
    if one.unit != "person":
        return "outside"
    if found is None:
        return "waiting"
    if found["code"] in ("unfair", "too_few"):
        return found["code"]
    main = [f for f in queries.primary(one, found) if f["decided"]]
    return "cannot_tell" if not main else "better" if any(f["delta"] > 0 for f in main) else "worse"


def plan(request):
    """One plan and action against those held back."""
    found = finding("experiments")
    asked = request.GET.get("id", "")
    trial = next((t for t in found.body["trials"] if t["id"] == asked), None) if found else None
    if trial is None:
        raise Http404
    return render(request, "experiments/plan.html", {
        "trial": figures.shown(trial), "made_at": found.made_at, "made_by": found.body["made_by"],
        "window_days": found.body["window_days"],
    })  # fmt: skip


def new(request):
    form = forms.typed(request.POST if request.method == "POST" else request.GET)
    problem = ""
    if request.method == "POST":
        try:
            made = services.experiment_create(forms.asked(form), request.user.get_username())
            return redirect("experiments:one", made.uid)
        except services.ExperimentProblem as found:
            problem = str(found)
    return asked_page(request, "experiments/new.html", form, problem, traffic=traffic(**forms.calculator(form)))


def typed_in(request):
    """The result of a test that was run elsewhere."""
    given = (request.POST if request.method == "POST" else request.GET).dict()
    begun = timezone.localdate() - timedelta(days=28)
    form = forms.typed({"unit": "geo", "metric": "revenue", "arms": "", "start": begun.isoformat()} | given)
    problem = ""
    if request.method == "POST":
        try:
            services.experiment_type(
                forms.asked(form | {"arms": "a, b"}), forms.change(form["metric"], form["delta"], _("Change")),
                forms.change(form["metric"], form["se"], _("Standard error")), request.user.get_username(),
            )  # fmt: skip
            return redirect("experiments:list")
        except services.ExperimentProblem as found:
            problem = str(found)
    return asked_page(request, "experiments/typed.html", form, problem)


def asked_page(request, template, form, problem, **more):
    from regulars.web.bridge.kpis import kpi_slices

    channels, markets = kpi_slices()
    context = {"form": form, "problem": problem, "channels": channels, "markets": markets,
               "metrics": words.METRICS.items(), "units": words.UNITS.items(), **more}  # fmt: skip
    return render(request, template, context, status=422 if problem else 200)


def power(request):
    """What the experiment as typed so far could see; asked at every change of the form."""
    asked = forms.calculator(request.GET)
    return render(request, "experiments/power.html", {"traffic": traffic(**asked), "form": forms.typed(request.GET)})


def known(uid):
    one = queries.experiment(uid)
    if one is None or one.deleted_at:
        raise Http404
    return one


def one(request, uid, problem="", status=200):
    kept, found = known(uid), finding("experiments")
    reading = queries.reading(found.body if found else None, uid)
    trial = figures.shown(reading) if reading and kept.state != "concluded" else None
    if kept.state == "concluded" and kept.result.get("trial"):
        trial = figures.shown(kept.result["trial"])
    code = told(kept, reading)
    field = field_test(uid) if kept.unit != "person" else None
    return render(request, "experiments/one.html", {
        "one": kept, "trial": trial, "field": field, "made_at": found.made_at if found else None,
        "made_by": found.body["made_by"] if found else "", "word": words.CODES[code],
        "tone": words.TONES.get(code, "secondary"), "state": words.STATES[kept.state],
        "metric": words.METRICS[kept.metric], "unit": words.UNITS[kept.unit], "until": kept.ended or
        queries.planned_end(kept), "arms": kept.arms.items(), "problem": problem,
        "over": queries.planned_end(kept) <= timezone.localdate(), "form": forms.typed(request.POST),
        "main": [r for r in trial["rows"] if r["name"] == queries.FIGURES[kept.metric]] if trial else [],
        "result_text": result_text(kept), "se_text": result_text(kept, kept.se), "decided": code in ("better", "worse"),
    }, status=status)  # fmt: skip


def result_text(kept, value=None):
    """The stored result in its unit: a total over the window."""
    value = kept.delta if value is None else value
    if value is None:
        return ""
    return figures.said("money" if kept.metric in ("revenue", "money_per_order") else "orders", value, sign=True)


@require_POST
def conclude(request, uid):
    """Keep the result: of people as the last turn read it, of places and weeks as typed."""
    kept, form = known(uid), forms.typed(request.POST)
    found = finding("experiments")
    reading = queries.reading(found.body if found else None, uid)
    ended = min(kept.ended or queries.planned_end(kept), timezone.localdate())
    result = {}
    try:
        if kept.unit == "person":
            main = queries.primary(kept, reading) if reading else []
            if not main or main[0]["se"] is None:
                raise services.ExperimentProblem(_("There is no result yet: let the wheel turn first."))
            # Per head times heads: what the models learn from is the change over the whole window.
            delta, se = main[0]["delta"] * main[0]["people"], main[0]["se"] * main[0]["people"]
            result = {"code": told(kept, reading), "trial": reading}
        else:
            delta = forms.change(kept.metric, form["delta"], _("Change"))
            se = forms.change(kept.metric, form["se"], _("Standard error"))
        services.experiment_conclude(uid, delta, se, result, form["lesson"], request.user.get_username(), ended)
    except services.ExperimentProblem as problem:
        return one(request, uid, str(problem), 422)
    return redirect("experiments:one", uid)


@require_POST
def move(request, uid, verb):
    if verb not in MOVES:
        raise Http404
    MOVES[verb](uid, request.user.get_username())
    if verb == "delete":
        return redirect(reverse("experiments:list") + f"?undo={uid}")
    return redirect("experiments:one", uid)


def people_csv(request, uid):
    """Everybody with their arm, for the tool that hands it out."""
    kept = known(uid)
    if kept.unit != "person" or kept.outside:
        raise Http404

    def lines():
        yield "\ufeff"
        yield csv_line([_("Key"), _("Name"), _("E-mail"), _("Phone"), _("Arm")])
        rows = arms.people(kept).values_list("key", "name", "email", "phone").iterator(chunk_size=2000)
        for person in rows:
            yield csv_line([*(plain(v) for v in person), plain(arms.arm_of(kept, person[0]))])

    record(request.user.get_username(), "experiment_people", uid)
    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="experiment-{uid}.csv"'
    return answer
