"""Whom does a message move? What our own messages changed, for whom, and whom to leave in peace."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.uplift import figures
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentence


def uplift(request):
    found = finding("uplift")
    if found is None or not found.body["actions"]:
        return render(request, "uplift/uplift.html", {"empty": empty()})
    body = found.body
    known = [a["action"] for a in body["actions"]]
    action = request.GET.get("action")
    shown = next((a for a in body["actions"] if a["action"] == action), body["actions"][0])
    return render(request, "uplift/uplift.html", {
        "body": body, "made_at": found.made_at, "actions": known, "one": shown, "verdict": sentence(shown["code"]),
        "headline": headline(shown), "whom": whom(shown), "qini": figures.qini_chart(shown),
        "steps": figures.steps_chart(shown), "groups": [group_words(g) for g in shown["groups"]],
        "why_effect": ["held_back", f"buys_in_window={body['days']}"],
        "why_qini": ["held_back", "known_before", "cross_fitted", shown["code"]],
        "missing": max(shown["needed"] - shown["treated"] - shown["held"], 0),
        "missing_who": max(shown["needed_who"] - shown["treated"] - shown["held"], 0),
    })  # fmt: skip


def headline(one):
    if one["low"] > 0:
        return _("The message makes people buy who would not have bought.")
    if one["high"] < 0:
        return _("The message keeps people from buying: stop it.")
    return _("Whether the message changes anything cannot be told from luck yet.")


def whom(one):
    """The decision, in one sentence."""
    if one["code"] == "too_few":
        return ""
    return {
        "all": _("Write to all of them: it pays, and nobody stands out whom it moves more."),
        "none": _("Write to nobody: on average it does not pay."),
        "some": _("Write to the best part only: that earns more than writing to all."),
        "cannot_tell": _("Write to all of them for now: that leaving some out earns more is not shown."),
    }[one["best_code"]]


def group_words(group):
    name = group["group"]
    if group["by"] == "channel":
        name = label("channel", name)
    return {**group, "by_word": label("uplift_by", group["by"]), "name": name,
            "said": label("uplift_code", group["code"])}  # fmt: skip


def empty():
    text = _("Once a plan has written to some people and held others back for 28 days, this page shows whom the "
             "messages moved and whom to leave in peace.")  # fmt: skip
    return Empty(text, _("Open the plan"), "/decide/plan/?tab=people")
