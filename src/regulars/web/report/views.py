"""The report: of the newest turn as a browser shows and prints it, and those that were kept of past periods."""

from csp.decorators import csp_replace
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.web.lists import Empty
from regulars.web.plans.queries import last_turn
from regulars.web.report.archive import LANGUAGES, report_kept, reports_kept
from regulars.web.report.write import FORMATS, report_bytes

# The report carries its own styles and drawings and needs nothing else: no script, no picture, no other host.
ALONE = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
}
TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@csp_replace(ALONE)
def report(request):
    """The file of the home; made anew for a reader of the other language, and as PDF when asked."""
    path = settings.HOME.path / "report.html"
    language = get_language()
    form = "pdf" if "pdf" in request.GET else "html"
    if form == "html" and language == settings.COMPANY.language and path.is_file():
        return HttpResponse(path.read_bytes(), content_type=TYPES["html"])
    if last_turn() is None:
        return redirect("kpis:kpis")
    answer = HttpResponse(report_bytes(settings.HOME, form, language), content_type=TYPES[form])
    if form == "pdf":
        answer["Content-Disposition"] = 'attachment; filename="report.pdf"'
    return answer


def kept(request):
    """The reports of past periods."""
    columns = [(language, form) for language in LANGUAGES for form in FORMATS]
    rows = [
        (
            one.key,
            [f"{one.key}.{language}.{form}" if (language, form) in one.files else "" for language, form in columns],
        )
        for one in reports_kept(settings.HOME)
    ]
    context = {
        "rows": rows,
        "columns": [(dict(settings.LANGUAGES)[language], form.upper()) for language, form in columns],
        "every": settings.HOME.settings.report_every,
        "turned": last_turn(),
        "empty": Empty(_("The first report is kept by the turn after a period has ended."), _("Key figures"),
                       "/measure/kpis/", icon="file-text"),
    }  # fmt: skip
    return render(request, "report/kept.html", context)


@csp_replace(ALONE)
def kept_file(request, name):
    """One kept report, exactly as it was written then."""
    path = report_kept(settings.HOME, name)
    if path is None:
        raise Http404(_("There is no report of this name."))
    form = path.suffix.lstrip(".")
    return FileResponse(path.open("rb"), content_type=TYPES[form], as_attachment=form == "pdf", filename=name)
