"""From the inbox to the lake: exactly once, through a crash at any point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Max

from regulars import tables
from regulars.web.bridge.people import in_chunks
from regulars.web.intake.models import InboxEvent

if TYPE_CHECKING:
    from regulars.lake import Lake

# One name for the application transaction: its number counts the batches that went into the lake.
FLUSHER = "inbox"


def flush(lake: Lake, batch: int = 20_000) -> int:
    """Move what waits in the inbox into the lake and forget it here; returns how many facts moved.

    A fact that is in the lake already is only forgotten: after a crash between
    the two, and when a sender that got no answer handed it in again. Ids are no
    order of commits on every database, so nothing is forgotten that was not looked up.
    What comes in meanwhile waits for the next call: a busy site would keep this one going for ever.
    """
    moved = 0
    with lake.lease():
        waiting = InboxEvent.objects.values_list("table").annotate(last=Max("id")).order_by("table")
        for table, last in list(waiting):
            while rows := list(InboxEvent.objects.filter(table=table, id__lte=last).order_by("id")[:batch]):
                found = lake.upsert(table, events_table(table, rows)).rows
                # A later revision would be a second word on the same fact; the first one stands.
                fresh = found.filter(pc.equal(found["revision"], 0))
                if fresh.num_rows:
                    lake.append(table, fresh, FLUSHER, (lake.watermark(table, FLUSHER) or 0) + 1)
                for piece in in_chunks([row.id for row in rows]):
                    InboxEvent.objects.filter(id__in=piece).delete()
                moved += fresh.num_rows
    return moved


def events_table(table: str, rows: Sequence[InboxEvent]) -> pa.Table:
    """Waiting facts in the shape of their lake table."""
    wanted = tables.TABLES[table]
    columns: dict[str, Any] = {}
    for column in wanted.columns:
        values = [row.body.get(column.name) for row in rows]
        if column.type == tables.TIME:
            values = [datetime.fromisoformat(v) if v else None for v in values]
        elif column.type == tables.DAY:
            values = [date.fromisoformat(v) if v else None for v in values]
        columns[column.name] = pa.array(values, column.type)
    columns["source"] = pa.array([row.source for row in rows], tables.TEXT)
    columns["revision"] = pa.array([0] * len(rows), tables.SMALL)
    columns["recorded_at"] = pa.array([row.at for row in rows], tables.TIME)
    return pa.table(columns, schema=wanted.schema)
