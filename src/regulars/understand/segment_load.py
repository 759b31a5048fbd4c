"""Day cells of everybody, read from a table of facts in one grouped query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.lake.frames import to_arrow
from regulars.understand.segment_cells import Cells, Counted, hashed
from regulars.understand.segment_facts import AVERAGE, COUNT, FACTS, HIGHEST, LATEST, LOWEST, RUNNING, SUM
from regulars.understand.segment_query import LAST_DAY, date_of, rows_that_count
from regulars.understand.segment_rules import Measured

# Above this many rows a grouped query is quicker than folding them one by one.
FEW = 2_000


def cells_load(counted: Counted, facts: Any, customers: pa.Array, currency: str | None, since: int | None) -> Cells:
    """The cells of ``customers`` (each once), from an Ibis table of facts as it holds now.

    ``since``: no window will ever reach back before this day, so older cells are not kept.
    """
    leaf = Measured(counted.fact, counted.measure, "at_least", 0, where=counted.where)
    rows = facts.filter(facts.customer.notnull())
    if counted.measure == RUNNING:
        return _contracts(counted, rows, customers)
    rows = rows.filter(rows_that_count(rows, leaf, LAST_DAY, currency))
    if counted.measure in (LATEST, LOWEST, HIGHEST, AVERAGE, SUM):
        rows = rows.filter(rows[FACTS[counted.fact].value].notnull())
    if since is not None:
        rows = rows.filter(rows.day >= date_of(since))
    a, b = _figures(rows, counted)
    found = rows.group_by(["customer", "day"]).aggregate(a=a, b=b).to_pyarrow()
    figures = found.column("a").to_numpy().astype(np.int64 if counted.whole else np.float64)
    moments = found.column("b")
    if counted.measure == LATEST:
        moments = moments.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return _cells(counted, found, figures, moments.to_numpy(), customers)


def _figures(rows: Any, counted: Counted) -> tuple[Any, Any]:
    fact, measure = FACTS[counted.fact], counted.measure
    if measure not in (LATEST, LOWEST, HIGHEST, AVERAGE, SUM):
        return rows.count(), rows.count() if measure == COUNT else rows.count() * 0
    value = rows[fact.value]
    if measure == LATEST:
        return value.last(order_by=[rows["at"], value.desc()]), rows["at"].max()
    if measure in (LOWEST, HIGHEST):
        return value.min() if measure == LOWEST else value.max(), rows.count()
    return value.sum() * fact.sign, rows.count()


def _contracts(counted: Counted, rows: Any, customers: pa.Array) -> Cells:
    columns = ["customer", "day", "at", "kind", "contract", *(c for c, _v in counted.where)]
    found = rows.select(*dict.fromkeys(columns)).to_pyarrow()
    over = _flags(pc.equal(found.column("kind"), "cancel"))
    on = ~over
    for column, value in counted.where:
        on &= _flags(pc.equal(found.column(column), value))
    encoded = pc.dictionary_encode(found.column("contract")).combine_chunks()
    names = np.array([hashed(text) for text in encoded.dictionary.to_pylist()], dtype=np.int64)
    moment = found.column("at").cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    return _cells(counted, found, names[encoded.indices.to_numpy()], moment * 4 + over * 2 + on, customers)


def _cells(counted: Counted, found: pa.Table, a: Any, b: Any, customers: pa.Array) -> Cells:
    place = pc.index_in(found.column("customer").combine_chunks(), value_set=customers)
    known = pc.is_valid(place).to_numpy(zero_copy_only=False)
    code = pc.fill_null(place, 0).to_numpy().astype(np.int64)[known]
    day = found.column("day").cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)[known]
    return Cells(counted, code, day, a[known], b[known].astype(np.int64), len(customers))


def _flags(column: Any) -> Any:
    return pc.fill_null(column, False).to_numpy(zero_copy_only=False).astype(bool)


def fact_rows(facts: Any) -> Any:
    """Few rows as mappings, to be folded as they are; many as an Ibis table, to be grouped."""
    if hasattr(facts, "to_pyarrow") and not isinstance(facts, pa.Table):
        return facts
    table = to_arrow(facts)
    if table.num_rows <= FEW:
        return table.to_pylist()
    import ibis

    return ibis.memtable(table)


def rows_of(rows: Any) -> Iterable[Mapping[str, Any]]:
    """Rows as mappings."""
    if isinstance(rows, list | tuple):
        return rows
    found: list[dict[str, Any]] = to_arrow(rows).to_pylist()
    return found


def key_column(rows: Any) -> Any:
    """The customers of an Ibis table."""
    return rows.to_pyarrow().column("customer").combine_chunks()


def flat(array: Any) -> pa.Array:
    """One array of a column in chunks."""
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
