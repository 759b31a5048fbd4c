"""The rail: the loop from Today to Trust; a page appears as soon as its address exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Link:
    """One page of the rail: its word and the name of its address."""

    word: Any
    name: str
    also: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        try:
            return reverse(self.name)
        except NoReverseMatch:
            return ""


@dataclass(frozen=True)
class Section:
    """One step of the loop with its pages."""

    key: str
    word: Any
    icon: str
    links: tuple[Link, ...] = field(default=())

    @property
    def shown(self) -> list[Link]:
        return [link for link in self.links if link.url]


LOOP = (
    Section("today", _("Today"), icon="sun", links=(Link(_("Today"), "today:today"),)),
    Section("collect", _("Collect"), icon="file-import", links=(Link(_("Imports"), "imports:list"),)),
    Section("understand", _("Understand"), icon="users", links=(
        Link(_("People"), "people:list"), Link(_("Companies"), "people:companies"),
        Link(_("Worth"), "worth:worth"), Link(_("Segments"), "segments:list"),
        Link(_("Lifecycle"), "lifecycle:lifecycle"), Link(_("Leaving"), "churn:churn"),
        Link(_("What next"), "affinity:affinity"),
        Link(_("Word of mouth"), "network:network"), Link(_("What messages change"), "uplift:uplift"),
        Link(_("What they say"), "voice:voice"), Link(_("Markets"), "markets:markets"),
    )),
    Section("decide", _("Decide"), icon="scale", links=(
        Link(_("Plan"), "plans:plan"), Link(_("Resources"), "resources:resources"),
        Link(_("Markets and modes"), "modes:modes"), Link(_("Partners"), "partners:partners"),
        Link(_("Next actions"), "next_actions:next_actions"),
        Link(_("Schedule"), "schedule:schedule"), Link(_("Trying out"), "adaptive:adaptive"),
        Link(_("The trial"), "trial:trial"),
    )),
    Section("act", _("Act"), icon="send", links=(Link(_("Messages"), "outbox:list"),)),
    Section("measure", _("Measure"), icon="chart-line", links=(
        Link(_("Key figures"), "kpis:kpis"), Link(_("Channels"), "channels:channels"),
        Link(_("Credit"), "attribution:attribution"), Link(_("What spend brings"), "mix:mix"),
        Link(_("Experiments"), "experiments:list"), Link(_("Cohorts"), "cohorts:cohorts"),
        Link(_("What comes next"), "forecast:forecast"), Link(_("Alerts"), "alerts:alerts"),
        Link(_("Market watch"), "market_watch:market_watch"),
        Link(_("Reports"), "report:kept"),
    )),
    Section("trust", _("Trust"), icon="shield-check", links=(
        Link(_("Overview"), "trust:trust"), Link(_("Audit log"), "trust:audit"), Link(_("Models"), "trust:models"),
        Link(_("Data requests"), "trust:requests"), Link(_("Backups"), "trust:backups"),
        Link(_("Settings"), "trust:settings"),
    )),
)  # fmt: skip


def here(view_name: str) -> str:
    """The step of the loop a page belongs to."""
    space = view_name.partition(":")[0]
    for section in LOOP:
        if any(link.name.partition(":")[0] == space for link in section.links):
            return section.key
    return ""


def rail(view_name: str) -> list[dict[str, Any]]:
    """The rail as drawn: each step that has pages, and which is open."""
    open_ = here(view_name)
    drawn = []
    for section in LOOP:
        links = [{"word": k.word, "url": k.url, "on": k.name == view_name} for k in section.shown]
        if links:
            drawn.append({"key": section.key, "word": section.word, "icon": section.icon, "links": links,
                          "url": links[0]["url"], "on": section.key == open_})  # fmt: skip
    return drawn
