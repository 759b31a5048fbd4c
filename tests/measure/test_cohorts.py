"""Cohorts against loops anybody can follow, against real sales, and engine against engine."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.measure import Cohorts
from regulars.measure.cohort_cells import cohort_cells, first_cut
from regulars.measure.cohorts import OTHER
from regulars.measure.sales import fact
from regulars.tables import TABLES


def some_orders(seed: int = 3, people: int = 60, n: int = 400) -> pa.Table:
    """Sales, refunds and unpaid orders of two years, in two currencies."""
    rng = np.random.default_rng(seed)
    day = np.datetime64("2024-01-01") + np.sort(rng.integers(0, 700, n))
    kind = rng.choice(["sale", "sale", "sale", "refund"], n)
    status = np.where(kind == "refund", "paid", rng.choice(["paid", "paid", "unpaid", "cancelled"], n))
    at = day.astype("datetime64[us]") + rng.integers(0, 86_400 * 10**6, n).astype("timedelta64[us]")
    amount = np.where(kind == "refund", -1, 1) * rng.integers(100, 9_000, n) * (status == "paid")
    customer = [None if c == 0 else f"c{c:03d}" for c in rng.integers(0, people, n)]
    return TABLES["orders"].fill({
        "source": "s", "id": [f"{i:04d}" for i in range(n)], "revision": 0, "recorded_at": at, "at": at, "day": day,
        "customer": customer, "kind": kind, "status": status, "amount": amount, "ordered": abs(amount),
        "currency": rng.choice(["CNY", "EUR"], n, p=[0.8, 0.2]), "channel": rng.choice(["ads", "mail", None], n),
        "market": rng.choice(["cn", "de"], n),
    }, n)  # fmt: skip


def period(day: pd.Timestamp, grain: str) -> pd.Timestamp:
    return day.to_period({"week": "W", "month": "M", "quarter": "Q"}[grain]).start_time


def by_hand(orders: pa.Table, grain: str) -> tuple[dict[Any, set[str]], dict[Any, int]]:
    """Who ordered in which period, and the money, one row after the other."""
    rows = orders.to_pandas().sort_values(["at", "id"])
    first: dict[str, pd.Timestamp] = {}
    came: dict[Any, set[str]] = {}
    money: dict[Any, int] = {}
    for r in rows.itertuples():
        now = period(pd.Timestamp(r.day), grain)
        sale = r.kind == "sale" and r.status == "paid"
        if pd.isna(r.customer):
            continue
        if r.customer not in first:
            if not sale:
                # A refund on the day of the first sale, but before it, still is money of that day.
                later = rows[(rows.customer == r.customer) & (rows.kind == "sale") & (rows.status == "paid")]
                if later.empty or later.day.iloc[0] != r.day:
                    continue
                first_here = now
            else:
                first_here = first[r.customer] = now
        else:
            first_here = first[r.customer]
        if sale:
            came.setdefault((first_here, now), set()).add(r.customer)
        money[first_here, now, r.currency] = money.get((first_here, now, r.currency), 0) + r.amount
    return came, money


@pytest.mark.parametrize("grain", ["week", "month", "quarter"])
def test_triangles_are_what_one_counts_by_hand(grain: str) -> None:
    orders = some_orders()
    came, money = by_hand(orders, grain)
    found = Cohorts(grain=grain).fit(orders, until=dt.date(2025, 12, 15))
    starts = sorted({p for pair in came for p in pair})
    periods = pd.date_range(starts[0], period(pd.Timestamp("2025-12-15"), grain),
                            freq={"week": "7D", "month": "MS", "quarter": "QS"}[grain])  # fmt: skip
    sizes = found.sizes_.set_index("cohort")["customers"]
    for r in found.retention_.itertuples():
        now = periods[periods.get_loc(r.cohort) + r.age]
        assert r.active == len(came.get((r.cohort, now), ()))
        assert r.customers == len(came[r.cohort, r.cohort]) == sizes[r.cohort]
        assert 0 <= r.low <= r.retention <= r.high <= 1
        assert r.complete == (now != periods[-1])
    told = {(r.cohort, r.age, r.currency): r.revenue for r in found.revenue_.itertuples()}
    assert sum(told.values()) == sum(money.values())
    for (cohort, now, currency), amount in money.items():
        assert told[cohort, periods.get_loc(now) - periods.get_loc(cohort), currency] == amount
    last = found.revenue_[found.revenue_["currency"] == "CNY"].groupby("cohort").last()
    own = pd.Series({c: sum(v for (a, _b, m), v in money.items() if (a, m) == (c, "CNY")) for c in last.index})
    assert (last["cumulative"] == own).all()
    assert np.allclose(last["per_customer"], own / sizes)


def test_cells_of_two_ranges_of_days_add_up_to_those_of_both() -> None:
    orders = fact({"orders": some_orders()}, "orders")
    cut = dt.date(2025, 2, 11)
    until = dt.date(2025, 12, 31)
    for grain in ("week", "month", "quarter"):
        whole = Cohorts(grain=grain).fit(orders, until=until)
        before = cohort_cells(orders, grain, until=cut)
        after = cohort_cells(orders, grain, since=cut + dt.timedelta(days=1))
        merged = Cohorts(grain=grain).fit_cells(pd.concat([before, after]), until)
        pd.testing.assert_frame_equal(whole.retention_, merged.retention_)
        pd.testing.assert_frame_equal(whole.revenue_, merged.revenue_)


def test_cuts_part_the_customers_and_the_smallest_are_put_together() -> None:
    orders = some_orders()
    until = dt.date(2025, 12, 31)
    whole = Cohorts().fit(orders, until=until)
    for by in ("channel", "market"):
        cut = Cohorts(by=by).fit(orders, until=until)
        assert cut.retention_["active"].sum() == whole.retention_["active"].sum()
        assert cut.revenue_["revenue"].sum() == whole.revenue_["revenue"].sum()
        first = first_cut(fact({"orders": orders}, "orders"), by).to_pyarrow().to_pandas().fillna("")
        assert cut.sizes_.groupby("cut")["customers"].sum().to_dict() == first["cut"].value_counts().to_dict()
    small = Cohorts(by="channel", most=1).fit(orders, until=until)
    assert set(small.sizes_["cut"]) > {OTHER}
    assert small.sizes_["customers"].sum() == whole.sizes_["customers"].sum()


def test_the_product_of_a_cohort_is_the_dearest_of_the_first_order() -> None:
    day = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    shared = {"source": "s", "revision": 0, "recorded_at": day, "at": day, "day": day.date(), "kind": "sale"}
    orders = TABLES["orders"].fill({**shared, "id": ["1", "2"], "customer": ["a", "b"], "status": "paid",
                                    "amount": [500, 900], "ordered": [500, 900], "currency": "CNY"}, 2)  # fmt: skip
    lines = TABLES["order_lines"].fill({
        **shared, "id": ["l1", "l2", "l3"], "order_id": ["1", "1", "2"], "customer": ["a", "a", "b"],
        "product": ["tea", "post", "cup"], "goods": [True, False, True], "quantity": 1.0, "amount": [200, 300, 900],
        "currency": "CNY",
    }, 3)  # fmt: skip
    found = Cohorts(by="product").fit(orders, lines=lines)
    assert dict(found.sizes_[["cut", "customers"]].to_numpy().tolist()) == {"tea": 1, "cup": 1}
    with pytest.raises(ValueError, match="order lines"):
        Cohorts(by="product").fit(orders)


def test_what_cannot_be_is_said_and_nothing_gives_nothing() -> None:
    with pytest.raises(ValueError, match="week, month, quarter"):
        Cohorts(grain="year").fit(some_orders())
    with pytest.raises(ValueError, match="first_order"):
        Cohorts(by="colour").fit(some_orders())
    with pytest.raises(ValueError, match="no column customer, day"):
        Cohorts().fit({"amount": [1]})
    nobody = Cohorts().fit(TABLES["orders"].empty())
    assert nobody.retention_.empty
    assert nobody.revenue_.empty
    assert nobody.sizes_.empty


def test_cdnow_counted_with_plain_pandas(shared_data: Path) -> None:
    rows = pd.read_csv(shared_data / "cdnow_sample" / "cdnow_transactions_sample.csv.gz", parse_dates=["date"])
    cents = (rows["amount_usd"] * 100).round().astype("int64")
    orders = pd.DataFrame({"customer": rows["sample_id"].astype(str), "day": rows["date"].dt.date, "amount": cents})
    found = Cohorts().fit(orders, until=dt.date(1998, 6, 30))
    # Everybody bought for the first time in the first quarter of 1997.
    assert found.sizes_["customers"].sum() == 2357
    assert found.sizes_["cohort"].dt.strftime("%Y-%m").tolist() == ["1997-01", "1997-02", "1997-03"]
    month = rows["date"].dt.to_period("M")
    first = month.groupby(rows["sample_id"]).transform("min")
    age = month.astype("int64") - first.astype("int64")
    people = rows.groupby([first, age])["sample_id"].nunique()
    money = cents.groupby([first, age]).sum()
    told = found.retention_.set_index([found.retention_["cohort"].dt.to_period("M"), "age"])["active"]
    paid = found.revenue_.set_index([found.revenue_["cohort"].dt.to_period("M"), "age"])["revenue"]
    assert (told[people.index] == people).all()
    assert told.sum() == people.sum()
    assert (paid[money.index] == money).all()
    assert found.retention_["complete"].all()


def test_online_retail_counted_with_plain_pandas(shared_data: Path) -> None:
    rows = pd.read_parquet(shared_data / "online_retail_uk" / "online_retail.parquet").dropna(subset="CustomerID")
    pence = (rows["Quantity"] * rows["UnitPrice"] * 100).round().astype("int64")
    lines = pd.DataFrame({"id": rows["InvoiceNo"], "customer": rows["CustomerID"].astype("int64").astype(str),
                          "at": rows["InvoiceDate"].dt.tz_localize("UTC"), "amount": pence})  # fmt: skip
    bills = lines.groupby(["id", "customer"], as_index=False).agg(at=("at", "min"), amount=("amount", "sum"))
    bills["day"] = bills["at"].dt.date
    bills["kind"] = np.where(bills["id"].str.startswith("C"), "refund", "sale")
    found = Cohorts().fit(bills, until=dt.date(2011, 12, 9))
    sold = bills[bills["kind"] == "sale"]
    month = sold["at"].dt.tz_localize(None).dt.to_period("M")
    first = month.groupby(sold["customer"]).transform("min")
    people = sold.groupby([first, month.astype("int64") - first.astype("int64")])["customer"].nunique()
    told = found.retention_.set_index([found.retention_["cohort"].dt.to_period("M"), "age"])["active"]
    assert (told[people.index] == people).all()
    # Cohort of December 2010: 885 customers of whom 324 bought in January, as published by many.
    assert told["2010-12"].head(2).tolist() == [885, 324]
    assert not found.retention_[found.retention_["age"] == 12]["complete"].any()


@pytest.mark.parity
def test_both_engines_give_the_same_cells(tmp_path: Path) -> None:
    pytest.importorskip("pysail")
    from regulars.lake import Lake

    Lake(tmp_path / "lake", threads=1).append("orders", some_orders(), "s", 1)

    def cells(engine: Any) -> pd.DataFrame:
        orders = Lake(tmp_path / "lake", engine).current("orders")
        parts = [cohort_cells(orders, g, first_cut(orders, "channel"), since=dt.date(2024, 3, 1)) for g in
                 ("week", "month", "quarter")]  # fmt: skip
        return pd.concat(parts).sort_values(["cohort", "cut", "period", "currency"], ignore_index=True)

    pd.testing.assert_frame_equal(cells("duckdb"), cells("sail"))


def test_an_ibis_table_is_read_where_it_rests() -> None:
    found = Cohorts().fit(ibis.memtable(some_orders()), until=dt.date(2025, 12, 31))
    pd.testing.assert_frame_equal(found.sizes_, Cohorts().fit(some_orders(), until=dt.date(2025, 12, 31)).sizes_)
