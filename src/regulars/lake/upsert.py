"""Which incoming rows are new, which correct a stored one and which say nothing new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.lake.engines.duck import rows_of

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from regulars.lake.listing import Listing
    from regulars.tables import Table

CREATED, UPDATED, UNCHANGED = range(3)
# What a void turns round, so that sums over raw rows stay right.
SIGNED = ("amount", "ordered", "quantity")
# Not part of what a row says.
_BOOKKEEPING = ("source", "id", "revision", "recorded_at")


@dataclass(frozen=True)
class Upsert:
    """What an upsert found; ``rows`` is what to append."""

    created: int
    updated: int
    unchanged: int
    rows: pa.Table
    duplicates: int = 0


def admits_void(table: Table) -> bool:
    """Whether a correction writes a void row: the kind of the table must have that word."""
    return any(c.name == "kind" and "void" in c.unit.split("|") for c in table.columns)


def classify(
    connection: duckdb.DuckDBPyConnection, table: Table, listing: Listing | None, incoming: pa.Table
) -> Upsert:
    """Compare incoming rows with the newest revision stored under their (source, id).

    The engine sees keys and one 64-bit hash of what a row says, never whole rows
    beside each other: half a million order lines took 400 MB that way. Two
    different texts of one key with the same hash are expected once in 2**64 corrections.
    """
    kind = pc.equal(incoming["kind"], "void") if admits_void(table) else pa.nulls(incoming.num_rows, pa.bool_())
    numbered = incoming.append_column("_place", pa.array(np.arange(incoming.num_rows)))
    connection.register("_incoming", numbered)
    try:
        found = connection.sql(_compare(table, listing)).to_arrow_table()
        place, verdict, revision = (found.column(c).to_numpy() for c in ("_place", "_verdict", "_revision"))
        taken_back = pc.fill_null(kind, False).to_numpy(zero_copy_only=False)[place]
        adds = (verdict != UNCHANGED) & ~taken_back
        rows = _revised(incoming, place[adds], revision[adds])
        if admits_void(table) and (verdict == UPDATED).any():
            connection.register("_updated", pa.table({"_place": place[verdict == UPDATED]}))
            voids = connection.sql(_voids(table, listing)).to_arrow_table().cast(table.schema)
            rows = pa.concat_tables([voids, rows])
    finally:
        connection.unregister("_incoming")
        connection.unregister("_updated")
    created, updated, unchanged = (int((verdict == v).sum()) for v in (CREATED, UPDATED, UNCHANGED))
    return Upsert(created, updated, unchanged, rows.cast(table.schema), incoming.num_rows - len(place))


def _revised(incoming: pa.Table, place: NDArray[np.int64], revision: NDArray[np.int32]) -> pa.Table:
    rows = incoming if len(place) == incoming.num_rows else incoming.take(pa.array(place))
    at = rows.schema.get_field_index("revision")
    return rows.set_column(at, rows.schema.field(at), pa.array(revision, rows.schema.field(at).type))


def _compare(table: Table, listing: Listing | None) -> str:
    """One row per incoming key, in the order of the file: its place, its verdict and its next revision."""
    fresh = "SELECT source, id, max(_place) AS _place FROM _incoming GROUP BY ALL"
    if listing is None or not listing.files:
        verdict = f"CASE WHEN {_void(table)} THEN {UNCHANGED} ELSE {CREATED} END"
        return f"""
            SELECT _place, ({verdict})::TINYINT AS _verdict, 0::INTEGER AS _revision
            FROM _incoming SEMI JOIN ({fresh}) f USING (_place) ORDER BY _place
        """
    said = ", ".join(f'"{c.name}"' for c in table.columns if c.name not in _BOOKKEEPING)
    return f"""
        WITH fresh AS (
            SELECT source, id, _place, {_void(table)} AS _void, hash({said}) AS _says
            FROM _incoming SEMI JOIN ({fresh}) f USING (_place)
        ), newest AS ({_newest(table, listing, "fresh", f"hash({said}) AS _says")})
        SELECT n._place,
            (CASE WHEN n._void AND (o.source IS NULL OR o._void) THEN {UNCHANGED}
                  WHEN o.source IS NULL OR o._void THEN {CREATED}
                  WHEN n._says <> o._says THEN {UPDATED} ELSE {UNCHANGED} END)::TINYINT AS _verdict,
            coalesce(o.revision + 1, 0)::INTEGER AS _revision
        FROM fresh n LEFT JOIN newest o ON n.source = o.source AND n.id = o.id
        ORDER BY n._place
    """


def _newest(table: Table, listing: Listing | None, keys: str, what: str) -> str:
    """The newest stored revision of every (source, id) in ``keys``; a void comes after the row it repeats."""
    return f"""
        SELECT s.source, s.id, s.revision, {_void(table)} AS _void, {what} FROM ({rows_of(table, listing)}) s
        WHERE s.source IN (SELECT DISTINCT source FROM {keys}) AND (s.source, s.id) IN (SELECT (source, id) FROM {keys})
        QUALIFY row_number() OVER (PARTITION BY s.source, s.id ORDER BY s.revision DESC, _void DESC) = 1
    """


def _voids(table: Table, listing: Listing | None) -> str:
    """The stored rows that are corrected, turned round, in the order of their corrections."""
    whole = ", ".join(f's."{c}" AS "old_{c}"' for c in table.names)
    return f"""
        WITH keys AS (SELECT source, id, _place, recorded_at FROM _incoming SEMI JOIN _updated USING (_place)),
        newest AS ({_newest(table, listing, "keys", whole)})
        SELECT {", ".join(_voided(c) for c in table.names)}
        FROM keys k JOIN newest o ON k.source = o.source AND k.id = o.id ORDER BY k._place
    """


def _void(table: Table) -> str:
    return "coalesce(kind = 'void', false)" if admits_void(table) else "false"


def _voided(column: str) -> str:
    if column == "kind":
        return "'void' AS \"kind\""
    if column == "recorded_at":
        return 'k."recorded_at"'
    return f'-o."old_{column}" AS "{column}"' if column in SIGNED else f'o."old_{column}" AS "{column}"'
