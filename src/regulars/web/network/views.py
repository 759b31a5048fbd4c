"""Who brings whom? Families of customers, the worth of each bringer, and whom to ask for a recommendation."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.network import figures
from regulars.web.people.queries import names_of
from regulars.web.words.reasons import sentences

SHOWN = 15


def network(request):
    found = finding("network")
    if found is None:
        return render(request, "network/network.html", {"empty": empty()})
    body = found.body
    top, asks = body["top"][:SHOWN], body["asks"][:SHOWN]
    names = names_of({row["customer"] for row in (*top, *asks)} | {n["customer"] for t in body["trees"] for n in t})
    viral = body["viral"]
    return render(request, "network/network.html", {
        "body": body, "made_at": found.made_at, "viral": viral, "rounds": rounds(viral),
        "top": named(top, names), "asks": named(asks, names), "limits": sentences(body["limits"]),
        "tree": figures.tree_chart(body, names), "months": figures.months_chart(body),
        "again": compared_again(body["again"]), "worth": compared_worth(body["worth"]),
        "why_viral": ["earliest_counts", "seen_so_far"], "why_credit": ["earliest_counts", "shared_credit"],
        "why_ask": ["own_record_and_all", "earliest_counts"],
    })  # fmt: skip


def named(rows, names):
    """The rows with the book's names; somebody erased since has none and is left out."""
    return [{**row, "name": names[row["customer"]]} for row in rows if row["customer"] in names]


def rounds(viral):
    """What the coefficient means for an owner."""
    if viral["high"] < 1:
        return _("Word of mouth adds to what you win elsewhere, but does not grow by itself.")
    if viral["low"] >= 1:
        return _("Word of mouth grows by itself: every round is larger than the last.")
    return _("Whether word of mouth grows by itself cannot be said yet.")


def compared_again(found):
    return {**found, "text": {
        "brought_more": _("People who were brought bring others more often."),
        "brought_less": _("People who were brought bring others less often."),
        "cannot_tell": _("Whether people who were brought bring others more often cannot be told from luck."),
    }[found["code"]]}  # fmt: skip


def compared_worth(found):
    return {**found, "text": {
        "brought_more": _("People who were brought are worth more than the others."),
        "brought_less": _("People who were brought are worth less than the others."),
        "cannot_tell": _("Whether people who were brought are worth more cannot be told from luck."),
    }[found["code"]]}  # fmt: skip


def empty():
    return Empty(_("Once touches name who brought a customer, this page shows who brings whom and what that is worth."),
                 _("Import a file"), "/collect/imports/")  # fmt: skip
