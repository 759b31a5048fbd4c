"""How the audit log is listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from regulars.web.audit.queries import distinct, narrow
from regulars.web.lists import Column, Empty, Filter, List
from regulars.web.words.labels import label


@dataclass(frozen=True)
class Told(Column):
    """The details of an entry as one line of text."""

    def value(self, row: Any) -> str:
        return told(row.detail)


def told(detail: dict[str, Any]) -> str:
    """Names and values of a detail, nested ones by their number.

    >>> told({"rows": 3, "plan": "", "by": ["a", "b"]})
    'rows 3 · by a, b'
    """
    parts = []
    for name, value in detail.items():
        if value in (None, "", [], {}):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if isinstance(value, dict):
            text = ", ".join(f"{k} {v}" for k, v in value.items())
        parts.append(f"{name.replace('_', ' ')} {text}")
    return " · ".join(parts)


def actions() -> list[tuple[str, str]]:
    return [(key, label("audit", key)) for key in distinct("action")]


def actors() -> list[tuple[str, str]]:
    return [(key, label("actor", key)) for key in distinct("actor")]


AUDIT = List(
    name="audit",
    sort="-at",
    columns=(
        Column("at", _("When"), "at", "ago", sort="id"),
        Column("action", _("What"), "action", label="audit"),
        Column("actor", _("Who"), "actor", label="actor"),
        Column("subject", _("Of what"), "subject"),
        Told("detail", _("Details"), "detail"),
        Column("seal", _("Seal"), "seal", shown=False),
    ),
    filters=(
        Filter("action", _("What"), actions, lambda rows, v: rows.filter(action=v)),
        Filter("actor", _("Who"), actors, lambda rows, v: rows.filter(actor=v)),
    ),
    empty=Empty(_("Everything that changes something is written down here."), icon="list-check"),
    find=narrow,
)
