"""Which incoming rows are new, which correct a stored one and which say nothing new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from regulars.lake.engines.duck import rows_of

if TYPE_CHECKING:
    import duckdb

    from regulars.lake.listing import Listing
    from regulars.tables import Table

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
    """Compare incoming rows with the newest revision stored under their (source, id)."""
    numbered = incoming.append_column("_place", pa.array(range(incoming.num_rows), pa.int64()))
    connection.register("_incoming", numbered)
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE _compared AS {_compare(table, listing)}")
        counts = dict(connection.execute("SELECT _verdict, count(*) FROM _compared GROUP BY ALL").fetchall())
        rows = connection.sql(_result(table)).to_arrow_table() if counts else table.empty()
    finally:
        connection.unregister("_incoming")
        connection.execute("DROP TABLE IF EXISTS _compared")
    return Upsert(
        counts.get("created", 0),
        counts.get("updated", 0),
        counts.get("unchanged", 0),
        rows.cast(table.schema),
        incoming.num_rows - sum(counts.values()),
    )


def _compare(table: Table, listing: Listing | None) -> str:
    said = [c.name for c in table.columns if c.name not in _BOOKKEEPING]
    differs = " OR ".join(f'n."{c}" IS DISTINCT FROM o."{c}"' for c in said)
    old = ", ".join(f'o."{c}" AS "old_{c}"' for c in table.names)
    void = "kind = 'void'" if admits_void(table) else "false"
    cancels = f"n.{void}" if admits_void(table) else "false"
    return f"""
        WITH fresh AS (
            SELECT * FROM _incoming QUALIFY row_number() OVER (PARTITION BY source, id ORDER BY _place DESC) = 1
        ), stored AS (
            SELECT s.*, {void} AS _void FROM ({rows_of(table, listing)}) s
            WHERE s.source IN (SELECT DISTINCT source FROM fresh)
              AND (s.source, s.id) IN (SELECT (source, id) FROM fresh)
        ), newest AS (
            SELECT * FROM stored
            QUALIFY row_number() OVER (PARTITION BY source, id ORDER BY revision DESC, _void DESC) = 1
        )
        SELECT n.*, {old},
            CASE WHEN {cancels} AND (o.source IS NULL OR o._void) THEN 'unchanged'
                 WHEN o.source IS NULL OR o._void THEN 'created'
                 WHEN {differs} THEN 'updated' ELSE 'unchanged' END AS _verdict,
            coalesce(o.revision + 1, 0)::INTEGER AS _revision
        FROM fresh n LEFT JOIN newest o ON n.source = o.source AND n.id = o.id
    """


def _result(table: Table) -> str:
    new = ", ".join('_revision AS "revision"' if c == "revision" else f'"{c}"' for c in table.names)
    rows = f"SELECT {new}, _place, 1 AS _turn FROM _compared WHERE _verdict <> 'unchanged'"
    if admits_void(table):
        rows += " AND kind <> 'void'"
        voids = ", ".join(_voided(c) for c in table.names)
        rows += f" UNION ALL SELECT {voids}, _place, 0 AS _turn FROM _compared WHERE _verdict = 'updated'"
    columns = ", ".join(f'"{c}"' for c in table.names)
    return f"SELECT {columns} FROM ({rows}) ORDER BY _turn, _place"


def _voided(column: str) -> str:
    if column == "kind":
        return "'void' AS \"kind\""
    if column == "recorded_at":
        return '"recorded_at"'
    return f'-"old_{column}" AS "{column}"' if column in SIGNED else f'"old_{column}" AS "{column}"'
