from __future__ import annotations

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from regulars.decide.modes_board import modes_board
from regulars.decide.partners_board import partners_board, solved
from regulars.tables import DECIDING, DECISIONS
from regulars.tables.boards import board_body

NOW = datetime(2026, 6, 30, 7, tzinfo=UTC)
SOLD = [("agents", "cn"), ("search", "cn"), ("marketplace", "jp")]


def partner(code: str, expected: dict[str, int], cost: int, state: str = "candidate", **more: Any) -> dict[str, Any]:
    return {"partner": code, "name": code, "region": "", "state": state, "mode": "agent", "cost": cost,
            "capacity": None, "expected": json.dumps(expected), **more}  # fmt: skip


AGREEMENT = {
    "id": "a1", "partner": "north", "mode": "agent", "channels": '["agents"]', "markets": '["cn"]',
    "start": date(2026, 1, 1), "end": None, "currency": "CNY", "tiers": "[[0, 100000]]", "rule": "marginal",
    "tier_period": "month", "rounding": "half_up", "guarantee": 0, "cap": None, "commitment": 0, "payment_days": 30,
    "exclusive": False, "cost": 0,
}  # fmt: skip


def view(**book: list[dict[str, Any]]) -> Any:
    rows = [(f"o{k}", f"c{k}", date(2026, 3, 1 + k), "sale", 10_000, channel, market)
            for k, (channel, market) in enumerate(SOLD * 4)]  # fmt: skip
    orders = pd.DataFrame(rows, columns=["id", "customer", "day", "kind", "amount", "channel", "market"])
    orders = orders.assign(status="paid", currency="CNY")
    spend = pd.DataFrame({"day": [date(2026, 3, 1)], "amount": [8_000], "currency": ["CNY"], "channel": ["search"],
                          "market": ["cn"]})  # fmt: skip
    return SimpleNamespace(
        facts={"orders": ibis.memtable(orders), "spend": ibis.memtable(spend)},
        book={name: pa.Table.from_pylist(book.get(name, []), schema=s) for name, s in DECIDING.items()},
        now=NOW, settings=SimpleNamespace(currency="CNY", tz=ZoneInfo("UTC"), margin=0.5), lake_version="v", plan="p",
    )  # fmt: skip


def test_without_a_partner_there_is_nothing_to_say() -> None:
    assert partners_board(view()) is None


def test_the_board_chooses_and_its_body_can_be_solved_again() -> None:
    seen = view(
        partners=[partner("north", {"cn": 60_000}, 3_000, "signed"), partner("east", {"jp": 90_000}, 5_000),
                  partner("west", {"cn": 50_000, "jp": 40_000}, 9_000), partner("gone", {"cn": 1}, 1, "ended")],
        agreements=[AGREEMENT],
        partner_rules=[{"budget": 8_000, "concentration": None, "most": None, "conflicts": "[]", "regions": "{}"}],
    )  # fmt: skip
    board = partners_board(seen)
    assert board is not None
    assert board.answer is not None
    # nobody is believed more than those who could be measured kept their promise
    believed = {o["name"]: o["quality"] for o in board.choice["offers"]}
    assert believed["east"] == believed["west"] == pytest.approx(board.scorecards[0].belief)
    assert set(board.answer["solution"]) == {"north", "east"}
    assert board.decisions is not None
    assert board.decisions.schema == DECISIONS.schema
    assert [(r["subject"], r["channel"], r["kind"]) for r in board.decisions.to_pylist()] == [
        ("east", "sign", "partner")
    ]
    again = json.loads(json.dumps(board_body(board) | {"scorecards": []}, default=vars))
    answer, conflict, frontier = solved(again["choice"], budget=5_000)
    assert answer is not None
    assert answer.solution == ("east",)
    assert conflict == ()
    assert [v for _, v, _ in frontier] == sorted(v for _, v, _ in frontier)


def test_wishes_in_conflict_are_told_and_stop_nothing() -> None:
    rules = {"budget": 4_000, "concentration": None, "most": None, "conflicts": "[]", "regions": '{"north": 2}'}
    two = [partner(code, {"cn": 9}, 3_000, region="north") for code in ("a", "b")]
    board = partners_board(view(partners=two, partner_rules=[rules]))
    assert board is not None
    assert board.answer is None
    assert {c["code"] for c in board.conflict} == {"budget", "region:north"}
    assert board.decisions is None


def test_ways_to_sell_say_where_each_figure_comes_from() -> None:
    board = modes_board(view(agreements=[AGREEMENT], mode_figures=[
        {"market": "cn", "mode": "agent", "criterion": "reach", "value": 95.0},
        {"market": None, "mode": "direct", "criterion": "speed", "value": 5.0},
    ]))  # fmt: skip
    assert board is not None
    cn, jp = board.markets
    assert cn.market == "cn"
    assert cn.share == pytest.approx({"agent": 0.5, "own_site": 0.5})
    assert jp.share == {"marketplace": 1.0}
    assert cn.figures["agent"]["margin"] == (90.0, "measured")
    assert cn.figures["own_site"]["cost"] == (20.0, "measured")
    assert cn.figures["agent"]["reach"] == (95.0, "yours")
    assert jp.figures["agent"]["reach"][1] == "assumed"
    assert jp.figures["direct"]["speed"] == (5.0, "yours")
    assert cn.order[0] == "agent"
    assert {len(line) for line in cn.grid} == {17}
    json.dumps(board_body(board), default=vars)


def test_judgements_that_leave_criteria_out_fall_back_and_say_so() -> None:
    board = modes_board(view(mode_judgements=[{"one": "margin", "other": "reach", "times": 3.0}]))
    assert board is not None
    assert board.limit == "judgements_incomplete"
    assert not board.said
    empty = view()
    empty.facts = {}
    assert modes_board(empty) is None
