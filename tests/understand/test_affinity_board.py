"""The board of what next: a planted company told back, and every kind of little data said plainly."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pytest

from regulars.tables import ORDER_LINES, SCORES
from regulars.understand.affinity_board import affinity_board
from regulars.understand.next_orders import billed, follows, renewing
from regulars.understand.purchase_lines import purchases

NOW = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("UTC"))
START = date(2025, 6, 1)


def lines_of(rows):
    """(order, customer, day, product[, quantity, kind]) as rows of the lake."""
    filled = [(*r, *(1.0, "sale")[len(r) - 4 :]) for r in rows]
    columns = list(zip(*filled, strict=True)) or [()] * 6
    day = [START + timedelta(days=int(d)) for d in columns[2]]
    at = [datetime(d.year, d.month, d.day, 12, tzinfo=ZoneInfo("UTC")) for d in day]
    return ORDER_LINES.fill(
        {
            "source": "shop", "id": [str(i) for i in range(len(filled))], "revision": 0, "recorded_at": NOW,
            "order_id": list(columns[0]), "customer": pa.array(columns[1], pa.string()), "at": at, "day": day,
            "kind": list(columns[5]), "product": list(columns[3]), "goods": True, "quantity": list(columns[4]),
            "amount": 100, "currency": "CNY",
        },
        len(filled),
    )  # fmt: skip


def view_of(rows, people=(), segments=()):
    score = {"customer": [c for c, _ in segments], "name": "segment", "label": [s for _, s in segments],
             "made_by": "rfm", "made_at": NOW, "lake_version": "v"}  # fmt: skip
    products = {"source": ["shop"], "sku": ["POST"], "title": ["postage"], "goods": [False]}
    return SimpleNamespace(
        facts={"order_lines": ibis.memtable(lines_of(rows))},
        people=pa.table({"customer": pa.array([c for c, _ in people], pa.string()),
                         "channel": pa.array([k for _, k in people], pa.string())}),
        scores=SCORES.fill(score, len(segments)), products=pa.table(products), now=NOW,
        settings=SimpleNamespace(zone="UTC"), lake_version="v",
    )  # fmt: skip


def shop(people=400, seed=0):
    """Tea goes with milk; a kettle is bought once, filters follow it; a plan renews each month with its bill."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(people):
        who = f"c{i:011d}"
        for day in rng.choice(360, rng.integers(2, 8), replace=False):
            order = f"{who}-{day}"
            basket = {"tea"} if rng.random() < 0.5 else {str(rng.choice(["cake", "jam", "rice"]))}
            if "tea" in basket and rng.random() < 0.5:
                basket.add("milk")
            rows += [(order, who, day, p) for p in sorted(basket)]
        if rng.random() < 0.4:
            day = rng.integers(0, 250)
            rows += [(f"{who}-k", who, day, "kettle"), (f"{who}-f", who, day + rng.integers(5, 40), "filter")]
        if i % 10 == 0:
            for month in range(11):
                order = f"{who}-p{month}"
                rows += [(order, who, 30 * month, p) for p in ("plan", "bill")[: 1 + (i % 20 == 0)]]
    return rows


@pytest.fixture(scope="module")
def board():
    rows = shop()
    people = [(f"c{i:011d}", "search") for i in range(400)] + [("lead", "search"), ("stray", None)]
    segments = [(f"c{i:011d}", "loyal" if i % 2 else "new") for i in range(400)]
    return affinity_board(view_of(rows, people, segments))


def test_what_was_planted_is_told_back(board):
    assert {(r.product, r.then) for r in board.rules} == {("milk", "tea")}
    assert board.unit == "orders"
    assert ("kettle", "filter") in {(f.product, f.then) for f in board.follows}
    kettle = next(f for f in board.follows if f.product == "kettle")
    assert kettle.low <= kettle.share <= kettle.high
    assert 5 <= kettle.days <= 40
    assert {p.product for p in board.products if p.renews} == {"plan", "bill"}
    assert board.near["milk"][0][0] == "tea"
    assert board.held_out is not None
    assert {c.model for c in board.cards} == {"ease", "cross_sell"}


def test_everybody_gets_one_product_with_a_reason(board):
    scores = board.scores.to_pylist()
    assert len({r["customer"] for r in scores}) == len(scores) == 402
    by = {r["customer"]: r for r in scores}
    assert by["lead"]["why"] == "popular_in=search"
    assert by["stray"]["why"] == "popular"
    assert by["lead"]["value"] is None
    buyers = [r for r in scores if r["made_by"] == "cross_sell/1"]
    assert all(0 <= r["low"] <= r["value"] <= r["high"] <= 1 for r in buyers)
    assert all(r["why"].startswith("within_days=") for r in buyers)
    # The bill comes with the plan: nobody is offered it, and who has the plan is not offered the plan.
    assert "bill" not in {r["label"] for r in scores}
    assert board.left_out["not_for_sale"] == 400
    assert not [r for r in buyers if r["label"] == "plan" and int(r["customer"][1:]) % 10 == 0]
    assert sum(s.people for s in board.segments) == len(buyers)


def test_the_body_is_json(board):
    body = {f.name: getattr(board, f.name) for f in dataclasses.fields(board) if f.name not in ("scores", "cards")}
    assert json.loads(json.dumps(body, default=dataclasses.asdict, allow_nan=False))["orders"] == board.orders


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_handful_of_customers_is_no_error(n):
    rows = [(f"o{i}", f"c{i:011d}", i, p) for i in range(n) for p in ("tea", "milk")[: 1 + i % 2]]
    board = affinity_board(view_of(rows, [("lead", "web")]))
    assert board.rules == ()
    assert "too_few_orders" in board.limits
    assert board.held_out is None
    assert board.segments == ()
    assert [r["label"] for r in board.scores.to_pylist()] == ["tea"]
    assert next(c for c in board.cards if c.model == "ease").metrics == ()


def test_nobody_and_one_product_only():
    assert affinity_board(view_of([])) is None
    assert affinity_board(view_of([("o", "c", 1, "POST")])) is None
    alone = affinity_board(view_of([(f"o{i}", f"c{i % 9}", i * 3, "tea") for i in range(100)]))
    assert alone.rules == ()
    assert alone.near == {"tea": ()}


def test_where_orders_hold_one_product_people_are_counted():
    rng = np.random.default_rng(1)
    rows = []
    for i in range(600):
        owned = [p for p in ("gpu", "api", "labels") if rng.random() < 0.3]
        owned += ["course"] if "gpu" in owned and rng.random() < 0.8 else []
        rows += [(f"{i}-{p}", f"c{i}", rng.integers(0, 360), p) for p in owned]
    board = affinity_board(view_of(rows))
    assert board.unit == "people"
    assert {(r.product, r.then) for r in board.rules} == {("course", "gpu")}


def test_what_was_sent_back_was_not_bought():
    rows = [("o1", "a", 1, "tea"), ("o1", "a", 1, "milk"), ("o1", "a", 9, "milk", -1.0, "refund"),
            ("o2", None, 2, "tea"), ("o2", None, 2, "tea", 2.0), ("o3", "b", 400, "tea")]  # fmt: skip
    bought = purchases(lines_of(rows), until=20_400)
    kept = [
        (bought.products[p], bought.people[w] if w >= 0 else None) for p, w in zip(bought.what, bought.who, strict=True)
    ]
    assert sorted(kept, key=str) == [("tea", "a"), ("tea", None)]
    assert bought.orders == 2
    lazy = purchases(ibis.memtable(lines_of(rows)), until=20_400)
    assert (lazy.what == bought.what).all()
    assert (lazy.day == bought.day).all()
    with pytest.raises(KeyError, match="product"):
        purchases({"customer": ["a"]})


def test_luck_is_no_sequence_and_unseen_days_do_not_count():
    rng = np.random.default_rng(0)
    rows = [(f"{i}-{k}", f"c{i}", int(d), f"p{rng.integers(6)}") for i in range(500)
            for k, d in enumerate(rng.choice(300, 4, replace=False))]  # fmt: skip
    bought = purchases(lines_of(rows))
    assert len(follows(bought, until=int(bought.day.max()))) <= 1
    pair = [r for i in range(60) for r in ((f"{i}a", f"c{i}", i, "x"), (f"{i}b", f"c{i}", i + 10, "y"))]
    pair += [(f"n{i}", f"n{i}", i, "z") for i in range(200)]
    seen = purchases(lines_of(pair))
    whole = follows(seen, until=int(seen.day.max()) + 90)
    assert [(f.product, f.then, f.times, f.count, f.days) for f in whole] == [("x", "y", 60, 60, 10.0)]
    early = follows(seen, until=int(seen.day.min()) + 29 + 90)
    assert early[0].times == early[0].count == 30


def test_contracts_are_told_from_habits():
    rng = np.random.default_rng(0)
    rows = [(f"m{i}-{k}", f"c{i}", 30 * k + int(rng.integers(0, 3)), "plan") for i in range(10) for k in range(6)]
    rows += [(f"h{i}-{k}", f"c{i}", int(d), "tea") for i in range(10) for k, d in enumerate(rng.choice(300, 8))]
    rows += [(f"m{i}-{k}", f"c{i}", 30 * k, "bill") for i in range(5) for k in range(6)]
    bought = purchases(lines_of(rows))
    renews = renewing(bought)
    assert dict(zip(bought.products, renews.tolist(), strict=True)) == {"bill": True, "plan": True, "tea": False}
    assert dict(zip(bought.products, billed(bought, renews).tolist(), strict=True)) == {
        "bill": True, "plan": False, "tea": False,
    }  # fmt: skip
