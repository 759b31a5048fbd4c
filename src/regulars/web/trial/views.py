"""Does the loop earn? The published trial in companies whose truth is known."""

import datetime as dt

from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.lists import Empty
from regulars.web.trial import figures, published


def trial(request):
    found = published.read()
    if found is None:
        empty = Empty(_("No trial has been published with this program yet. Run: regulars trial --publish"),
                      _("The plan"), "/decide/plan/")  # fmt: skip
        return render(request, "trial/trial.html", {"empty": empty})
    kind = request.GET.get("kind", figures.ALL)
    kind = kind if kind in found["kinds"] else figures.ALL
    scores = found["all"] if kind == figures.ALL else found["kinds"][kind]
    context = {
        "found": found,
        "made_at": dt.datetime.fromisoformat(found["made_at"]),
        "kinds": figures.kinds(found),
        "kind": kind,
        "kind_word": figures.KINDS[kind],
        "rows": figures.rows(scores),
        "loop": found["all"]["loop"],
        "companies": len(found["kinds"]) * len(found["seeds"]),
        "chart": figures.weekly_chart(scores),
        "target": figures.TARGET,
    }
    return render(request, "trial/trial.html", context)
