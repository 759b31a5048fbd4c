"""States of disjoint days merge to the state of all days, to the last minor unit, whatever the cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand import RFM
from regulars.understand.customer_states import (
    customer_states,
    day_cell_rows,
    merged,
    states_in_parts,
    states_of_rows,
)
from regulars.understand.rfm import summary

ROW = st.tuples(
    st.integers(0, 5), st.integers(0, 30), st.integers(1, 10**12), st.sampled_from(["sale", "sale", "refund"]),
    st.sampled_from(["paid", "paid", "unpaid"]), st.sampled_from(["CNY", "CNY", "USD"]),
)  # fmt: skip


def table(rows):
    customer, day, amount, kind, status, currency = zip(*rows, strict=True) if rows else [()] * 6
    money = [-a if k == "refund" else a for a, k in zip(amount, kind, strict=True)]
    return pa.table(
        {
            "customer": pa.array([f"c{c:011d}" for c in customer], pa.string()),
            "day": pa.array(day, pa.int32()).cast(pa.date32()), "amount": pa.array(money, pa.int64()),
            "kind": pa.array(kind, pa.string()), "status": pa.array(status, pa.string()),
            "currency": pa.array(currency, pa.string()),
        }
    )  # fmt: skip


def by_hand(rows, until):
    """Every customer's figures, one order after the other."""
    found = {}
    for customer in sorted({r[0] for r in rows}):
        mine = sorted((r for r in rows if r[0] == customer and r[1] <= until), key=lambda r: (r[1], r[3] == "refund"))
        days, early, orders = {}, 0, 0
        for _, day, amount, kind, status, currency in mine:
            money = amount if currency == "CNY" else 0
            if kind == "sale" and status == "paid":
                days[day] = days.get(day, 0) + money
                orders += 1
            elif kind == "refund" and days:
                days[max(days)] -= money
            elif kind == "refund":
                early -= money
        if days:
            first = min(days)
            repeat = sum(v for d, v in days.items() if d != first)
            found[f"c{customer:011d}"] = (first, max(days), len(days) - 1, orders, repeat, days[first] + early + repeat)
    return found


def figures(states):
    out = summary(states)
    repeat = states.repeat_amount[np.flatnonzero(states.days)]
    columns = [out[c].cast(pa.int32()).to_pylist() for c in ("first_day", "last_day")]
    columns += [out[c].to_pylist() for c in ("frequency", "orders")]
    return dict(zip(out["customer"].to_pylist(), zip(*columns, repeat.tolist(), out["spent"].to_pylist(), strict=True),
                    strict=True))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, max_size=40), st.lists(st.integers(1, 30), max_size=4))
def test_any_cut_gives_the_integers_of_the_whole(rows, cuts):
    whole = customer_states(table(rows), until=30, currency="CNY")
    edges = sorted({0, *cuts, 31})
    parts = []
    for start, stop in pairwise(edges):
        some = customer_states(table([r for r in rows if start <= r[1] < stop]), until=stop - 1, currency="CNY")
        parts.append(replace(some, from_day=start))
    left = parts[0]
    for part in parts[1:]:
        left = merged([left, part])
    expected = by_hand(rows, 30)
    assert figures(whole) == figures(merged(parts)) == figures(left) == expected


@pytest.fixture(scope="module")
def orders():
    rng = np.random.default_rng(5)
    rows = [
        (int(c), int(d), int(a), k, s, u)
        for c, d, a, k, s, u in zip(
            rng.integers(0, 300, 4000), rng.integers(0, 700, 4000), rng.integers(1, 10**9, 4000),
            rng.choice(["sale", "sale", "refund"], 4000), rng.choice(["paid", "unpaid"], 4000),
            rng.choice(["CNY", "USD"], 4000), strict=True,
        )
    ]  # fmt: skip
    return rows, table(rows)


def test_an_engine_and_parts_of_days_give_the_same_integers(orders, monkeypatch):
    rows, arrow = orders
    lazy = ibis.memtable(arrow)
    expected = by_hand(rows, 650)
    cells = day_cell_rows(lazy, until=650, currency="CNY").to_pyarrow()
    assert figures(states_of_rows(cells, to_day=650)) == expected
    monkeypatch.setattr("regulars.understand.customer_states.PART", 300)
    parts = list(states_in_parts(lazy, until=650, currency="CNY"))
    assert len(parts) > 5
    assert {k: v for part in parts for k, v in figures(part).items()} == expected


def test_a_table_of_the_lake_gives_the_same_scores_as_one_in_memory(orders, monkeypatch):
    monkeypatch.setattr("regulars.understand.customer_states.PART", 500)
    in_memory = RFM(currency="CNY").fit(orders[1]).scored_
    assert RFM(currency="CNY").fit(ibis.memtable(orders[1])).scored_.equals(in_memory)


def test_a_day_told_twice_is_refused():
    one = customer_states({"customer": ["a"], "day": ["2026-01-01"], "amount": [1]})
    with pytest.raises(ValueError, match="make the states of these days anew"):
        merged([one, one])


def test_nobody_is_a_state_too():
    nobody = customer_states(table([]), until=5)
    assert summary(nobody).num_rows == 0
    later = customer_states({"customer": ["a"], "day": ["1970-01-09"], "amount": [7]})
    assert summary(merged([nobody, later]))["spent"].to_pylist() == [7]
    assert RFM().fit(ibis.memtable(table([]))).scored_.num_rows == 0
