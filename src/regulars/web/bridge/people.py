"""People: the table the steps may know, without a name or an address in it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.db import connection

from regulars import tables
from regulars.web.consents.models import Consent
from regulars.web.people.models import Person


def consented(channel: str, keys: list[str] | None = None) -> set[str]:
    """Everybody (or of those named) whose newest word on this channel is yes."""
    asked = Consent.objects.filter(channel=channel)
    asked = asked if keys is None else asked.filter(person__in=keys)
    rows = asked.order_by("at", "id").values_list("person_id", "state")
    newest = dict(rows.iterator(20_000))
    return {person for person, state in newest.items() if state == "granted"}


def people_table() -> pa.Table:
    """One row a person, as ``Book.people`` promises."""
    rows = Person.objects.order_by("key").values_list(
        "key", "stage", "language", "zone", "channel", "market", "email", "created_at", "phone"
    )
    columns: list[Any] = [list(c) for c in zip(*rows.iterator(20_000), strict=True)] or [[] for _ in range(9)]
    for place, agreed in ((6, consented("email")), (8, consented("phone"))):
        columns[place] = [bool(told) and key in agreed for key, told in zip(columns[0], columns[place], strict=True)]
    arrays = [
        pa.array([v if v != "" else None for v in column] if field.type == tables.TEXT else column, field.type)
        for column, field in zip(columns, tables.PEOPLE, strict=True)
    ]
    return pa.table(arrays, schema=tables.PEOPLE)


def in_chunks(values: list[Any], size: int | None = None) -> Any:
    """Pieces small enough for one IN clause of this database."""
    size = size or min(connection.features.max_query_params or 20_000, 20_000) - 50
    for start in range(0, len(values), size):
        yield values[start : start + size]
