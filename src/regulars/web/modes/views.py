"""Which way to sell in each market, and how sure is that?"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.findings.queries import finding
from regulars.web.modes import board, queries, services
from regulars.web.words.partners import CRITERIA, MODES, STEPS, UNITS


def modes(request, problem="", said=None, status=200, market=None):
    found = finding("modes")
    body = found.body if found else None
    if body is None:
        return render(request, "modes/modes.html", {"body": None}, status=status)
    name = market if market is not None else request.GET.get("market", "")
    now = board.market_now(body, name)
    weights = board.weights_now(body)
    rows = board.table(now)
    if said:
        for row in rows:
            for cell in row["cells"]:
                cell["value"] = said.get(cell["name"], cell["value"])
    agreeing = sum(winner == now["order"][0] for winner in now["winners"].values())
    context = {
        "body": body, "made_at": found.made_at, "problem": problem, "market": now, "weights": weights,
        "markets": [m["market"] for m in body["markets"]], "rows": rows,
        "criteria": [(c, CRITERIA[c], UNITS[c]) for c in CRITERIA],
        "rankings": board.rankings(now), "turning": board.turning(now),
        "map": board.weight_map(now, weights["weights"]),
        "best": MODES[now["order"][0]], "near": now["near"][now["order"][0]],
        "today": MODES[max(now["share"], key=now["share"].get)] if now["share"] else None,
        "assumed": sum(c["source"] == "assumed" for r in rows for c in r["cells"]), "cells": len(rows) * len(CRITERIA),
        "pairs": _pairs(),
        "why": {"mode_robust": str(agreeing), "mode_share": f"{now['near'][now['order'][0]]:.3f}"},
    }  # fmt: skip
    return render(request, "modes/modes.html", context, status=status)


def _pairs():
    """Every comparison with what was said: 3 is three times, -3 a third."""
    from regulars.decide.modes import JUDGEMENTS, pairs

    given = queries.judgements()
    rows = []
    for one, other in pairs():
        times = given.get((one, other)) if given else JUDGEMENTS[one, other]
        value = "" if times is None else round(times) if times >= 1 else -round(1 / times)
        rows.append(
            {
                "name": f"{one}-{other}",
                "one": CRITERIA[one],
                "other": CRITERIA[other],
                "value": value,
                "steps": STEPS.items(),
            }
        )
    return rows


@require_POST
def figures(request):
    market = request.POST.get("market", "")
    found = finding("modes")
    if found is None or market not in {m["market"] for m in found.body["markets"]}:
        raise Http404
    # Only what differs from what is shown is the owner's word.
    shown = {c["name"]: c["value"] for r in board.table(board.market_now(found.body, market)) for c in r["cells"]}
    typed = {k: v for k, v in request.POST.dict().items() if k in shown and v.strip() != shown[k]}
    try:
        services.figures_save(market, typed, request.user.get_username())
    except services.ModeProblem as told:
        return modes(request, str(told), request.POST.dict(), 422, market)
    messages.success(request, _("Kept. The rankings below are made from it already."))
    return redirect(f"{reverse('modes:modes')}?{urlencode({'market': market})}")


@require_POST
def judgements(request):
    try:
        services.judgements_save(request.POST.dict(), request.user.get_username())
    except services.ModeProblem as told:
        return modes(request, str(told), None, 422)
    messages.success(request, _("Kept. The rankings below are made from it already."))
    return redirect("modes:modes")
