"""Every table by its name."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from regulars.tables.facts import (
    EVENTS,
    FEEDBACK,
    MESSAGES,
    ORDER_LINES,
    ORDERS,
    SPEND,
    SUBSCRIPTIONS,
    TOUCHES,
    USAGE,
)
from regulars.tables.results import DECISIONS, KPIS, OUTCOMES, SCORES
from regulars.tables.shape import Table

TABLES: Final[dict[str, Table]] = {
    t.name: t
    for t in (
        ORDERS, ORDER_LINES, SUBSCRIPTIONS, EVENTS, TOUCHES, SPEND, USAGE, MESSAGES, FEEDBACK,
        SCORES, DECISIONS, OUTCOMES, KPIS,
    )
}  # fmt: skip


def conform(table: str, rows: pa.Table) -> pa.Table:
    """Cast rows to the table's schema, in its column order.

    Raises ``ValueError`` naming the table and column when a required value is
    missing, a column is unknown or a type cannot be cast without loss.
    """
    wanted = TABLES[table]
    filled = wanted.fill({name: rows.column(name) for name in rows.column_names}, rows.num_rows)
    missing = [c.name for c in wanted.columns if c.required and filled.column(c.name).null_count]
    if missing:
        raise ValueError(f"table {table}: {', '.join(missing)} may not be empty")
    return filled
