"""The people of one corner of the board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from regulars.web.lists import Column, Empty, Filter, List
from regulars.web.people.lists import PEOPLE, page_of
from regulars.web.search.queries import narrow

CORNERS = {
    "save": _("Save them"), "keep": _("Keep them"), "let_go": _("Try once"), "grow": _("Grow them"),
}  # fmt: skip
KNOWN = {c.key: c for c in PEOPLE.columns}


def corner_list(corners: Sequence[str]) -> List:
    """The list of a corner; the chip only switches corners, whose people the page has chosen already."""
    return List(
        name="churn",
        sort="-loss",
        columns=(
            KNOWN["name"], KNOWN["activity"],
            Column("leave", _("Risk of leaving"), "score.more.leave_90.value", "percent",
                   sort="score__more__leave_90__value"),
            Column("loss", _("Loss to expect"), "score.more.loss_90.value", "money",
                   sort="score__more__loss_90__value"),
            KNOWN["clv"], KNOWN["segment"], KNOWN["channel"], KNOWN["email"], KNOWN["phone"],
        ),
        filters=(
            Filter("corner", _("Corner"), lambda: [(k, CORNERS[k]) for k in corners], lambda rows, v: rows),
            *(f for f in PEOPLE.filters if f.key in ("segment", "channel")),
        ),
        empty=Empty(_("Nobody stands in this corner.")),
        row_url=page_of,
        find=narrow,
    )  # fmt: skip


def keys_of(body: dict[str, Any], corner: str) -> list[str]:
    """The people the board names for a corner, those with most at stake first."""
    return next((c["people"] for c in body["corners"] if c["key"] == corner), [])
