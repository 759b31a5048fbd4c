"""What are they worth? How worth is spread, where it comes from, and how far the forecast can be believed."""

import math

from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences
from regulars.web.worth import figures


def worth(request):
    found = finding("worth")
    if found is None:
        empty = Empty(_("Once orders are in and the wheel has turned, this page shows what your customers will still "
                        "bring, and who brings it."), _("Import a file"), "/collect/imports/")  # fmt: skip
        return render(request, "worth/worth.html", {"empty": empty})
    body, contracts = found.body, found.body["contracts"]
    context = {
        "body": body,
        "made_at": found.made_at,
        "model": figures.MODELS.get(body["model"], body["model"]),
        "why": why(body),
        "why_contracts": why_contracts(contracts) if contracts else None,
        "limits": sentences(body["limits"]),
        "bins": figures.bins_chart(body),
        "spread": figures.spread_chart(body) if body["spread"] else None,
        "cohorts": figures.cohorts_chart(body),
        "channels": figures.channels_chart(body) if len(body["channels"]) > 1 else None,
        "curve": figures.curve_chart(contracts) if contracts else None,
        "deciles": figures.deciles_chart(body["tested"]) if body["tested"] else None,
        "trials": figures.trials(body["trials"]),
        "groups": [{**g, "word": label(g["by"], g["group"]), "off": g["low"] > 0 or g["high"] < 0}
                   for g in body["groups"]],
        "check_off": body["check"] and not figures.trusted(body["check"]),
    }  # fmt: skip
    return render(request, "worth/worth.html", context)


def why(body):
    """What the total rests on, as reason codes."""
    codes = {"worth_horizon": body["horizon_days"], "worth_margin": body["margin"], "worth_rate": body["discount_rate"],
             "worth_future_only": None, f"worth_by_{body['model']}": None}  # fmt: skip
    if body["tested"]:
        codes["worth_tested"] = body["tested"]["bias"]
    if body["correction"] != 1 or body["corrected_cohorts"]:
        codes["worth_corrected"] = body["correction"] - 1
    return [code if value is None else f"{code}={value}" for code, value in codes.items()]


def why_contracts(contracts):
    """What the worth of contracts rests on."""
    codes = [f"contracts={contracts['contracts']}", f"contracts_by_{contracts['model']}"]
    if contracts["bias"] is not None and math.isfinite(contracts["bias"]):
        codes.append(f"contracts_tested={contracts['bias']}")
    return codes + list(contracts["limits"])
