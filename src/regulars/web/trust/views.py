"""Is it safe, and can I prove it? Checklist, backups, data requests, audit log, model cards, settings."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.web.audit import queries as audit_log
from regulars.web.cards.queries import cards_newest
from regulars.web.jobs.queries import job
from regulars.web.jobs.services import job_start
from regulars.web.people.lookup import person_key
from regulars.web.people.queries import people, person_page
from regulars.web.search.queries import people_keys
from regulars.web.trust import cards
from regulars.web.trust import checks as checklist
from regulars.web.trust.backups import backup_path
from regulars.web.trust.backups import backups as backups_of
from regulars.web.trust.explained import explained
from regulars.web.trust.lists import AUDIT

REQUESTS = ("person_export", "person_erase")


def trust(request):
    return render(request, "trust/trust.html")


def checks(request):
    """The checklist alone: it reads the whole book and the whole log, so the page does not wait for it."""
    found = checklist.checks()
    counts = [(word, checklist.TONES[c], sum(f.tone == checklist.TONES[c] for f in found))
              for c, word in checklist.STATES.items()]  # fmt: skip
    return render(request, "trust/checks.html", {"checks": found, "counts": counts})


def backups(request):
    home = settings.HOME
    running = job(request.GET["job"]) if "job" in request.GET else None
    context = {"backups": backups_of(home), "job": running, "folder": home.backups_path}
    return render(request, "trust/backups.html", context)


@require_POST
def backup_make(request):
    started = job_start("backup_make")
    response = redirect("trust:backups")
    response["Location"] += f"?job={started.uid}"
    return response


def backup(request, name):
    """Download one backup."""
    path = backup_path(settings.HOME, name)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


def requests(request):
    """Find the person who asks; below, what was asked before."""
    text = request.GET.get("q", "").strip()
    found = []
    if text:
        exact = person_key(text)
        found = people().filter(key__in=[exact] if exact else people_keys(text, limit=20))
    return render(request, "trust/requests.html",
                  {"text": text, "found": found, "before": audit_log.entries(REQUESTS)[:20]})  # fmt: skip


def person(request, key):
    """One person's request: give them their data, or erase them."""
    page = person_page(key)
    if page is None:
        raise Http404
    return render(request, "trust/person.html", {"page": page, "key": key})


@require_POST
@never_cache
def export(request):
    """Everything about a person as one zip; no copy stays on this machine."""
    from regulars.web.bridge.privacy import person_export

    key = person_key(request.POST.get("key", ""))
    if key is None:
        raise Http404
    with tempfile.TemporaryDirectory(dir=settings.HOME.path) as folder:
        path = person_export(settings.HOME, key, Path(folder) / f"person-{key}.zip", by=request.user.get_username())
        body = path.read_bytes()
    answer = HttpResponse(body, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="person-{key}.zip"'
    return answer


@require_POST
def erase(request):
    """Erase a person for ever, after their key or address has been typed."""
    from regulars.lake.lease import LeaseBusyError
    from regulars.web.bridge.privacy import person_erase

    key = request.POST.get("key", "")
    page = person_page(key)
    if page is None:
        raise Http404
    typed = request.POST.get("typed", "").strip().casefold()
    known = {v.casefold() for v in (key, page.person.email, page.person.phone) if v}
    if typed not in known:
        wrong = _("This is neither the key nor an address of this person; nothing was erased.")
        context = {"page": page, "key": key, "typed": request.POST.get("typed", ""), "wrong": wrong}
        return render(request, "trust/person.html", context, status=422)
    try:
        person_erase(settings.HOME, key, by=request.user.get_username())
    except LeaseBusyError:
        messages.error(
            request, _("The wheel is turning and nothing can be erased while it does; try again in a minute.")
        )
        return redirect("trust:person_erase", key)
    return redirect("trust:erased", audit_log.entry_newest("person_erase", key).pk)


def erased(request, entry):
    """The proof of an erasure, from the audit log."""
    found = audit_log.entry(entry)
    if found is None or found.action != "person_erase":
        raise Http404
    return render(request, "trust/erased.html", {"entry": found, "proof": found.detail})


def audit(request):
    return AUDIT.show(request, audit_log.entries(), template="trust/audit.html")


def audit_check(request):
    """Whether every entry still fits its seal; reads the whole log."""
    return render(request, "trust/chain.html",
                  {"broken": audit_log.first_broken(), "last": audit_log.entry_newest()})  # fmt: skip


def models(request):
    return render(request, "trust/models.html", {"cards": [cards.shown(card) for card in cards_newest()]})


def settings_page(request):
    home = settings.HOME
    return render(request, "trust/settings.html", {"groups": explained(home.settings), "path": home.settings_path})
