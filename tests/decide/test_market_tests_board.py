"""Signals as tests of the plan: the sure and the untested ones, never what would lose, never twice."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from regulars.decide.market_tests_board import MOST, market_tests_board
from regulars.tables import DECISIONS


def spoken(action: str, product: str = "tea", **more: Any) -> dict[str, Any]:
    return {"action": action, "product": product, "market": "", "watched": "Rival", "gain": None, "low": None,
            "high": None, "currency": "", "change": None, "why": {"cannot_say_gain": None}, **more}  # fmt: skip


def board(*proposals: dict[str, Any]) -> Any:
    view = SimpleNamespace(
        findings={"market_watch": {"proposals": list(proposals)}}, plan="p1", now=datetime(2026, 5, 1, tzinfo=UTC),
        lake_version="7", settings=SimpleNamespace(currency="CNY"),
    )  # fmt: skip
    return market_tests_board(view)  # type: ignore[arg-type]


def test_signals_become_tests_with_their_gain_and_reason() -> None:
    sure = spoken("raise_bid", gain=900.0, low=100.0, high=2000.0, currency="CNY",
                  why={"bid_channel": "ads", "demand_change": "0.2"})  # fmt: skip
    found = board(
        sure, spoken("test", "cup"), spoken("cut", "mug"), spoken("reprice", "pot", gain=5.0, low=-1.0, high=9.0)
    )
    assert (found.spoken, found.planned) == (4, 2)
    rows = found.decisions.to_pylist()
    assert tuple(found.decisions.schema.names) == DECISIONS.names
    assert [(r["kind"], r["subject"], r["channel"], r["value"]) for r in rows] == [
        ("test", "tea", "ads", 900.0), ("test", "cup", None, None),
    ]  # fmt: skip
    assert rows[0]["why"].startswith("market_watch=raise_bid")


def test_foreign_money_has_no_value_and_doubles_are_one() -> None:
    other = spoken("raise_bid", gain=900.0, low=100.0, high=2000.0, currency="USD", why={})
    rows = board(other, other).decisions.to_pylist()
    assert [r["value"] for r in rows] == [None]
    many = board(*[spoken("test", f"p{i}") for i in range(9)])
    assert many.decisions.num_rows == many.planned == MOST
    assert board() is None
    assert market_tests_board(SimpleNamespace(findings={})) is None  # type: ignore[arg-type]
