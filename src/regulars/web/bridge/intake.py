"""From the inbox to the lake: exactly once, through a crash at any point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from regulars import tables
from regulars.web.intake.models import InboxEvent

if TYPE_CHECKING:
    from regulars.lake import Lake

# One name for the application transaction: its number is the id of the last inbox row in the lake.
FLUSHER = "inbox"


def flush(lake: Lake, batch: int = 20_000) -> int:
    """Move what waits in the inbox into the lake and forget it here; returns how many facts moved.

    The number of the last row is written in the same commit as the rows, so a
    crash between append and prune leaves rows that the next flush recognises.
    """
    moved = 0
    with lake.lease():
        for table in InboxEvent.objects.values_list("table", flat=True).distinct().order_by("table"):
            while True:
                mark = lake.watermark(table, FLUSHER)
                waiting = InboxEvent.objects.filter(table=table)
                if mark is not None:
                    waiting.filter(id__lte=mark).delete()
                rows = list(waiting.order_by("id")[:batch])
                if not rows:
                    break
                lake.append(table, _arrow(table, rows), FLUSHER, rows[-1].id)
                moved += len(rows)
    return moved


def _arrow(table: str, rows: Sequence[InboxEvent]) -> pa.Table:
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
