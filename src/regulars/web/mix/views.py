"""What did each channel's spend bring, how sure is that, and which test would settle what is not?"""

from django.shortcuts import render
from django.utils.translation import gettext as _

from regulars.web.findings.queries import finding
from regulars.web.lists import Empty
from regulars.web.mix import figures
from regulars.web.words.reasons import sentences


def mix(request):
    found = finding("mix")
    if found is None or not found.body["channels"]:
        return render(request, "mix/mix.html", {"empty": empty(found)})
    body = found.body
    return render(request, "mix/mix.html", {
        "body": body, "made_at": found.made_at, "channels": figures.channels(body), "tests": figures.tests(body),
        "roas": figures.roas_chart(body), "parts": figures.parts_chart(body), "curves": figures.curves(body),
        "why": figures.why(body), "limits": sentences(body["limits"]), "checks": figures.checks(body),
        "undecided": sum(not c["identified"] for c in body["channels"]), "breakeven": figures.breakeven(body),
    })  # fmt: skip


def empty(found):
    if found is not None:
        return Empty(_("Spend and revenue are known for %(weeks)s weeks. From 30 weeks on this page says what each "
                       "channel's spend brought.") % {"weeks": found.body["weeks"]}, _("Import spend"),
                     "/collect/imports/", icon="chart-line")  # fmt: skip
    return Empty(_("Once orders and spend of at least 30 weeks are in and the wheel has turned, this page says what "
                   "each channel's spend brought, and which test would settle what the figures cannot."),
                 _("Import spend"),
                 "/collect/imports/", icon="chart-line")  # fmt: skip
