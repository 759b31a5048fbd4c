# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime

from regulars.collect import collect
from regulars.collect.sources.jsonl import read_json

NOW = datetime(2025, 6, 1, tzinfo=UTC)
ORDER = {
    "id": 1234567890123456789, "created_at": "2024-03-05T10:00:00+08:00", "currency": "USD", "total_price": "35.00",
    "customer": {"id": 9, "email": "ada@x.org", "first_name": "Ada", "last_name": "L"},
    "line_items": [{"sku": "MUG", "name": "Mug", "quantity": 2, "price": "10.00"}, {"sku": "TEA", "name": "Tea", "quantity": 1, "price": "15.00"}],
}  # fmt: skip


def test_items_of_an_order_become_rows_and_numbers_keep_their_digits() -> None:
    sheet = read_json(json.dumps([ORDER]).encode(), "orders.json")
    assert sheet.num_rows == 2
    assert sheet.table["id"].to_pylist() == ["1234567890123456789"] * 2
    got = collect(json.dumps({"orders": [ORDER]}).encode(), now=NOW)
    row = got.facts["orders"].rows.to_pylist()[0]
    assert (row["id"], row["amount"], row["currency"]) == ("1234567890123456789", 3500, "USD")
    assert got.facts["order_lines"].rows["product"].to_pylist() == ["MUG", "TEA"]
    assert got.people.select(["external_id", "email", "name"]).to_pylist() == [
        {"external_id": "9", "email": "ada@x.org", "name": "Ada L"}
    ]


def test_prices_are_never_floats() -> None:
    sheet = read_json(b'{"price": 0.1000000000000000055, "id": "a"}\n', "x.jsonl")
    assert sheet.table["price"].to_pylist() == ["0.1000000000000000055"]
