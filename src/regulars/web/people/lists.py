"""How people and companies are listed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars import tables
from regulars.web.lists import Column, Empty, Filter, List, choices_of
from regulars.web.people.queries import channels_known, with_value
from regulars.web.search.queries import narrow
from regulars.web.segments.queries import definition_choices, members_of, segment_rows
from regulars.web.words.labels import label

EMPTY = Empty(_("People appear here once a file with orders or contacts is in."), _("Import a file"),
              "/collect/imports/")  # fmt: skip

NEVER_BOUGHT = [s for s in tables.LIFECYCLE_STAGES if s not in ("customer", "evangelist")]


def channels() -> list[tuple[str, str]]:
    return [(channel, label("channel", channel)) for channel in channels_known()]


def segments() -> list[tuple[str, str]]:
    return [(row["key"], row["label"] or label("segment", row["key"])) for row in segment_rows("rules")]


def page_of(person: Any) -> str:
    return reverse("people:person", args=[person.pk])


PEOPLE = List(
    name="people",
    sort="-clv",
    columns=(
        Column("name", _("Name"), "name"),
        Column("company", _("Company"), "company.name"),
        Column("stage", _("Stage"), "stage", "badge", label="stage"),
        Column("activity", _("Activity"), "score.activity", "badge", label="activity"),
        Column("segment", _("Segment"), "score.segment", label="segment"),
        Column("clv", _("Customer value"), "score.clv", "money", sort="score__clv"),
        Column("churn", _("Risk of leaving"), "score.churn", "percent", sort="score__churn"),
        Column("orders", _("Orders"), "score.orders", "number"),
        Column("spent", _("Spent"), "score.spent", "money", sort="score__spent"),
        Column("channel", _("Channel"), "channel", label="channel", shown=False),
        Column("market", _("Market"), "market", label="market", shown=False),
        Column("city", _("City"), "city", shown=False),
        Column("email", _("E-mail"), "email", shown=False),
        Column("phone", _("Phone"), "phone", shown=False),
        Column("created", _("Known since"), "created_at", "ago", sort="created_at"),
    ),
    filters=(
        Filter("stage", _("Stage"), choices_of(tables.LIFECYCLE_STAGES, "stage"),
               lambda rows, v: with_value(rows, "stage", v), sorts=dict.fromkeys(NEVER_BOUGHT, "-created")),
        Filter("activity", _("Activity"), choices_of(tables.ACTIVITY_STATES, "activity"),
               lambda rows, v: rows.filter(score__activity=v)),
        Filter("segment", _("Segment"), segments, lambda rows, v: rows.filter(score__segment=v)),
        Filter("channel", _("Channel"), channels, lambda rows, v: with_value(rows, "channel", v)),
        Filter("own", _("Own segment"), definition_choices, members_of),
    ),
    empty=EMPTY,
    row_url=page_of,
    find=narrow,
)  # fmt: skip

MEMBERS = List(
    name="members",
    sort="-clv",
    columns=tuple(c for c in PEOPLE.columns if c.key in ("name", "stage", "activity", "clv", "churn", "orders")),
    empty=Empty(_("Nobody of this company is known yet.")),
    row_url=page_of,
)

COMPANIES = List(
    name="companies",
    sort="-created",
    columns=(
        Column("name", _("Company"), "name"),
        Column("people", _("People"), "size", "number"),
        Column("industry", _("Industry"), "industry"),
        Column("country", _("Country"), "country"),
        Column("created", _("Known since"), "created_at", "ago", sort="created_at"),
    ),
    empty=Empty(_("Companies appear here once a file that names them is in."), _("Import a file"),
                "/collect/imports/", icon="building"),
    row_url=lambda company: reverse("people:company", args=[company.pk]),
    find=lambda rows, text: rows.filter(name__icontains=text),
)  # fmt: skip
