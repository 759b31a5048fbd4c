"""Do customers stay, and where are they lost on the way?"""

from itertools import pairwise

from django.conf import settings
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.cohorts import figures
from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.words.cohorts import GRAINS, SHOWN
from regulars.web.words.reasons import sentences


def cohorts(request):
    found = finding("cohorts")
    if found is None:
        return render(request, "cohorts/cohorts.html", {"empty": empty(), "tab": "cohorts"})
    body, asked = found.body, request.GET
    cuts = figures.cuts_of(body)
    by = asked.get("by") if asked.get("by") in dict(cuts) else "first_order"
    grain = asked.get("grain") if asked.get("grain") in GRAINS and by == "first_order" else "month"
    shown = asked.get("shown") if asked.get("shown") in SHOWN else "share"
    one = figures.triangle(body, grain, by, asked.get("cut", ""))
    monies = list(one["money"])
    currency = asked.get("currency") if asked.get("currency") in monies else (monies or [settings.COMPANY.currency])[0]
    if "csv" in asked:
        answer = StreamingHttpResponse(figures.csv_lines(one, shown, currency), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="cohorts-{grain}-{shown}.csv"'
        return answer
    rows = figures.heat(one, shown, currency)
    choice = asked.copy()
    choice["csv"] = "1"
    return render(request, "cohorts/cohorts.html", {
        "tab": "cohorts", "body": body, "made_at": found.made_at, "grain": grain, "grains": GRAINS, "shown": shown,
        "showns": SHOWN, "by": by, "cuts": cuts, "one": one, "currency": currency, "monies": monies,
        "values": [(t["cut"], figures.cut_word(by, t["cut"])) for t in body["triangles"]
                   if t["by"] == by and t["grain"] == grain] if by != "first_order" else [],
        "rows": rows, "ages": range(max((len(r.cells) for r in rows), default=0)), "csv": choice.urlencode(),
        "curve": figures.curve_chart(one), "compared": figures.compared(body, by) if by != "first_order" else [],
        "changes": [{**c, "word": change_word(c)} for c in body["changes"]], "limits": sentences(body["limits"]),
        "best": named(body["best"]), "worst": named(body["worst"]),
        "why": ["cohort_is_first_order", "cohort_money", "interval_wilson"],
    })  # fmt: skip


def named(extreme):
    return extreme and {**extreme, "name": figures.cohort_name(extreme["cohort"], "month")}


def change_word(change):
    """Better, worse or no clear change; only an interval without 0 is called a change."""
    if change["low"] > 0:
        return _("better than a year ago.")
    return _("worse than a year ago.") if change["high"] < 0 else _("no clear change to a year ago.")


def funnel(request):
    found = finding("funnel")
    if found is None:
        return render(request, "cohorts/funnel.html", {"empty": empty(), "tab": "funnel"})
    body = found.body
    channels = figures.channel_table(body)
    channel = request.GET.get("channel", "")
    channel = channel if any(c["cut"] == channel for c in channels) else ""
    steps = figures.funnel_table(body, channel)
    waits = {w["step"]: w["to"] for w in body["waits"] if w["cut"] == ""}
    curves = [figures.waiting_chart(body["curves"][s], s, to) for s, to in waits.items() if s in body["curves"]]
    names = {}
    for key in ("best", "worst"):
        names[key] = body[key] and {**body[key], "name": figures.cut_word("channel", body[key]["channel"])}
    return render(request, "cohorts/funnel.html", {
        "tab": "funnel", "body": body, "made_at": found.made_at, "steps": steps, "channels": channels,
        "channel": channel, "channel_name": figures.cut_word("channel", channel) if channel else "",
        "chart": figures.funnel_chart(steps), "curves": [c for c in curves if c] if not channel else [],
        "leak": next(((a["name"], b["name"], b) for a, b in pairwise(steps)
                      if a["step"] == body["leak"]), None) if not channel else None,
        "limits": sentences(body["limits"]), "why": ["step_or_later", "waiting_counts", "interval_wilson"],
        "names": names,
    })  # fmt: skip


def empty():
    return Empty(_("Once orders are in and the wheel has turned, this page shows whether customers stay and where "
                   "they are lost on the way."), _("Import a file"), "/collect/imports/")  # fmt: skip
