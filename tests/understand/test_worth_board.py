from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from regulars.demo import simulate
from regulars.tables import conform
from regulars.tables.boards import board_body
from regulars.understand.clv import CLV
from regulars.understand.day_cells import day_cells
from regulars.understand.days import day_number
from regulars.understand.rfm import RFM
from regulars.understand.view import View
from regulars.understand.worth_board import worth_board

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 6, 1, tzinfo=ZoneInfo(ZONE))


def view(orders, facts=None, people=None):
    cells = day_cells(orders, zone=ZONE, until=day_number(NOW, ZONE), currency="CNY")
    clv = CLV(margin=0.6).fit_cells(cells)
    people = people or pa.table({k: pa.array([], pa.string()) for k in ("customer", "channel", "language")})
    rfm = RFM(zone=ZONE).fit_cells(cells).scored_
    settings = SimpleNamespace(zone=ZONE)
    nothing = pa.table({})
    return View(facts or {}, people, nothing, nothing, cells, rfm, clv.predict(), clv, nothing, NOW, settings, "1")


@pytest.fixture(scope="module")
def demo():
    facts = simulate(people=1500, seed=3, until=NOW).facts
    who = pc.unique(facts["orders"].column("customer").combine_chunks()).drop_null()
    n = len(who)
    people = pa.table(
        {"customer": who, "channel": [("web", "shop", None)[i % 3] for i in range(n)],
         "language": [("zh", "en")[i % 2] for i in range(n)]}
    )  # fmt: skip
    return view(facts["orders"], facts, people)


@pytest.fixture(scope="module")
def board(demo):
    return worth_board(demo)


def test_every_view_of_worth_adds_up_to_the_same_total(demo, board):
    total = demo.worth.column("clv").to_numpy().sum()
    assert board.total == pytest.approx(total)
    for rows in (board.cohorts, board.channels):
        assert sum(r.equity for r in rows) == pytest.approx(total)
        assert sum(r.customers for r in rows) == board.customers
    assert sum(n for _, _, n in board.bins) == board.customers
    assert {r.key for r in board.channels} == {"web", "shop", ""}


def test_the_tests_of_the_model_are_told(board):
    assert {t.model for t in board.trials} == {"mbg_nbd", "bg_nbd", "pareto_nbd"}
    assert board.tested.days >= 28
    assert board.tested.likely_mae < board.tested.naive_mae
    assert {g.by for g in board.groups} == {"language", "channel"}
    assert [c.model for c in board.cards] == ["regression_ltv", "contracts"]


def test_contracts_have_a_curve_and_a_score_per_customer(board):
    c = board.contracts
    assert 0 < c.active < c.contracts
    assert c.low < c.worth < c.high
    assert c.curve[0].model == 1.0
    scores = conform("scores", board.scores)
    assert set(scores.column("name").to_pylist()) == {"contract_worth"}
    assert pc.sum(scores.column("value")).as_py() == pytest.approx(c.worth)


def test_the_body_is_json_without_nan(board):
    text = json.dumps(board_body(board), default=asdict, allow_nan=False)
    assert len(text) < 60_000


@pytest.mark.parametrize("n", [1, 5])
def test_a_handful_of_customers(n):
    orders = {"customer": [f"c{i}" for i in range(n)], "day": ["2026-05-01"] * n, "amount": [100] * n,
              "currency": ["CNY"] * n}  # fmt: skip
    board = worth_board(view(orders))
    assert board.tested is None
    assert board.contracts is None
    assert "too_few_customers" in board.limits
    assert np.isfinite(board.total)
    json.dumps(board_body(board), default=asdict, allow_nan=False)
