from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pyarrow as pa
import pytest

from regulars.decide.budget_input import BudgetInput
from regulars.decide.money import budget_input
from regulars.decide.result import InfeasibleError
from regulars.decide.split_board import split_board
from regulars.decide.what_if import resolve
from regulars.tables import DECIDING, KPIS

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
MADE = {"grain": "week", "made_by": "test/1", "made_at": NOW, "lake_version": "7"}
MONDAY = date(2026, 11, 9)


def view(**limits: object) -> SimpleNamespace:
    rows = [
        {"name": "spend", "day": MONDAY - timedelta(weeks=w), "channel": c, "value": 10_000.0, **MADE}
        for c in ("search", "social")
        for w in range(9)
    ]
    for c, ceiling in (("search", 60.0), ("social", 30.0)):
        codes = "counted=new_customers;carry_over=0.40"
        rows += [
            {"name": "response_ceiling", "day": MONDAY, "channel": c, "value": ceiling, "low": ceiling * 0.7,
             "high": ceiling * 1.4, "why": codes, **MADE},
            {"name": "response_half", "day": MONDAY, "channel": c, "value": 9_000.0, "low": 5_000.0, "high": 16_000.0,
             "why": codes, **MADE},
            {"name": "response_value", "day": MONDAY, "channel": c, "value": 2_000.0, "why": "", **MADE},
        ]  # fmt: skip
    owner = [{"channel": c, "low": None, "high": None, "frozen": None, **v} for c, v in limits.items()]
    book = {"limits": pa.Table.from_pylist(owner, schema=DECIDING["limits"])}
    return SimpleNamespace(kpis=pa.Table.from_pylist(rows, schema=KPIS.schema), now=NOW, book=book, budget=None,
                           settings=SimpleNamespace(weekly_budget=0, margin=0.5))  # fmt: skip


def body(**limits: object) -> dict[str, object]:
    board = split_board(view(**limits))
    assert board is not None
    return json.loads(json.dumps(asdict(board), allow_nan=False))


def test_the_body_alone_gives_the_same_split_again() -> None:
    kept = body()
    again = resolve(kept)
    assert {r.channel: r.proposed for r in again.rows} == pytest.approx(kept["answer"]["proposed"], abs=2)
    assert again.gap <= 1e-9
    assert len(kept["channels"][0]["worth"]) <= 200


def test_other_wishes_are_kept_and_a_lifted_limit_is_gone() -> None:
    kept = body(search={"high": 11_000.0})
    assert resolve(kept).solution[0] == 11_000
    free = resolve(kept, limits={"search": {"high": None}})
    assert free.solution[0] > 11_000
    assert resolve(kept, frozen=["social"]).solution[1] == 10_000
    assert resolve(kept, total=12_000).solution.sum() == 12_000
    assert resolve(kept, objective="new_customers").objective == "new_customers"
    assert resolve(kept, risk=0.2).value < resolve(kept).value


def test_the_owners_conflict_is_in_the_body() -> None:
    kept = body(search={"low": 15_000.0}, social={"low": 9_000.0})
    assert kept["answer"] is None
    assert [c["code"] for c in kept["conflict"]] == ["total", "at_least:search", "at_least:social"]
    with pytest.raises(InfeasibleError):
        resolve(kept)
    assert resolve(kept, total=30_000).solution.sum() <= 30_000


def test_the_weeks_ahead_are_planned_where_effects_carry_over() -> None:
    weekly = body()["weekly"]
    assert weekly["weeks"][0] == "2026-11-23"
    assert all(len(v) == 8 for v in weekly["spend"].values())
    assert weekly["gap"] <= 1e-6
    assert weekly["gain"]["value"] > 0


def test_another_objective_is_told_in_contribution_and_in_itself() -> None:
    kept = body()
    kept["channels"][1]["weights"]["new_customers"] *= 5
    best, other = resolve(kept), resolve(kept, objective="new_customers")
    assert other.solution[1] > best.solution[1]
    assert other.gain.value < best.gain.value
    assert other.reached is not None
    assert other.reached.value > 0
    curves = BudgetInput.read(kept).curves
    gained = float((curves.value(other.solution) - curves.value([10_000] * 2)).sum() - (other.solution - 10_000).sum())
    assert other.gain.value == pytest.approx(gained)
    assert sum(r.gain.value for r in other.rows) == pytest.approx(gained)
    assert other.worthwhile == best.worthwhile


def test_the_owners_aim_is_what_the_turn_and_its_weeks_go_by() -> None:
    given = view()
    given.book["aims"] = pa.Table.from_pylist([{"objective": "new_customers", "risk": None}], schema=DECIDING["aims"])
    board = split_board(given)
    assert board is not None
    assert board.objective == "new_customers"
    assert "objective=new_customers" in board.answer["why"]
    kept = json.loads(json.dumps(asdict(board), allow_nan=False))
    assert resolve(kept).objective == "new_customers"
    given.book["aims"] = pa.Table.from_pylist([{"objective": "clv", "risk": 0.2}], schema=DECIDING["aims"])
    memo: list[str] = []
    asked = budget_input(given.kpis, NOW, given.settings, None, memo, given.book["aims"])
    assert asked is not None
    assert "objective_unknown=clv" in memo
    assert (asked.objective, asked.risk) == ("contribution", 0.2)
    assert asked.decide().risk == 0.2
