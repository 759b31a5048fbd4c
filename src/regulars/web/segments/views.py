"""Who are they? Groups of customers: how many, what they are worth, what sets them apart, what to do."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.web.lists import Empty
from regulars.web.people.queries import people
from regulars.web.segments import figures, words
from regulars.web.segments.builder import said, taken_away
from regulars.web.segments.lists import IN_SEGMENT
from regulars.web.segments.queries import definitions, segment_row, segment_rows
from regulars.web.words.reasons import sentences

METHODS = {"rules": "segment", "clusters": "cluster"}


def shown(segment):
    """A segment with its words."""
    return {
        **segment,
        "name": words.name_of(segment),
        "each": segment["worth"] / segment["size"] if segment["size"] else None,
        "apart": words.apart(segment),
        "strategy": words.strategy(segment),
        "limits": sentences(segment["profile"].get("limits") or []),
    }


def segments(request):
    method = request.GET.get("by", "rules")
    if method == "own":
        return own_segments(request)
    if method not in METHODS:
        method = "rules"
    rows = segment_rows(method)
    spread = figures.concentration(rows[0]["made_at"]) if rows else None
    context = {
        "method": method,
        "segments": [shown(row) for row in rows],
        "total": sum(row["worth"] for row in rows),
        "limits": sentences(rows[0]["profile"].get("limits") or []) if rows else [],
        "worth": figures.worth_chart(rows),
        "spread": spread,
        "spread_chart": figures.spread_chart(spread) if spread else None,
        "empty": Empty(_("Customers are grouped here once orders are in and the wheel has turned."),
                       _("Import a file"), "/collect/imports/"),
    }  # fmt: skip
    return render(request, "segments/segments.html", context)


def own_segments(request):
    context = {
        "method": "own",
        "own": [(one, said(one)) for one in definitions()],
        "gone": taken_away(request.GET.get("undo", "")),
        "empty": Empty(_("Put a segment together from what people are, did and are worth: it stays up to date by "
                         "itself."), _("New segment"), reverse("segments:builder")),
    }  # fmt: skip
    return render(request, "segments/segments.html", context)


def segment(request, method, key):
    row = segment_row(method, key) if method in METHODS else None
    if row is None:
        raise Http404
    found = people().filter(**{f"score__{METHODS[method]}": key})
    return IN_SEGMENT.show(
        request, found, template="segments/segment.html", segment=shown(row), traits=words.traits(row), method=method
    )
