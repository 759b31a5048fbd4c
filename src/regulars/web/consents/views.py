"""The page behind the unsubscribe link (RFC 8058)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from regulars.trust.crypto import TokenError
from regulars.web.outbox import services
from regulars.web.outbox.unsubscribe import unsubscribe_person


@csrf_exempt  # mail programs post here without a cookie; the token is the proof
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, because mail scanners follow links; POST unsubscribes at once and never redirects."""
    now = timezone.now()
    state, status = "ask", 200
    try:
        if request.method == "POST":
            services.unsubscribe(settings.HOME, token, now)
            state = "done"
        else:
            unsubscribe_person(settings.HOME, token, now)
    except TokenError:
        state, status = "unknown", 404
    context = {"state": state, "company": settings.HOME.settings.company}
    return render(request, "consents/unsubscribe.html", context, status=status)
