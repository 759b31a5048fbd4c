from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from regulars.understand import RFM

DAY0 = date(2026, 1, 1)

rows = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cat", None]),
        st.integers(0, 20),
        st.integers(1, 10_000),
        st.sampled_from(["sale", "sale", "refund"]),
        st.sampled_from(["paid", "paid", "unpaid", "cancelled"]),
    ),
    max_size=40,
)


def brute_force(orders, until):
    days: dict[str, dict[int, list[int]]] = defaultdict(dict)
    for customer, day, amount, kind, status in orders:
        if customer and kind == "sale" and status == "paid" and day <= until:
            cell = days[customer].setdefault(day, [0, 0])
            cell[0] += 1
            cell[1] += amount
    for customer, day, amount, kind, _ in orders:
        if customer in days and kind == "refund" and day <= until:
            before = [d for d in days[customer] if d <= day]
            days[customer][max(before) if before else min(days[customer])][1] -= amount
    result = {}
    for customer, cells in sorted(days.items()):
        seen = sorted(cells)
        repeat = [cells[d][1] for d in seen[1:]]
        result[customer] = (
            len(seen) - 1, seen[-1] - seen[0], until - seen[0], sum(c[0] for c in cells.values()),
            sum(repeat) / len(repeat) if repeat else 0.0, sum(c[1] for c in cells.values()),
        )  # fmt: skip
    return result


@settings(deadline=None)
@given(rows, st.integers(5, 20))
def test_summary_equals_counting_by_hand(orders, until):
    table = pa.table(
        {
            "customer": pa.array([o[0] for o in orders], pa.string()),
            "day": pa.array([DAY0 + timedelta(days=o[1]) for o in orders], pa.date32()),
            "amount": pa.array([o[2] * (-1 if o[3] == "refund" else 1) for o in orders], pa.int64()),
            "kind": pa.array([o[3] for o in orders], pa.string()),
            "status": pa.array([o[4] for o in orders], pa.string()),
        }
    )
    found = RFM(until=DAY0 + timedelta(days=until)).fit_transform(table)
    columns = ["frequency", "recency", "T", "orders", "monetary", "spent"]
    got = {r["customer"]: tuple(r[c] for c in columns) for r in found.to_pylist()}
    assert got == brute_force(orders, until)
    assert found.column("spent").type == pa.int64()


def test_orders_around_midnight_fall_on_the_company_day():
    at = [datetime(2026, 1, 1, 15, 59, tzinfo=UTC), datetime(2026, 1, 1, 16, 1, tzinfo=UTC)]
    orders = pa.table({"customer": ["ann", "ann"], "at": pa.array(at, pa.timestamp("us", tz="UTC")), "amount": [1, 1]})
    assert RFM(zone="UTC").fit_transform(orders).column("frequency").to_pylist() == [0]
    assert RFM(zone="Asia/Shanghai").fit_transform(orders).column("frequency").to_pylist() == [1]


def test_a_void_cancels_the_row_it_repeats_and_nothing_else():
    orders = pa.table(
        {
            "source": ["shop"] * 4, "id": ["1", "1", "1", "2"], "revision": [0, 0, 1, 0],
            "kind": ["sale", "void", "sale", "sale"], "status": ["paid"] * 4, "customer": ["ann"] * 4,
            "day": pa.array([DAY0, DAY0, DAY0, DAY0 + timedelta(days=3)]), "amount": [500, -500, 700, 900],
        }
    )  # fmt: skip
    row = RFM().fit_transform(orders).to_pylist()[0]
    assert (row["orders"], row["frequency"], row["spent"]) == (2, 1, 1600)
    with pytest.raises(ValueError, match="source, id, revision"):
        RFM().fit(orders.drop_columns(["source", "id", "revision"]))


def test_two_currencies_are_never_added_up():
    orders = {"customer": ["a", "a"], "day": ["2026-01-01", "2026-01-02"], "amount": [1, 2], "currency": ["CNY", "USD"]}
    with pytest.raises(ValueError, match="CNY, USD"):
        RFM().fit(orders)
    row = RFM(currency="CNY").fit_transform(orders).to_pylist()[0]
    assert (row["orders"], row["spent"]) == (2, 1)


def test_quintiles_split_evenly_and_equal_values_get_equal_scores():
    orders = pd.DataFrame(
        {
            "customer": [f"c{i:03d}" for i in range(100)],
            "day": [DAY0 + timedelta(days=i) for i in range(100)],
            "amount": np.arange(100) + 1,
        }
    )
    table = RFM().fit_transform(orders)
    assert table["m"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 20)
    assert table["r"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 20)
    assert set(table["f"]) == {1}
    assert table.set_index("customer").loc["c099", "rfm"] == "5-1-5"


def test_result_does_not_depend_on_row_order_and_comes_back_as_given():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "customer": rng.integers(0, 50, 400).astype(str),
            "day": [DAY0 + timedelta(days=int(d)) for d in rng.integers(0, 300, 400)],
            "amount": rng.integers(1, 999, 400),
        }
    )
    there = RFM().fit_transform(frame)
    pd.testing.assert_frame_equal(there, RFM().fit_transform(frame.sample(frac=1, random_state=1)))
    back = RFM().fit_transform(ibis.memtable(frame))
    assert back.to_pyarrow().to_pylist() == RFM().fit_transform(pa.Table.from_pandas(frame)).to_pylist()


def test_no_orders_give_no_customers():
    empty = pa.table({"customer": pa.array([], pa.string()), "day": pa.array([], pa.date32()),
                      "amount": pa.array([], pa.int64())})  # fmt: skip
    assert RFM().fit_transform(empty).num_rows == 0


def test_follows_scikit_learn_conventions():
    model = RFM(zone="Asia/Shanghai", unit="weeks")
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(ValueError, match="unit"):
        RFM(unit="months").fit({"customer": ["a"], "day": ["2026-01-01"], "amount": [1]})


@pytest.mark.shared_data
def test_cdnow_has_the_published_number_of_customers_and_repeat_purchases(cdnow):
    assert (len(cdnow), cdnow["frequency"].sum()) == (2357, 2457)
    assert (cdnow["frequency"] > 0).sum() == 946
