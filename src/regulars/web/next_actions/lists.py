"""The people of the plan with what each would get, and what comes next best."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.tables import why_codes
from regulars.web.lists import Column, Empty, Filter, List, choices_of
from regulars.web.plans.lists import ACTIONS
from regulars.web.words.reasons import sentences, written

CHANNELS = ("email", "phone")


@dataclass(frozen=True)
class Alternative(Column):
    """What would come next best, read from the reasons of the row."""

    def value(self, row: Any) -> Any:
        codes = why_codes(row.why)
        if self.key == "next_value":
            amount = codes.get("alternative_value")
            return None if amount is None else int(float(amount))
        return written(codes.get("alternative") or "nothing", "option")


@dataclass(frozen=True)
class Due(Column):
    """The hour the schedule gave it, read from the reasons of the row."""

    def value(self, row: Any) -> Any:
        at = why_codes(row.why).get("due")
        return datetime.fromisoformat(at) if at else None


@dataclass(frozen=True)
class Reasons(Column):
    """The reasons in words; in the table they stand under "Why?" of the person."""

    def value(self, row: Any) -> Any:
        return " ".join(sentences(row.why))


PEOPLE = List(
    name="next_actions",
    sort="-value",
    columns=(
        Column("name", _("Name"), "person.name"),
        Column("action", _("Action"), "subject", label="action"),
        Column("channel", _("Channel"), "channel", label="channel"),
        Column("value", _("Expected"), "value", "money", sort="value"),
        Column("low", _("Low"), "low", "money"),
        Column("high", _("High"), "high", "money"),
        Due("due", _("Planned for"), "why", "moment"),
        Alternative("next", _("Next best"), "why"),
        Alternative("next_value", _("Next best brings"), "why", "money"),
        Reasons("why", _("Why"), "why", shown=False),
        Column("state", _("State"), "state", "badge", label="row", shown=False),
    ),
    filters=(
        Filter("action", _("Action"), choices_of(ACTIONS, "action"), lambda rows, v: rows.filter(subject=v)),
        Filter("channel", _("Channel"), choices_of(CHANNELS, "channel"), lambda rows, v: rows.filter(channel=v)),
        Filter("lot", _("By lot"), lambda: [("1", _("Drawn by lot"))],
               lambda rows, v: rows.filter(why__contains=";explored")),
    ),
    empty=Empty(_("The people this plan would reach stand here.")),
    find=lambda rows, text: rows.filter(person__name__icontains=text),
    row_url=lambda row: reverse("people:person", args=[row.person_id]),
)  # fmt: skip
