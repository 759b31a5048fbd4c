"""The palette: people, companies, pages and commands in one box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from regulars.web import navigation
from regulars.web.search.queries import find

PLACES = {"person": "people:person", "company": "people:company"}


@dataclass(frozen=True)
class Command:
    """Something the palette does at once: a POST to an address."""

    word: Any
    name: str
    icon: str

    @property
    def url(self) -> str:
        try:
            return reverse(self.name)
        except NoReverseMatch:
            return ""


COMMANDS = (
    Command(_("Turn the wheel now"), "jobs:turn", icon="refresh"),
    Command(_("Log out"), "accounts:logout", icon="logout"),
)


def palette(request):
    text = request.GET.get("q", "").strip()[:200]
    low = text.casefold()
    pages = [
        {"word": link.word, "url": link.url, "icon": step.icon, "step": step.word}
        for step in navigation.LOOP
        for link in step.shown
        if low in f"{step.word} {link.word}".casefold()
    ]
    hits = [
        {"word": hit.name, "detail": hit.detail, "url": reverse(PLACES[hit.kind], args=[hit.key]),
         "kind": hit.kind}
        for hit in (find(text, limit=10) if text else [])
    ]  # fmt: skip
    commands = [c for c in COMMANDS if c.url and low in str(c.word).casefold()]
    return render(request, "search/palette.html", {"text": text, "pages": pages, "hits": hits, "commands": commands})
