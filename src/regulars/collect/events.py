"""What people did: one row per event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from regulars.collect.canonical import Facts
from regulars.collect.content import content_ids
from regulars.collect.people import People, read_people

if TYPE_CHECKING:
    from regulars.collect.columns import Columns


def read_events(columns: Columns) -> tuple[dict[str, Facts], People]:
    """Turn a sheet of events into facts; an event without its own id gets one from its content."""
    when = columns.dates("at")
    columns.reject(~when.valid & ~columns.cells("at").blank, "date_unreadable", "at")
    columns.reject(~when.valid, "date_missing")
    name = columns.cells("event")
    columns.reject(name.blank, "event_missing")
    people = read_people(columns, keep_fields=False)
    some = np.flatnonzero(columns.used)
    ids = columns.cells("event_id").take(some).text().to_pylist()
    blank = np.array([i for i, v in enumerate(ids) if v is None], np.int64)
    if len(blank):
        for i, made in zip(blank, content_ids(columns, some[blank], when.at), strict=True):
            ids[i] = made
    where = pa.array(some)
    values = columns.amounts("value").floats()[some] if columns.has("value") else np.full(len(some), np.nan)
    rows = {
        "source": columns.company.source,
        "id": pa.array(ids, pa.string()),
        "revision": 0,
        "recorded_at": columns.company.now,
        "at": when.instants().take(where),
        "day": when.days().take(where),
        "name": name.take(some).text(),
        "value": pa.array(values, mask=np.isnan(values)),
        "channel": columns.cells("channel").take(some).text(),
        "market": columns.cells("market").or_else(columns.cells("country")).take(some).text(),
    }
    return {"events": Facts.make("events", rows, people.person[some], columns.sheet.rows[some])}, people
