"""Orders of a file without any date: kept, dated by their first import, and not changed by the next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.web.bridge.imports import import_file
from regulars.web.bridge.lake import lake

pytestmark = pytest.mark.django_db
ROWS = "主订单编号,选购商品,订单应付金额,订单状态\n9001,玉肌皂,29.90,已发货\n9002,玉肌皂,49.90,已发货\n"


def test_the_first_import_dates_them_for_good(home, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(ROWS, "utf-8-sig")
    first = import_file(home, file, now=datetime(2026, 3, 5, 4, tzinfo=UTC), actor="t")
    assert first["tables"]["orders"]["created"] == 2
    assert first["notes"]["date_assumed"] == "2026-03-05"
    file.write_text(ROWS + "9003,玉肌皂,39.90,已发货\n", "utf-8-sig")
    second = import_file(home, file, now=datetime(2026, 4, 6, 4, tzinfo=UTC), actor="t")
    assert second["tables"]["orders"] == {"created": 1, "updated": 0, "unchanged": 2, "duplicates": 0}
    days = dict(zip(*(lake().current("orders").to_pyarrow()[c].to_pylist() for c in ("id", "day")), strict=True))
    assert {k: str(v) for k, v in days.items()} == {
        "9001": "2026-03-05", "9002": "2026-03-05", "9003": "2026-04-06",
    }  # fmt: skip
