"""What do they say? Marks and tone over time, topics by need, what can not wait, and the texts themselves."""

from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.answers.queries import answers_by_number
from regulars.web.answers.services import answer_label
from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.voice import figures, queries
from regulars.web.voice.words import ASIDE, ASPECTS, PRESSING, TONES, theme_name


def voice(request):
    found = finding("voice")
    if found is None:
        empty = Empty(_("Once reviews, survey answers or tickets are in and the wheel has turned, this page says what "
                        "your customers say."), _("Import a file"), "/collect/imports/")  # fmt: skip
        return render(request, "voice/voice.html", {"empty": empty})
    context = {"body": found.body, "made_at": found.made_at, **listing(request, found.body)}
    if request.headers.get("HX-Request"):
        return render(request, "voice/quotes.html", context)
    return render(request, "voice/voice.html", context | overview(found.body))


def listing(request, body):
    """The texts that fit the filter, a page of them."""
    asked = {k: request.GET.get(k, "") for k in ("topic", "tone", "aspect")}
    rows = queries.chosen(body, **asked)
    page = request.GET.get("page", "1")
    page = max(int(page), 1) if page.isdigit() else 1
    start = (page - 1) * queries.PAGE
    return {
        "asked": asked,
        "quotes": queries.quotes(rows[start : start + queries.PAGE]),
        "found": len(rows),
        "page": page,
        "next": page + 1 if len(rows) > start + queries.PAGE else None,
        "topics": [(t["topic"]["key"], theme_name(t)) for t in body["themes"]],
        "tones": TONES.items(),
        "aspects": [(a["aspect"], ASPECTS[a["aspect"]]) for a in body["aspects"]],
        "names": {t["topic"]["key"]: theme_name(t) for t in body["themes"]},
    }


def overview(body):
    """Everything above the texts."""
    press = queries.answers_by_number(p["answer"] for p in body["pressing"])
    first = {t["examples"][0] for t in body["themes"] if t["examples"]}
    said = answers_by_number(first)
    last = body["months"][-1] if body["months"] else None
    return {
        "marks": {m["kind"]: m for m in body["summary"] if m["channel"] is None},
        "channels": [m for m in body["summary"] if m["channel"] is not None and m["n"] >= figures.LEAST],
        "last": last,
        "themes": [
            {**t, "name": theme_name(t, 4), "example": said.get(t["examples"][0]) if t["examples"] else None}
            for t in body["themes"]
        ],
        "pressing": [
            {**p, "word": PRESSING.get(p["reason"], ""), "quote": queries.quote(press[p["answer"]], None)}
            for p in body["pressing"]
            if p["answer"] in press
        ],
        "aside": [(ASIDE.get(k, k), n) for k, n in body["aside"].items()],
        "tone_chart": figures.tone_chart(body),
        "csat_chart": figures.marks_chart(body, "csat"),
        "nps_chart": figures.marks_chart(body, "nps"),
        "aspect_chart": figures.aspect_chart(body),
        "heat_chart": figures.heat_chart(body),
    }


@require_POST
def label(request, answer):
    """The owner says what a text is; the next turn learns from it."""
    word = request.POST.get("label", "")
    try:
        known = answer_label(answer, word, request.user.get_username())
    except ValueError:
        return HttpResponseBadRequest()
    if not known:
        raise Http404
    found = finding("voice")
    row = next((r for r in found.body["listed"] if r["answer"] == answer), None) if found else None
    one = queries.quote(answers_by_number([answer])[answer], row)
    names = {t["topic"]["key"]: theme_name(t) for t in found.body["themes"]} if found else {}
    return render(request, "voice/quote.html", {"q": one, "names": names})
