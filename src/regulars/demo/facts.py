"""Arrays in, rows of a lake table out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars import tables
from regulars.demo import company
from regulars.demo.clock import Clock, Ints, Reals

Facts = dict[str, pa.Table]


def ids(prefix: str, count: int) -> pa.Array:
    """Natural ids ``prefix-0, prefix-1, ...``.

    >>> ids("o", 2).to_pylist()
    ['o-0', 'o-1']
    """
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(np.arange(count)), pa.string()), "-")


def pick(words: Sequence[str | None] | pa.Array, index: Ints) -> pa.Array:
    """The word at each index."""
    source = words if isinstance(words, pa.Array) else pa.array(words, type=pa.string())
    return source.take(pa.array(index))


def fact_rows(table: str, prefix: str | pa.Array, clock: Clock, at: Reals, **columns: Any) -> pa.Table:
    """Rows of a fact table, ids ``prefix-n`` unless an array of ids is given."""
    times = clock.times(at)
    return tables.TABLES[table].fill(
        {
            "source": company.SOURCE,
            "id": ids(prefix, len(at)) if isinstance(prefix, str) else prefix,
            "revision": 0,
            "recorded_at": times,
            "at": times,
            "day": pa.array(clock.dates(at)),
            **columns,
        },
        len(at),
    )


def join(parts: Sequence[Mapping[str, pa.Table]]) -> Facts:
    """All rows of several fact sets, every table present."""
    out: Facts = {}
    for name, table in tables.TABLES.items():
        rows = [p[name] for p in parts if name in p]
        out[name] = pa.concat_tables(rows).combine_chunks() if rows else table.empty()
    return out


def cut(facts: Mapping[str, pa.Table], clock: Clock, end: int) -> tuple[Facts, Facts]:
    """Split facts into what happened before day ``end`` and what is still to come."""
    edge = pa.scalar(clock.times(np.array([float(end)]))[0].as_py(), tables.TIME)
    past: Facts = {}
    future: Facts = {}
    for name, rows in facts.items():
        if "at" not in rows.column_names:
            past[name] = rows
            continue
        before = pc.less(rows.column("at"), edge)
        past[name] = rows.filter(before)
        future[name] = rows.filter(pc.invert(before))
    return past, future
