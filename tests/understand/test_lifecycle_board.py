"""The boards of the lifecycle and of personas, from the facts of a simulated shop."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from tests.understand.test_lifecycle import shop

from regulars.home import Settings
from regulars.tables import ACTIVITY_STATES, ORDER_LINES, PEOPLE, PRODUCTS, SCORES, TEXTS, conform
from regulars.understand.clv import CLV
from regulars.understand.day_cells import day_cells
from regulars.understand.days import day_number
from regulars.understand.lifecycle import activity_now
from regulars.understand.lifecycle_board import lifecycle_board
from regulars.understand.personas_board import personas_board
from regulars.understand.rfm import RFM
from regulars.understand.segments import RuleSegments
from regulars.understand.view import View

NOW = datetime(2025, 12, 31, 12, tzinfo=UTC)


def empty(shape):
    return (shape.schema if hasattr(shape, "schema") else shape).empty_table()


def table(shape, columns, n):
    schema = shape.schema if hasattr(shape, "schema") else shape
    return pa.table([pa.array(columns.get(f.name, [None] * n), f.type) for f in schema], schema=schema)


def view(orders, people=None, texts=None, products=None, lines=None):
    cells = day_cells(orders, until=day_number(NOW))
    rfm = RFM().fit_cells(cells).scored_
    clv = CLV().fit_cells(cells) if len(cells.code) else None
    worth = clv.predict() if clv else pa.table({"clv": pa.array([], pa.float64())})
    parts = []
    if clv:
        states, _left = activity_now(cells, clv.model_, "too_few_customers" in clv.card_.limits)
        base = {"customer": rfm.column("customer"), "made_by": "x/1", "made_at": NOW, "lake_version": "1"}
        labels = {"activity": states, "segment": RuleSegments().predict(rfm)}
        parts = [SCORES.fill({**base, "name": name, "label": v}, rfm.num_rows) for name, v in labels.items()]
    return View(
        {"order_lines": ORDER_LINES.empty() if lines is None else lines}, people or empty(PEOPLE),
        texts or empty(TEXTS), products or empty(PRODUCTS), cells, rfm, worth, clv,
        pa.concat_tables(parts) if parts else SCORES.empty(), NOW, Settings(), "1",
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole():
    orders = shop(900, 731, 0)
    first: dict[str, str] = {}
    for customer, day in zip(orders["customer"], orders["day"], strict=True):
        first[customer] = min(day, first.get(customer, day))
    keys = sorted(first)
    known = [datetime.fromisoformat(first[k]).replace(tzinfo=UTC) for k in keys]
    silent = [f"x{i:04d}" for i in range(300)]
    n = len(keys) + len(silent)
    people = table(
        PEOPLE,
        {
            "customer": keys + silent, "stage": ["customer"] * len(keys) + ["lead"] * 300,
            "language": ["zh", "en"] * (n // 2), "channel": ["web", "shop", "web"] * (n // 3),
            "created_at": known + [known[0]] * 300,
        },
        n,
    )  # fmt: skip
    texts = table(TEXTS, {"customer": keys[:200], "kind": ["csat"] * 200, "score": [4.0, 5.0] * 100}, 200)
    lines = ORDER_LINES.fill({"customer": keys, "product": ["tea"] * len(keys), "kind": "sale", "source": "s",
                              "id": keys,
                              "revision": 0, "recorded_at": NOW, "order_id": keys, "at": NOW, "day": NOW.date(),
                              "goods": True, "quantity": 1.0, "amount": 1, "currency": "CNY"}, len(keys))  # fmt: skip
    products = table(PRODUCTS, {"sku": ["tea"], "title": ["Oolong"]}, 1)
    return view(orders, people, texts, products, lines)


def test_the_lifecycle_adds_up(whole):
    board = lifecycle_board(whole)
    assert sum(s.size for s in board.states) == board.customers == 900
    assert [s.key for s in board.states] == list(ACTIVITY_STATES)
    assert sum(s.worth for s in board.states) == pytest.approx(np.sum(whole.worth.column("clv").to_numpy()))
    # Who stood somewhere a month ago stands somewhere now; the newest sizes are the ends of the flows.
    ends = {key: sum(n for span, _a, b, n in board.flows if span == 1 and b == key) for key in ACTIVITY_STATES}
    assert list(ends.values()) == list(board.sizes[-1])
    for state in board.states:
        coming = sum(m.expected for m in board.moves if m.before == state.key)
        assert coming <= state.size + 1e-6
    assert board.test["logit"] < board.test["matrix"]
    assert dict(board.stages) == {"customer": 900, "lead": 300}
    assert all(w.slip > 0 for w in board.watched)
    body = {k: v for k, v in vars(board).items() if k not in ("cards", "scores")}
    json.dumps({k: [asdict(x) if hasattr(x, "__dataclass_fields__") else x for x in v] if isinstance(v, tuple) else v
                for k, v in body.items()}, allow_nan=False)  # fmt: skip


def test_its_scores_fit_the_lake_and_its_card_says_how_it_was_tested(whole):
    board = lifecycle_board(whole)
    scores = conform("scores", board.scores).to_pandas()
    assert set(scores["name"]) == {"next_state", "slip"}
    assert scores["value"].between(0, 1).all()
    assert len(scores) == 1800
    [card] = board.cards
    assert {m[0] for m in card.metrics} >= {"log_loss", "log_loss_matrix", "calibration_error"}
    assert {g.group for g in card.groups} == {"zh", "en"}


def test_who_became_a_customer_at_once_and_who_never_did(whole):
    week = lifecycle_board(whole).conversion[0]
    assert week.days == 7
    # 900 of 1,200 ordered on the day they were known; the other 300 were known from the first day and never did.
    assert week.share == pytest.approx(0.75)
    assert week.low < 0.75 < week.high


def test_personas_have_everybody_once(whole):
    board = personas_board(whole)
    found = board.personas["rules"]
    assert sum(p.size for p in found) == 900
    assert board.titles == {"tea": "Oolong"}
    assert all(p.products[0].share == 1.0 for p in found)
    assert {v.kind for p in found for v in p.voice} == {"csat"}
    assert all(sum(share for _name, share in p.states) <= 1 + 1e-9 for p in found)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_handful_of_customers_is_no_error(n):
    some = view({"customer": [str(i) for i in range(n)], "day": ["2025-12-01"] * n, "amount": [100] * n})
    board = lifecycle_board(some)
    assert (board is None) == (n == 0)
    assert (personas_board(some) is None) == (n == 0)
    if board is not None:
        assert board.scores is None
        assert board.limits == ("too_few_customers", "history_too_short")
        assert board.moves == ()
