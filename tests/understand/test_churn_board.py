"""The boards of leaving and behaviour on the simulated company, and on companies of nobody, one and five."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from regulars.demo import simulate
from regulars.tables import PEOPLE, PRODUCTS, SCORES, TEXTS
from regulars.understand import CLV, RFM
from regulars.understand.behaviour_board import behaviour_board
from regulars.understand.churn_board import churn_board
from regulars.understand.day_cells import day_cells
from regulars.understand.lifecycle import activity
from regulars.understand.view import View

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SETTINGS = SimpleNamespace(zone="UTC", currency="CNY", margin=0.6, horizon_days=365, discount_rate=0.1, message_cost=5)


def view_of(facts, people=None):
    cells = day_cells(
        facts["orders"], until=(NOW.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days, currency="CNY"
    )
    clv = CLV(margin=0.6, draws=50).fit_cells(cells)
    rfm = RFM().fit_cells(cells).scored_
    since, age, orders = (rfm.column(c).to_numpy() for c in ("days_since_last", "T", "orders"))
    scores = SCORES.fill({"customer": rfm.column("customer").cast(pa.string()), "name": "activity",
                          "label": activity(since, age, orders, 30.0), "made_by": "activity/1", "made_at": NOW,
                          "lake_version": "v"}, rfm.num_rows)  # fmt: skip
    return View(facts, PEOPLE.empty_table() if people is None else people, TEXTS.empty_table(), PRODUCTS.empty_table(),
                cells, rfm, clv.predict(), clv, scores, NOW, SETTINGS, "v")  # fmt: skip


@pytest.fixture(scope="module")
def demo():
    made = simulate(people=900, seed=2, until=NOW)
    people = pa.table({f.name: made.people.column(f.name).cast(f.type) if f.name in made.people.column_names
                       else pa.nulls(made.people.num_rows, f.type) for f in PEOPLE})  # fmt: skip
    return view_of(
        {k: v for k, v in made.facts.items() if k in ("orders", "subscriptions", "usage", "feedback")}, people
    )


@pytest.fixture(scope="module")
def board(demo):
    return churn_board(demo)


def body_of(board):
    plain = replace(board, scores=None, cards=())
    return {f.name: v for f in fields(plain) if (v := asdict(plain)[f.name]) is not None}


def test_the_four_corners_hold_everybody_once(board):
    assert sum(c.customers for c in board.corners) == board.customers
    assert sum(c.loss for c in board.corners) == pytest.approx(board.loss, abs=4)
    hot = [c for c in board.corners if c.key in ("save", "let_go")]
    assert sum(c.customers for c in hot) == board.at_risk
    assert sum(c.loss for c in hot) == pytest.approx(board.loss_at_risk, abs=2)
    named = [k for c in board.corners for k in c.people]
    assert len(named) == len(set(named))


def test_scores_are_the_board_customer_by_customer(board, demo):
    scores = board.scores.to_pandas()
    loss = scores[scores.name == "loss_90"]
    assert len(loss) == board.customers == loss.customer.nunique()
    assert loss.value.sum() == pytest.approx(board.loss, abs=len(loss))
    risk = scores[scores.name == "leave_90"]
    assert len(risk) == len(loss)
    assert ((risk.value >= 0) & (risk.value <= 1)).all()
    assert ((risk.low <= risk.value + 1e-9) & (risk.value <= risk.high + 1e-9)).all()
    assert risk.why.str.contains("up_|down_|risk_from_silence").all()
    assert set(loss.customer) <= set(demo.cells.customers.to_pylist())


def test_it_is_json_without_a_hole(board, demo):
    for one in (board, behaviour_board(demo)):
        text = json.dumps(body_of(one), allow_nan=False)
        assert len(text) < 60_000


def test_contracts_are_read_where_there_are_some(board):
    assert board.basis == "both"
    assert board.contracts > 30
    assert board.survival[0][0] == 1
    [card] = board.cards
    assert {g.by for g in card.groups} >= {"language", "channel"}
    assert card.calibration


def test_without_contracts_silence_is_read(demo):
    board = churn_board(replace(demo, facts={"orders": demo.facts["orders"]}))
    assert board.basis == "silence"
    assert board.cards == ()
    assert board.trials == ()
    assert board.at_risk > 0


def test_behaviour_tells_who_buys_and_when(demo):
    board = behaviour_board(demo)
    assert {t.model for t in board.trials} == {"logistic", "boosting", "forest", "neural"}
    assert board.aims[0].expected == pytest.approx(
        board.scores.to_pandas().query("name == 'buy_30'").value.sum(), rel=1e-6)  # fmt: skip
    scores = board.scores.to_pandas()
    days = scores[scores.name == "next_purchase_days"]
    assert (days.low.fillna(0) <= days.value + 1).all()
    assert (days.label.str.len() == 10).all()
    assert board.threshold.chance == pytest.approx(board.cost / board.gain)
    assert {c.model for c in board.cards} >= {"behaviour_purchase"}


@pytest.mark.parametrize("n", [1, 5])
def test_a_handful_of_customers(n):
    days = np.datetime64("2026-05-01") + np.arange(n)
    orders = pa.table({"customer": [f"c{i}" for i in range(n)], "amount": [1000] * n, "day": pa.array(days),
                       "currency": ["CNY"] * n})  # fmt: skip
    view = view_of({"orders": orders})
    board, after = churn_board(view), behaviour_board(view)
    assert board.customers == n
    assert after.limits
    for one in (board, after):
        json.dumps(body_of(one), allow_nan=False)


def test_nobody_is_nothing_to_say():
    day = pa.array(np.array(["2020-01-01"], dtype="datetime64[D]"))
    orders = pa.table({"customer": ["a"], "amount": [1000], "day": day, "currency": ["CNY"]})
    assert churn_board(view_of({"orders": orders})) is None
