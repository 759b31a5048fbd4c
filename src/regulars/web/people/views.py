"""Who are they? The list, one person, one company."""

import datetime as dt

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.web.deals.queries import deals_of
from regulars.web.people import notes, queries
from regulars.web.people.lists import COMPANIES, MEMBERS, PEOPLE
from regulars.web.people.timeline import TABS
from regulars.web.people.timeline import timeline as timeline_of


def people(request):
    return PEOPLE.show(request, queries.people(), title=_("People"))


def companies(request):
    return COMPANIES.show(request, queries.companies(), title=_("Companies"))


def person(request, key):
    page = queries.person_page(key)
    if page is None:
        raise Http404
    return render(request, "people/person.html", {"page": page, "tabs": TABS, **shown(request, key)})


def timeline(request, key):
    return render(request, "people/timeline.html", shown(request, key))


def shown(request, key):
    """The part of the timeline a request asks for."""
    tab = request.GET.get("tab", "all")
    if tab not in TABS:
        tab = "all"
    try:
        before = dt.datetime.fromisoformat(request.GET["before"])
    except (KeyError, ValueError):
        before = None
    if before is not None and before.tzinfo is None:
        before = None
    return {"tab": tab, "key": key, "timeline": timeline_of(key, tab, before), "more": before is not None}


@require_POST
def note(request, key):
    if not notes.note_save(key, request.POST.get("note", ""), request.user.get_username()):
        raise Http404
    return HttpResponse(f'<span class="text-secondary small">{_("Saved")}</span>')


def company(request, key):
    found = queries.company(key)
    if found is None:
        raise Http404
    return MEMBERS.show(
        request,
        queries.people().filter(company=key),
        template="people/company.html",
        company_=found,
        worth=queries.company_worth(key),
        deals=deals_of(company=key),
    )
