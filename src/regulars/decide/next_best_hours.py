"""When each next best action is due: the hour the schedule gave it, written into its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def timed(rows: pa.Table, times: Mapping[str, Mapping[str, str]]) -> pa.Table:
    """The person rows of a plan with the reason ``due=<start in UTC>`` where the schedule named an hour.

    ``times``: channel to customer to start; ``times["own"]`` names those whose own habit weighs at least as much as
    that of their kind, with the reason ``own_hour``.
    """
    if not times or not rows.num_rows:
        return rows
    keys, channel, why = rows.column("customer"), rows.column("channel"), rows.column("why")
    due = pa.nulls(rows.num_rows, pa.string())
    for name, hours in times.items():
        if name == "own" or not hours:
            continue
        at = pc.index_in(keys, value_set=pa.array(list(hours), pa.string()))
        own = pa.array(list(hours.values()), pa.string()).take(at.combine_chunks())
        due = pc.if_else(pc.equal(channel, name), own, due)
    said: Any = pc.binary_join_element_wise("due", due, "=")
    habit = pc.is_in(keys, value_set=pa.array(list(times.get("own", ())), pa.string()))
    habit = pc.if_else(pc.and_(habit, pc.is_valid(said)), pa.scalar("own_hour"), pa.scalar(None, pa.string()))
    why = pc.binary_join_element_wise(why, said, habit, ";", null_handling="skip")
    return rows.set_column(rows.schema.get_field_index("why"), "why", why)
