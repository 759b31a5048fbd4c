"""Rows to put into a lake, and an empty lake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from regulars.lake import Lake
from regulars.tables import TABLES

NOW = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


def make_orders(ids: list[str], amount: int | list[int] = 100, **columns: object) -> pa.Table:
    return TABLES["orders"].fill(
        {
            "source": "shop", "id": ids, "revision": 0, "recorded_at": NOW, "customer": "customer0001", "at": NOW,
            "day": NOW.date(), "kind": "sale", "status": "paid", "amount": amount, "currency": "CNY",
            "ordered": amount, **columns,
        },
        len(ids),
    )  # fmt: skip


@pytest.fixture
def orders() -> Callable[..., pa.Table]:
    return make_orders


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", threads=1, wait_s=20)
