from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.measure.conftest import at

from regulars.home import Settings
from regulars.measure.attribution_board import AttributionBoard, attribution_board
from regulars.measure.credit import attribution
from regulars.measure.history import cubes
from regulars.measure.sales import fact
from regulars.measure.view import View
from regulars.tables import SCORES
from regulars.tables.boards import board_body

NOW = at(300)


def made(facts: dict[str, Any], **settings: Any) -> AttributionBoard | None:
    own = Settings(**({"zone": "UTC"} | settings))
    view = View(facts, cubes(facts, NOW.date()), pd.DataFrame(), pd.DataFrame(), SCORES.empty(), None, {}, NOW.date(),
                NOW, own, "1")  # fmt: skip
    return attribution_board(view)


def company(rows: Any, seed: int = 1, orders: int = 400) -> dict[str, pa.Table]:
    """Search opens, mail closes; a shop sells without any contact; journeys of fairs come to nothing."""
    rng = np.random.default_rng(seed)
    sold, seen = [], []
    for i in range(orders):
        day, who = float(rng.uniform(0, 250)), f"c{i}"
        sold.append({"day": day, "customer": who, "amount": int(rng.integers(1_000, 9_000)), "channel": "shop"})
        if rng.random() < 0.8:
            seen += [{"day": day - 5, "customer": who, "channel": "search"},
                     {"day": day - 1, "customer": who, "channel": "mail"}]  # fmt: skip
    seen += [{"day": float(d), "customer": f"n{i}", "channel": "fair"} for i, d in enumerate(rng.uniform(0, 300, 60))]
    spend = [{"day": d, "channel": c, "amount": a} for d in range(0, 250, 25) for c, a in (("search", 40_000),
                                                                                         ("mail", 10))]  # fmt: skip
    return {"orders": rows("orders", *sold), "touches": rows("touches", *seen), "spend": rows("spend", *spend)}


def test_the_board_says_who_opens_who_closes_and_what_to_test(rows: Any) -> None:
    facts = company(rows)
    board = made(facts)
    assert board is not None
    assert board.orders == 400
    assert board.money == sum(facts["orders"]["amount"].to_pylist())
    by = {r.channel: r for r in board.rows}
    for row in board.rows:
        for credit in row.credits:
            assert credit.low <= credit.money <= credit.high
    for method in board.methods:
        own = [c for r in board.rows for c in r.credits if c.method == method]
        assert sum(c.money for c in own) == board.money
        assert sum(c.orders for c in own) == pytest.approx(400, abs=1e-6)
    assert (by["search"].least, by["search"].most) == ("last", "first")
    assert (by["mail"].least, by["mail"].most) == ("first", "last")
    assert by["search"].clear
    assert by["search"].spread > 0.5
    # A fair that won nobody costs others nothing.
    assert max(c.money for c in by["fair"].credits) == 0
    assert board.test is not None
    assert board.test.channel == "search"
    assert board.test.flips
    assert board.test.roas_low == 0
    touched = set(facts["touches"]["customer"].to_pylist())
    assert board.unknown == sum(c not in touched for c in facts["orders"]["customer"].to_pylist())
    assert [g.orders for g in board.lengths[:2]] == [board.unknown, 400 - board.unknown]
    assert next(g.orders for g in board.waits if g.low == 3) == 400 - board.unknown
    assert board.paths[0].path == ("search", "mail")
    text = json.dumps(board_body(board), default=asdict)
    assert "NaN" not in text


def test_the_rules_equal_the_key_figures_of_credit(rows: Any) -> None:
    facts = company(rows, seed=3)
    board = made(facts)
    assert board is not None
    sums = attribution(fact(facts, "orders"), fact(facts, "touches")).groupby(["model", "channel"])["revenue"].sum()
    for row in board.rows:
        for credit in row.credits:
            if credit.method in ("first", "last"):
                assert credit.money == sums.get((credit.method, row.channel), 0)
            if credit.method == "linear":
                # Rounded once a month there, once here.
                assert credit.money == pytest.approx(sums.get(("linear", row.channel), 0), abs=12)


def test_journeys_still_open_and_orders_older_than_a_year_are_left_out(rows: Any) -> None:
    facts = {
        "orders": rows("orders", {"day": -80, "customer": "a", "amount": 5}, {"day": 10, "customer": "b", "amount": 7}),
        "touches": rows("touches", {"day": 290, "customer": "x", "channel": "mail"},
                        {"day": 100, "customer": "y", "channel": "mail"}),
    }  # fmt: skip
    board = made(facts)
    assert board is not None
    assert (board.orders, board.money, board.lost) == (1, 7, 1)
    assert NOW - at(-80) > timedelta(days=365)


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_company_of_nobody_or_a_few(rows: Any, n: int) -> None:
    board = made(company(rows, orders=n))
    if not n:
        assert board is None
        return
    assert board is not None
    assert board.orders == n
    assert "few_conversions" in board.limits
    json.dumps(board_body(board), default=asdict, allow_nan=False)


def test_other_currencies_are_not_added(rows: Any) -> None:
    facts = {"orders": rows("orders", {"day": 9, "customer": "a", "amount": 5, "currency": "USD"})}
    assert made(facts) is None
    board = made(facts, currency="USD")
    assert board is not None
    assert board.rows[0].channel == "direct"
    assert board.test is None
    assert "few_contacts_known" in board.limits
