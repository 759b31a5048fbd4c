"""The report of the newest turn, as the page a browser shows and prints."""

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import get_language

from regulars.web.plans.queries import last_turn
from regulars.web.report.write import report_context

# The report carries its own styles and drawings and needs nothing else: no script, no picture, no other host.
ALONE = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
}


@csp_replace(ALONE)
def report(request):
    """The file of the home; made anew for a reader of the other language."""
    path = settings.HOME.path / "report.html"
    language = get_language()
    if language == settings.COMPANY.language and path.is_file():
        return HttpResponse(path.read_bytes(), content_type="text/html; charset=utf-8")
    if last_turn() is None:
        return redirect("kpis:kpis")
    return HttpResponse(render_to_string("report/report.html", report_context(settings.HOME) | {"language": language}))
