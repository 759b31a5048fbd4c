"""Imports: is it the right file, was it understood, and what did it change?"""

import re
from decimal import Decimal

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from regulars.web.imports import queries, services, uploads
from regulars.web.imports.lists import RUNS
from regulars.web.imports.preview import shown
from regulars.web.jobs.queries import live
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.words.imports import reconciliation, table_title
from regulars.web.words.mapping import field_word
from regulars.web.words.problems import kinds, problem_words

ENCODINGS = ("utf-8", "gb18030", "cp1252", "utf-16")
DELIMITERS = ((",", ","), (";", ";"), ("\t", "Tab"), ("|", "|"))
NUMBER = re.compile(r"[+-]?[\d.,]+%?")


def imports(request):
    return RUNS.show(request, queries.runs(), template="imports/imports.html", limit=uploads.LIMIT // 1024**2)


# The handler that writes to the home must be set before the form is read, and checking the token reads the form.
@csrf_exempt
@require_POST
def upload(request):
    """Take one or more files in; a page dropped a file on, or a form without any script."""
    handler = uploads.ToHome(request)
    request.upload_handlers = [handler]
    request.to_home = handler
    return received(request)


@csrf_protect
def received(request):
    parts = request.FILES.getlist("file")
    if request.to_home.too_large:
        return refused(request, {"code": "file_too_large", "values": {"megabytes": uploads.LIMIT // 1024**2}}, 413)
    if not parts:
        return refused(request, {"code": "no_file"}, 422)
    if len(parts) == 1 and parts[0].size == 0:
        return refused(request, {"code": "file_empty", "where": uploads.clean_name(parts[0].name)}, 422)
    runs = [services.import_receive(p, request.user.get_username()) for p in parts if p.size]
    url = reverse("imports:run", args=[runs[0].uid]) if len(runs) == 1 else reverse("imports:list")
    return HttpResponse(headers={"HX-Redirect": url}) if request.headers.get("HX-Request") else redirect(url)


def refused(request, problem, status):
    """Say what was wrong with an upload; htmx shows only answers that are no errors."""
    said = {"problem": problem_words(problem)}
    if request.headers.get("HX-Request"):
        return render(request, "imports/problem.html", said)
    page = RUNS.show(request, queries.runs(), template="imports/imports.html", limit=uploads.LIMIT // 1024**2, **said)
    page.status_code = status
    return page


def found(uid):
    run = queries.run_of(uid)
    if run is None:
        raise Http404
    return run


def run(request, uid):
    return render(request, "imports/run.html", page(found(uid)))


def page(one):
    """Everything the five steps show for one file."""
    progress = queries.progress_of(one)
    seen = shown(one) if progress.phase in ("mend", "checked") else None
    problem = queries.problem_of(one) if progress.phase == "mend" else None
    counts = one.counts if progress.phase in ("checked", "done") else {}
    titles = {"file": _("File"), "mapping": _("Mapping"), "check": _("Trial run"), "import": _("Import"),
              "result": _("Result")}  # fmt: skip
    return {
        "run": one, "phase": progress.phase, "steps": [(titles[n], on) for n, on in progress.rail],
        "job_uid": progress.job, "problem": problem_words(problem),
        "counts": counts, "again": one.path != "",
        "tables": [(table_title(t), c) for t, c in (counts.get("tables") or {}).items()],
        "money": [f"{c} {Decimal(str(a)):,.2f}" for c, a in (counts.get("money_in") or {}).items()],
        "books": reconciliation(counts) if counts else [], "agrees": queries.money_agrees(counts) if counts else None,
        "aside": queries.rejects_shown(one) if counts.get("set_aside") else [],
        "turning": live("wheel_turn") if progress.phase == "done" else "",
        "kept": [(c["column"], field_word(c["field"]) if c["field"] else "")
                 for c in (one.mapping or {}).get("choices", ())],
        **read(one, seen),
    }  # fmt: skip


def read(one, seen):
    """What the steps "file" and "columns" show."""
    asked = (one.mapping or {}).get("reading") or {}
    chosen = seen.preview.kind if seen and seen.preview else ((one.mapping or {}).get("wishes") or {}).get("kind", "")
    return {
        "run": one, "seen": seen, "kinds": kinds(), "kind": chosen, "encodings": ENCODINGS,
        "delimiters": DELIMITERS, "reading": asked, "sources": queries.sources() if seen else [],
        "unreadable": problem_words(seen.problem) if seen else None,
    }  # fmt: skip


@require_POST
def mapping(request, uid):
    """Keep the owner's choices and show what they change."""
    one = found(uid)
    if queries.progress_of(one).phase not in ("mend", "checked"):
        return HttpResponse(headers={"HX-Refresh": "true"}) if request.headers.get("HX-Request") else redirect(
            "imports:run", uid=uid)  # fmt: skip
    if request.POST.get("verb") == "forget":
        one = services.import_forget(uid)
    else:
        one = services.import_wish(uid, **wished(request.POST))
    if not request.headers.get("HX-Request"):
        return redirect("imports:run", uid=uid)
    return render(request, "imports/reading.html", {**page(one), "fresh": True})


def wished(form):
    """The form in the words of ``import_wish``: only columns whose field was changed."""
    changed = {}
    for key, value in form.items():
        name, _colon, index = key.partition(":")
        if name == "field" and value != form.get(f"was:{index}"):
            changed[form.get(f"column:{index}", "")] = value
    known = dict(kinds())
    kind = form.get("kind", "")
    return {
        "kind": kind if kind in known else "", "was_kind": form.get("was_kind", ""), "fields": changed,
        "reading": {n: form.get(n, "") for n in services.READING}, "source": form.get("source", ""),
    }  # fmt: skip


@require_POST
def start(request, uid):
    """Begin the trial run or the import; both run in the background."""
    one = found(uid)
    if queries.progress_of(one).phase in ("mend", "checked"):
        dry_run = request.POST.get("verb") != "import" or queries.progress_of(one).phase != "checked"
        services.import_start(uid, dry_run=dry_run, by=request.user.get_username(), language=get_language())
    return redirect("imports:run", uid=uid)


@require_POST
def again(request, uid):
    return redirect("imports:run", uid=services.import_again(found(uid).uid, request.user.get_username()).uid)


def rejects(request, uid):
    """The rows set aside, to mend and import again; no cell is a formula for a spreadsheet."""
    one = found(uid)
    if not one.rejects_path:
        raise Http404

    def lines():
        yield "\ufeff"
        for row in queries.rejects(one):
            yield csv_line([c if NUMBER.fullmatch(c) else plain(c) for c in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="set-aside-{one.uid}.csv"'
    return response
