"""How do customers live with us? States, moves between them, and what to do in each."""

from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.tables import currency_digits
from regulars.web.findings.queries import finding
from regulars.web.lifecycle import figures, queries, services
from regulars.web.lists import Empty
from regulars.web.people.queries import people
from regulars.web.words.labels import LABELS
from regulars.web.words.reasons import sentences

SPANS = (1, 3, 6)


def lifecycle(request):
    found = finding("lifecycle")
    if found is None:
        empty = Empty(_("Once orders are in and the wheel has turned, this page shows how customers move from new to "
                        "loyal or lost, and who will move next."), _("Import a file"), "/collect/imports/")  # fmt: skip
        return render(request, "lifecycle/lifecycle.html", {"empty": empty})
    body = found.body
    map_ = queries.strategies("activity")
    spans = [n for n in SPANS if any(f[0] == n for f in body["flows"])]
    asked = request.GET.get("span", "")
    span = int(asked) if asked.isdigit() and int(asked) in spans else (3 if 3 in spans else spans[-1] if spans else 1)
    context = {
        "body": body,
        "made_at": found.made_at,
        "states": [{**row, "advice": map_[row["key"]]} for row in body["states"]],
        "spans": spans,
        "span": span,
        "flow": figures.flow_chart(body, span),
        "sizes": figures.sizes_chart(body) if body["months"] else None,
        "matrix": figures.matrix(body),
        "keys": figures.STATES,
        "coming": figures.coming(body),
        "watched": watched(body),
        "stages": figures.stages_chart(body) if body["stages"] else None,
        "limits": sentences(body["limits"]),
        "why": why(body),
        "goals": LABELS["goal"],
    }
    return render(request, "lifecycle/lifecycle.html", context)


def watched(body):
    """The customers whose worth is most likely to slip, with their names; who has been erased is left out."""
    keys = [w["customer"] for w in body["watched"]]
    known = {person.key: person for person in people().filter(key__in=keys)}
    return [{**w, "person": known[w["customer"]]} for w in body["watched"] if w["customer"] in known]


def why(body):
    """What the numbers of the page rest on, as reason codes."""
    codes = {f"states_by_{body['method']}": None, f"next_by_{body['uses']}": None}
    if body["test"]:
        test = body["test"]
        codes |= {"tested_months": f"{test['months']:.0f}", "log_loss": f"{test['logit']:.3f}",
                  "log_loss_matrix": f"{test['matrix']:.3f}",
                  "calibration_error": f"{test['calibration_error']:.4f}"}  # fmt: skip
    return codes


@require_POST
def strategy(request, kind, key):
    """Keep or take back one rule of the strategy map; answers with the rule as it stands."""
    if queries.strategy_of(kind, key) is None:
        raise Http404
    by, problem = request.user.get_username(), ""
    if request.POST.get("verb") == "reset":
        services.strategy_reset(kind, key, by)
    else:
        try:
            services.strategy_save(
                kind, key, request.POST.get("goal", ""), request.POST.get("advice", ""),
                minor(request.POST.get("by_hand_from", "")), by,
            )  # fmt: skip
        except services.StrategyProblem as found:
            problem = str(found)
    if not request.htmx and not problem:
        return redirect("lifecycle:lifecycle") if kind == "activity" else redirect("segments:segment", "rules", key)
    context = {"advice": queries.strategy_of(kind, key), "problem": problem, "goals": LABELS["goal"],
               "said": request.POST if problem else None}  # fmt: skip
    return render(request, "lifecycle/strategy.html", context, status=422 if problem and not request.htmx else 200)


def minor(text):
    """An amount as typed, in minor units; empty is none."""
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    try:
        amount = Decimal(plain)
        if not amount.is_finite() or amount >= 10**13:
            raise InvalidOperation
    except InvalidOperation:
        raise services.StrategyProblem(_("A value is a number, such as 2000.")) from None
    return int(amount.scaleb(currency_digits(settings.COMPANY.currency)))
