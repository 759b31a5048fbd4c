"""Facts of one person from the lake, newest first, for the timeline and the export."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regulars import tables
from regulars.web.bridge.lake import lake

# What a page shows of each table besides when, how much and through which channel.
DETAIL = {
    "orders": ("kind", "status", "id", "ordered"),
    "subscriptions": ("kind", "plan", "contract", "months"),
    "events": ("name", "value"),
    "touches": ("kind", "campaign"),
    "usage": ("meter", "quantity"),
    "messages": ("state", "action", "reason", "plan"),
    "feedback": ("kind", "score"),
}


def timeline(
    customer: str, limit: int = 50, before: datetime | None = None, kinds: set[str] | None = None
) -> list[dict[str, Any]]:
    """The newest facts of one person, at most ``limit``; ``kinds`` are table names.

    Each is a dict: kind (the table), at, amount, currency, channel, source and detail.
    """
    store = lake()
    entries = []
    for table, columns in DETAIL.items():
        if kinds is not None and table not in kinds:
            continue
        rows = store.customer(table, customer)
        if rows.num_rows == 0:
            continue
        for r in rows.to_pylist():
            if r.get("kind") == "void" or (before is not None and r["at"] >= before):
                continue
            entries.append(
                {
                    "kind": table,
                    "at": r["at"],
                    "day": r["day"],
                    "amount": r.get("amount"),
                    "currency": r.get("currency"),
                    "channel": r.get("channel"),
                    "source": r["source"],
                    "detail": {c: r[c] for c in columns if r.get(c) is not None},
                }
            )
    entries.sort(key=lambda e: e["at"], reverse=True)
    return entries[:limit]


def everything(customer: str) -> dict[str, list[dict[str, Any]]]:
    """Every row the lake holds about one person, by table."""
    store = lake()
    found = {}
    for name, table in tables.TABLES.items():
        if "customer" in table.names:
            rows = store.customer(name, customer).to_pylist()
            if rows:
                found[name] = rows
    return found
