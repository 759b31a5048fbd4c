"""Writes of the inbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from regulars import tables
from regulars.web.bridge.bulk import stamp, upsert
from regulars.web.intake.models import InboxEvent


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"cannot keep a {type(value).__name__} in the inbox")


def inbox_accept(table: str, source: str, facts: Iterable[Mapping[str, Any]]) -> None:
    """Take facts in, in the transaction of the rows they speak of; the same id twice is one fact.

    Raises ``KeyError`` when a fact has a column the table does not have.
    """
    known = set(tables.TABLES[table].names)
    now = stamp(timezone.now())
    rows = []
    for fact in facts:
        unknown = set(fact) - known
        if unknown:
            raise KeyError(f"table {table} has no column {', '.join(sorted(unknown))}")
        body = json.dumps(fact, default=_plain, ensure_ascii=False)
        rows.append((table, source, fact["id"], body, now, str(fact.get("customer") or "")[:40]))
    with transaction.atomic():
        upsert(
            InboxEvent,
            ("table", "source", "key", "body", "at", "customer"),
            rows,
            key=("table", "source", "key"),
            update=(),
        )
