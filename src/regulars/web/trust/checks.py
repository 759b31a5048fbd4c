"""The checklist: what the doctor finds, with the page that helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

TONES = {"green": "green", "amber": "orange", "red": "red"}
STATES = {"green": _("Good"), "amber": _("Look at it"), "red": _("Broken")}
# Where the owner can put a finding right without a terminal.
HELP = {
    "backup": ("trust:backups", _("Backups")),
    "audit": ("trust:audit", _("Audit log")),
    "messages": ("outbox:list", _("Messages")),
    "mail": ("trust:settings", _("Settings")),
    "settings": ("trust:settings", _("Settings")),
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, in the colours of the page."""

    key: str
    state: Any
    tone: str
    title: str
    finding: str
    remedy: str
    url: str
    word: Any


def checks() -> list[Check]:
    """Everything the doctor looks at, the worst first."""
    from regulars.web.bridge.doctor import examine

    order = list(TONES)
    found = sorted(examine(settings.HOME), key=lambda f: -order.index(f.colour))
    made = []
    for f in found:
        name, word = HELP.get(f.key, ("", ""))
        made.append(Check(f.key, STATES[f.colour], TONES[f.colour], f.title, f.finding, f.remedy, address(name), word))
    return made


def address(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""
