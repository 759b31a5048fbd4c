"""Who is leaving, what does it cost, and what will customers do next?"""

from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.churn import figures
from regulars.web.churn.lists import CORNERS, corner_list, keys_of
from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.people.queries import people
from regulars.web.words.reasons import sentences


def churn(request):
    found = finding("churn")
    if found is None:
        return render(request, "churn/churn.html", {"empty": empty(), "tab": "churn"})
    body = found.body
    known = [c["key"] for c in body["corners"] if c["customers"]]
    corner = request.GET.get("corner")
    corner = corner if corner in known else known[0] if known else "save"
    rows = people().filter(pk__in=keys_of(body, corner))
    return corner_list(known).show(
        request, rows, template="churn/churn.html", tab="churn", body=body, made_at=found.made_at, corner=corner,
        corner_name=CORNERS[corner], corners=[corner_words(c) for c in body["corners"]],
        map=figures.map_chart(body), signs=figures.signs(body), survival=figures.survival_chart(body),
        calibration=figures.calibration_chart(body["calibration"], "calibration", _("Foretold and real")),
        limits=sentences(body["limits"]), why=[f"risk_from_{body['basis']}", "stake_is_quarter", "lost_left_out"],
    )  # fmt: skip


def following(request):
    found = finding("behaviour")
    if found is None:
        return render(request, "churn/next.html", {"empty": empty(), "tab": "next"})
    body = found.body
    return render(request, "churn/next.html", {
        "tab": "next", "body": body, "made_at": found.made_at, "lift": figures.lift_chart(body),
        "calibration": figures.calibration_chart(body["calibration"], "calibration", _("Foretold and real")),
        "weeks": figures.weeks_chart(body), "drivers": figures.drivers_chart(body),
        "limits": sentences(body["limits"]), "why": ["split_in_time", "same_folds", "plainer_within_error"],
        "tenth": next((p for p in body["lift"] if abs(p["share"] - 0.1) < 1e-9), None),
    })  # fmt: skip


def corner_words(corner):
    texts = {
        "save": _("Valuable and about to leave: call or write in person, and solve what is wrong."),
        "keep": _("Valuable and safe: thank them, show new things first. No discounts."),
        "let_go": _("Likely to leave and worth little: one friendly message, then leave them in peace."),
        "grow": _("Safe but small: offer what fits to what they have."),
    }
    return {**corner, "name": CORNERS[corner["key"]], "advice": texts[corner["key"]]}


def empty():
    return Empty(_("Once orders or contracts are in and the wheel has turned, this page shows who is leaving, what "
                   "that costs and what to do."), _("Import a file"), "/collect/imports/")  # fmt: skip
