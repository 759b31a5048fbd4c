"""Every address, in the order of the loop; a room without pages yet is left out."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

ROOMS = (
    ("", "regulars.web.accounts"),
    ("", "regulars.web.words"),
    ("", "regulars.web.today"),
    ("search/", "regulars.web.search"),
    ("collect/imports/", "regulars.web.imports"),
    ("understand/", "regulars.web.people"),
    ("understand/segments/", "regulars.web.segments"),
    ("understand/affinity/", "regulars.web.affinity"),
    ("understand/worth/", "regulars.web.worth"),
    ("understand/lifecycle/", "regulars.web.lifecycle"),
    ("understand/churn/", "regulars.web.churn"),
    ("understand/network/", "regulars.web.network"),
    ("understand/uplift/", "regulars.web.uplift"),
    ("understand/voice/", "regulars.web.voice"),
    ("understand/markets/", "regulars.web.markets"),
    ("decide/plan/", "regulars.web.plans"),
    ("decide/trial/", "regulars.web.trial"),
    ("decide/resources/", "regulars.web.resources"),
    ("decide/modes/", "regulars.web.modes"),
    ("decide/partners/", "regulars.web.partners"),
    ("decide/people/", "regulars.web.next_actions"),
    ("decide/schedule/", "regulars.web.schedule"),
    ("decide/adaptive/", "regulars.web.adaptive"),
    ("act/messages/", "regulars.web.outbox"),
    ("measure/kpis/", "regulars.web.kpis"),
    ("measure/channels/", "regulars.web.channels"),
    ("measure/experiments/", "regulars.web.experiments"),
    ("measure/attribution/", "regulars.web.attribution"),
    ("measure/mix/", "regulars.web.mix"),
    ("measure/cohorts/", "regulars.web.cohorts"),
    ("measure/market-watch/", "regulars.web.market_watch"),
    ("measure/forecast/", "regulars.web.forecast"),
    ("measure/alerts/", "regulars.web.alerts"),
    ("measure/report/", "regulars.web.report"),
    ("trust/", "regulars.web.trust"),
    ("jobs/", "regulars.web.jobs"),
    ("api/", "regulars.web.api"),
    ("", "regulars.web.consents"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix, include(f"{room}.urls")) for prefix, room in ROOMS if find_spec(room) and find_spec(f"{room}.urls")
]

# A step of the loop without a page of its own leads to its first page.
urlpatterns += [
    path(step, RedirectView.as_view(pattern_name=first))
    for step, first in (("collect/", "imports:list"), ("decide/", "plans:plan"), ("act/", "outbox:list"))
]

handler403 = "regulars.web.words.views.forbidden"
handler404 = "regulars.web.words.views.missing"
handler500 = "regulars.web.words.views.broken"
