"""A few lines of facts, written by hand, that every test of this room can count on its fingers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from regulars.tables import TABLES

START = datetime(2026, 1, 5, 12, tzinfo=UTC)  # a Monday
Rows = Callable[..., pa.Table]


def at(days: float) -> datetime:
    return START + timedelta(days=days)


@pytest.fixture
def rows() -> Rows:
    """``rows("orders", dict(day=3, customer="a", amount=100), ...)``: ids, times and required columns are filled."""

    def make(table: str, *given: dict[str, Any]) -> pa.Table:
        defaults: dict[str, dict[str, Any]] = {
            "orders": {"kind": "sale", "status": "paid", "currency": "CNY", "amount": 0},
            "order_lines": {"kind": "sale", "goods": True, "quantity": 1.0, "currency": "CNY"},
            "touches": {"kind": "visit"},
            "spend": {"days": 1, "currency": "CNY"},
            "messages": {"state": "sent", "plan": "p", "action": "win_back"},
            "feedback": {"kind": "csat"},
            "subscriptions": {"kind": "start", "currency": "CNY", "amount": 0},
        }
        full = []
        for i, own in enumerate(given):
            when = at(own["day"])
            row = {"source": "test", "id": f"{table}{i}", "revision": 0, "recorded_at": when, "at": when,
                   **defaults[table], **own, "day": when.date()}  # fmt: skip
            if table == "orders":
                row.setdefault("ordered", row["amount"])
            if table == "messages":
                row.setdefault("message", row["id"])
            full.append(row)
        names = TABLES[table].names
        return TABLES[table].fill({n: [r.get(n) for r in full] for n in names}, len(full))

    return make
