"""The tabs of the plan: its own parts, and the pages of the rooms that go deeper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

# Tab, word, kinds of rows it shows, and the address of the room that goes deeper, where there is one.
TABS = (
    ("budget", _("Budget"), ("budget",), ""),
    ("resources", _("Resources"), ("resource",), "resources:resources"),
    ("modes", _("Markets and modes"), ("mode",), "modes:modes"),
    ("partners", _("Partners"), ("partner",), "partners:partners"),
    ("people", _("People"), ("next_best",), "next_actions:next_actions"),
    ("schedule", _("Schedule"), ("schedule",), "schedule:schedule"),
    ("tests", _("Tests"), ("test", "arm"), "adaptive:adaptive"),
    ("past", _("Earlier plans"), (), ""),
)


@dataclass(frozen=True)
class Tab:
    """One tab: its key, word, how many rows it shows (None: not counted) and the page that goes deeper."""

    key: str
    word: Any
    kinds: tuple[str, ...]
    count: int | None
    more: str


def tabs(counts: Mapping[str, int]) -> list[Tab]:
    """The tabs with rows, or with a page of their own; budget, people and earlier plans always."""
    out = []
    for key, word, kinds, name in TABS:
        n = sum(counts.get(k, 0) for k in kinds)
        more = address(name) if name else ""
        if n or more or key in ("budget", "people", "past"):
            out.append(Tab(key, word, kinds, n if key not in ("budget", "past") else None, more))
    return out


def address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
