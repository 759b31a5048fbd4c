"""Who should hear from us, what, and through which channel; and who is better left alone?"""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.next_actions import figures, queries, services
from regulars.web.next_actions.lists import PEOPLE
from regulars.web.plans.lists import ACTIONS
from regulars.web.words.amounts import money_text, number_text, percent_text
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentence

COUNTED = ("total", "action", "stock")


def next_actions(request, problem="", said=None, status=200):
    found = finding("next_actions")
    context = {"problem": problem, "said": said or {}, "kinds": [(k, label("contact_rule", k)) for k in
               ("action", "stock", "total", "money", "cost", "explore", "least")],
               "actions": [(a, label("action", a)) for a in ACTIONS],
               "others": [(s, subject_words(s)) for s in services.subjects() if not s.startswith("action:")],
               "rules": [rule_words(r) for r in queries.rules()]}  # fmt: skip
    if found is None:
        return render(request, "next_actions/next_actions.html", {**context, "empty": empty()}, status=status)
    body = found.body
    context |= {
        "body": body, "made_at": found.made_at, "groups": [group_words(g, body) for g in body["groups"]],
        "left": [left_words(k, n, body) for k, n in body["left"]], "silent": body["people"] - body["chosen"],
        "unreached": [(label("channel", c), n) for c, n in body["unreached"]],
        "limits": [limit_words(k) for k in body["limits"]], "policies": body["policies"],
        "chart": figures.policies_chart(body["policies"]), "verdict": verdict(body["policies"]),
        "lines": [{**p, "word": label("policy", p["name"]), "said": [sentence(c) for c in p["limits"]]}
                  for p in (body["policies"] or {}).get("policies", ())],
        "lot": lot_words(body.get("lot")), "unmet": [unmet_words(u) for u in body.get("unmet", ())],
        "why": ["uplift_not_response", "limits_together", f"certified_gap={body['gap']:.2g}"],
        "why_policies": ["judged_by_lot", "doubly_robust", "cross_fitted"],
        "costs": [(label("channel", c), amount) for c, amount in body["costs"]],
    }  # fmt: skip
    if problem:
        return render(request, "next_actions/next_actions.html", context, status=status)
    rows = queries.people_of(body["plan"])
    return PEOPLE.show(request, rows, template="next_actions/next_actions.html", **context)


@require_POST
def rules(request):
    try:
        services.rule_save(request.POST, by=request.user.get_username())
    except services.RuleProblem as found:
        return next_actions(request, str(found), request.POST, 400)
    return redirect("next_actions:next_actions")


@require_POST
def rule_remove(request):
    number = request.POST.get("rule", "")
    if number.isdigit():
        services.rule_drop(int(number), by=request.user.get_username())
    return redirect("next_actions:next_actions")


def group_words(group, body):
    share = group["value"] / body["value"] if body["value"] else 0.0
    basis = group.get("basis", "")
    assumed = basis.startswith("prior_uplift")
    codes = [basis] if "=" in basis else []
    if assumed and group["channel"] == "phone":
        codes.append("calls_assumed")
    return {**group, "assumed": assumed, "why": codes,
            "word": label("action", group["action"]), "way": label("channel", group["channel"]),
            "share": round(100 * max(share, 0.0))}  # fmt: skip


def left_words(reason, people, body):
    """A reason to leave people in peace, and what would change it."""
    links = {
        "no_consent": ("/understand/people/", _("Ask for consent where you meet them")),
        "cap": ("/trust/settings/", _("Change the cap")),
        "limit": ("#rules", _("Change the limits")),
        "leave": ("/understand/lifecycle/", _("Open the strategy map")),
        "harm": ("/understand/uplift/", _("See whom messages harm")),
        "nothing_better": ("/understand/uplift/", _("See what messages change")),
    }
    url, text = links.get(reason, ("", ""))
    return {"reason": reason, "word": label("left_out", reason), "people": people, "url": url, "text": text,
            "width": round(100 * people / max(body["people"], 1))}  # fmt: skip


def limit_words(limit):
    """One limit in words; what one more unit of it would earn."""
    head, _colon, subject = limit["code"].partition(":")
    word = {
        "quota": label("channel", subject) if subject != "total" else _("All contacts"),
        "action": label("action", subject), "stock": _("%(action)s, stock") % {"action": label("action", subject)},
        "contact_budget": _("Money for contacts and discounts"),
    }.get(head, limit["code"])  # fmt: skip
    if head == "least":
        word = _("At least: %(what)s") % {"what": subject_words(subject)}
    money = head == "contact_budget"
    amounts = [money_text(round(limit[k])) if money else number_text(limit[k]) for k in ("used", "most")]
    width = round(100 * limit["used"] / limit["most"]) if limit["most"] else 100
    return {"word": word, "used": amounts[0], "most": amounts[1], "more": limit["more"], "width": min(width, 100),
            "tight": limit.get("tight", False),
            "money": money, "more_money": None if limit["more"] is None else 100 * limit["more"]}  # fmt: skip


def rule_words(rule):
    if rule.kind == "explore":
        amount = percent_text(rule.amount, 1)
    elif rule.kind in services.MONEY:
        amount = money_text(round(rule.amount))
    else:
        amount = number_text(rule.amount)
    about = label("action", rule.name) if rule.kind in services.NAMED else ""
    about = subject_words(rule.name) if rule.kind == services.LEAST else about
    return {"id": rule.pk, "kind": label("contact_rule", rule.kind), "about": about, "amount": amount}


def subject_words(subject):
    """What a minimum is about: an action, a channel or a group of people."""
    head, _colon, name = subject.partition(":")
    return label({"segment": "activity"}.get(head, head), name)


def unmet_words(unmet):
    """A minimum that could not be met, and beside which limits."""
    subject, _bar, beside = unmet.partition("|")
    words = [limit_words({"code": c, "used": 0, "most": 0, "more": None})["word"] for c in beside.split("+") if c]
    if not words:
        return _("%(what)s: there are not so many people whom this suits, who agreed and whom it does not harm.") % {
            "what": subject_words(subject)}  # fmt: skip
    return _("%(what)s: cannot hold together with %(beside)s.") % {
        "what": subject_words(subject), "beside": ", ".join(words)}  # fmt: skip


def lot_words(lot):
    """What the lot of earlier plans tells, in one sentence and a row for each policy."""
    if lot is None or not lot["people"]:
        return None
    said = {
        "best_pays": _("Always doing the best action earns more than another that pays."),
        "other_pays": _("Another action that pays earns more than the one we hold to be best: the next turns will say "
                        "so, since what is measured decides."),
        "cannot_tell": _("Whether the best action earns more than another that pays cannot be told from luck yet."),
        "too_few": _("Too few people were moved by lot to say what another action would earn."),
    }[lot["code"]]  # fmt: skip
    lines = [{**p, "word": label("lot_policy", p["name"]), "said": [sentence(c) for c in p["limits"]]}
             for p in lot["policies"]]  # fmt: skip
    return {**lot, "said": said, "lines": lines}


def verdict(policies):
    """What the comparison allows us to say, in one sentence."""
    if policies is None or policies["code"] == "too_few":
        return _("Too few people were written to and held back by lot to judge other ways to choose.")
    return {
        "better": _("Choosing by what is gained earned more than choosing the likeliest buyers; the interval of the "
                    "difference leaves out 0."),
        "worse": _("Choosing by what is gained earned less than choosing the likeliest buyers: look at what messages "
                   "change before the next plan."),
        "same": _("Both ways to choose agree here: everybody gains, or nobody does."),
        "cannot_tell": _("Which way to choose earns more cannot be told from luck yet."),
    }[policies["code"]]  # fmt: skip


def empty():
    text = _("Once people are in and the wheel has turned, this page shows who should hear from you, who should not, "
             "and why.")  # fmt: skip
    return Empty(text, _("Import a file"), "/collect/imports/")
