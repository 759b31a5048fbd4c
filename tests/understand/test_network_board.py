"""The board of word of mouth, on the demo company whose truth is known."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.understand.board_view import view_of

from regulars.demo import simulate
from regulars.understand.network_board import network_board

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made():
    company = simulate(people=1_200, seed=3, until=NOW)
    return company, view_of(company.facts, company.people, NOW)


def test_the_board_counts_what_the_touches_say(made):
    company, view = made
    board = network_board(view)
    touches = company.facts["touches"]
    said = touches.filter(pc.is_valid(touches["referrer"]))
    assert board.referrals + board.ignored == len(set(zip(*(said[c].to_pylist() for c in ("customer", "referrer")),
                                                          strict=True)))  # fmt: skip
    assert board.referrals == pc.count_distinct(said["customer"]).as_py()
    # The demo's people bring .22 each in the end, at gamma-distributed ages: most of it within half a year.
    assert board.viral.low < 0.22
    assert board.viral.high > 0.12
    assert all(m.low <= m.value <= m.high for m in board.months)
    assert [m.complete for m in board.months][-1] is False
    assert sum(b.credit for b in board.top) <= board.credit
    assert {"viral_coefficient"} == {name for name, *_ in board.cards[0].metrics}


def test_credit_is_the_worth_of_all_who_were_brought(made):
    _, view = made
    board = network_board(view)
    own = dict(zip(view.cells.customers.to_pylist(), view.worth["clv"].to_pylist(), strict=True))
    brought = set(view.facts["touches"].filter(lambda t: t.referrer.notnull()).customer.to_pyarrow().to_pylist())
    assert board.credit == pytest.approx(sum(round(own.get(c) or 0) for c in brought), abs=2 * len(brought))
    assert board.credit == round(sum(board.scores["value"].to_pylist()))
    assert set(board.scores["name"].to_pylist()) == {"referral_worth"}


def test_the_body_can_be_kept_as_json_and_trees_name_parents_first(made):
    board = network_board(made[1])
    body = {f.name: getattr(board, f.name) for f in dataclasses.fields(board) if f.name not in ("scores", "cards")}
    json.dumps(body, default=dataclasses.asdict, allow_nan=False)
    for tree in board.trees:
        seen = set()
        for node in tree:
            assert node.referrer is None or node.referrer in seen
            seen.add(node.customer)
    assert list(board.asks) == sorted(board.asks, key=lambda a: -a.value)


@pytest.mark.parametrize("people", [1, 5])
def test_a_handful_of_customers_works_and_nobody_brought_is_nothing_to_say(made, people):
    company, _ = made
    orders = company.facts["orders"]
    keys = orders["customer"].unique().slice(0, people)
    few = {"orders": orders.filter(pc.is_in(orders["customer"], value_set=keys)),
           "touches": company.facts["touches"].slice(0, 0)}  # fmt: skip
    assert network_board(view_of(few, company.people.slice(0, 0), NOW)) is None
    touch = company.facts["touches"].slice(0, 1)
    for name, value in (("customer", keys[0]), ("referrer", "somebody")):
        at = touch.schema.get_field_index(name)
        touch = touch.set_column(at, name, pa.array([str(value)]))
    board = network_board(view_of({**few, "touches": touch}, company.people.slice(0, 0), NOW))
    assert (board.referrals, board.limits) == (1, ("few_referrals",))
