"""What every page shows around its content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from regulars.web import navigation

THEMES = ("auto", "light", "dark")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Names templates may use; each is computed only when a template asks for it."""
    match = request.resolver_match
    theme = request.COOKIES.get("regulars_theme", "auto")
    return {
        "company": settings.COMPANY,
        "theme": theme if theme in THEMES else "auto",
        "rail": SimpleLazyObject(lambda: navigation.rail(match.view_name if match else "")),
        "wheel": SimpleLazyObject(wheel),
        "waiting": SimpleLazyObject(waiting),
    }


def wheel() -> Any:
    from regulars.web.jobs.queries import wheel as state

    return state()


def waiting() -> Any:
    from regulars.web.today.queries import waiting as things

    return things()
