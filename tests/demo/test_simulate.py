from __future__ import annotations

import hashlib
import json
import re
import sys
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from regulars import tables
from regulars.demo import Company, simulate, stream, unite
from regulars.demo.state import save_state

FACTS = [t.name for t in tables.TABLES.values() if t.fact]


def fingerprint(made: Company) -> str:
    digest = hashlib.sha256()
    for table in (*made.facts.values(), made.people, made.companies, made.deals, made.products, made.texts):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks(), max_chunksize=1 << 20)
        digest.update(sink.getvalue())
    digest.update(json.dumps(made.truth, sort_keys=True).encode())
    return digest.hexdigest()


def test_same_seed_same_bytes_other_seed_other_company(until: datetime) -> None:
    one, again, other = (simulate(people=600, seed=s, until=until, months=9) for s in (5, 5, 6))
    assert fingerprint(one) == fingerprint(again)
    assert fingerprint(one) != fingerprint(other)
    assert set(one.people["customer"].to_pylist()).isdisjoint(other.people["customer"].to_pylist())


def test_until_counts_whole_days_of_the_company(until: datetime) -> None:
    morning, evening = until, until + timedelta(hours=12)  # both on 22 November in Shanghai
    made = simulate(people=300, until=morning)
    assert fingerprint(made) == fingerprint(simulate(people=300, until=evening))
    edge = datetime(2026, 11, 21, 16, tzinfo=UTC)  # its midnight
    for name in FACTS:
        rows = made.facts[name]
        if rows.num_rows:
            assert pc.max(rows["at"]).as_py() < edge


@pytest.mark.parametrize("name", list(tables.TABLES))
def test_every_table_conforms_and_ids_are_unique(shop: Company, name: str) -> None:
    rows = shop.facts[name]
    assert tables.conform(name, rows).equals(rows)
    if tables.TABLES[name].fact:
        assert rows.num_rows > 0
        key = list(tables.TABLES[name].key)
        assert rows.group_by(key).aggregate([]).num_rows == rows.num_rows
        assert pc.all(pc.equal(rows["source"], "demo")).as_py()


@pytest.mark.parametrize("name", FACTS)
def test_day_is_the_company_day_of_the_moment(shop: Company, name: str) -> None:
    rows = shop.facts[name]
    local = pc.cast(pc.local_timestamp(pc.cast(rows["at"], pa.timestamp("us", tz="Asia/Shanghai"))), pa.date32())
    assert pc.all(pc.equal(local, rows["day"])).as_py()


def test_facts_hold_no_personal_data(shop: Company) -> None:
    named = set(shop.people["name"].to_pylist()) | set(shop.companies["name"].to_pylist())
    for rows in shop.facts.values():
        for column in rows.itercolumns():
            if pa.types.is_string(column.type):
                words = set(pc.unique(column).to_pylist()) - {None}
                assert not any("@" in w or "+86" in w for w in words)
                assert not words & named
                assert not any(re.search("[一-鿿]", w) for w in words)
    assert all(re.fullmatch("[0-9a-hjkmnp-tv-z]{12}", k) for k in shop.people["customer"].to_pylist())


@pytest.mark.parametrize("name", ["orders", "subscriptions", "events", "touches", "usage", "messages", "feedback"])
def test_every_customer_is_in_the_book(shop: Company, name: str) -> None:
    known = pc.is_in(shop.facts[name]["customer"], value_set=shop.people["customer"].combine_chunks())
    assert pc.all(known).as_py()


def test_the_number_of_people_is_about_what_was_asked(shop: Company, large: Company) -> None:
    # Poisson arrivals; referrals add a little variance.
    assert abs(shop.people.num_rows - 5_000) < 4 * 5_000**0.5
    assert abs(large.people.num_rows - 40_000) < 0.015 * 40_000
    assert len(set(large.people["customer"].to_pylist())) == large.people.num_rows


def test_lines_add_up_to_their_orders(shop: Company) -> None:
    orders = shop.facts["orders"].to_pandas()
    lines = shop.facts["order_lines"].to_pandas()
    paid = orders[orders["amount"] != 0].set_index(["id", "kind"])["amount"]
    total = lines.groupby(["order_id", "kind"])["amount"].sum()
    total.index.names = ["id", "kind"]
    assert paid.sort_index().equals(total.sort_index())
    assert (lines["quantity"] * lines["amount"] > 0).all()
    assert (orders.loc[orders["status"] != "paid", "amount"] == 0).all()
    products = set(shop.products["sku"].to_pylist())
    assert set(lines["product"]) == products


def test_refunds_give_back_a_real_order_later(shop: Company) -> None:
    orders = shop.facts["orders"].to_pandas()
    sales = orders[(orders["kind"] == "sale") & (orders["status"] == "paid")].set_index("id")
    back = orders[orders["kind"] == "refund"].set_index("id")
    assert len(back) > 50
    sold = sales.loc[back.index]
    assert (sold["amount"] == -back["amount"]).all()
    assert (sold["customer"] == back["customer"]).all()
    assert (sold["at"] < back["at"]).all()


def test_subscriptions_are_in_the_orders(shop: Company) -> None:
    changes = shop.facts["subscriptions"].to_pandas()
    paid = changes[changes["kind"] != "cancel"]
    lines = shop.facts["order_lines"].to_pandas()
    plans = lines[lines["product"].str.startswith("PLAN-") & (lines["kind"] == "sale")]
    assert len(plans) == len(paid)
    assert plans["amount"].sum() == paid["amount"].sum()
    assert set(paid["amount"]) == {9_900, 49_900, 299_900}


def test_touches_come_before_the_first_order(shop: Company) -> None:
    orders = shop.facts["orders"].to_pandas()
    first = orders[(orders["status"] == "paid") & ~orders["id"].str.startswith("x")].groupby("customer")["at"].min()
    touches = shop.facts["touches"].to_pandas()
    span = touches.groupby("customer")["at"].agg(["min", "max"]).loc[first.index]
    assert (span["max"] < first).all()
    assert (first - span["min"] <= timedelta(days=90)).all()
    signed = shop.facts["events"].to_pandas().query("name == 'signed_up'").set_index("customer")
    assert len(signed) == shop.people.num_rows
    # The first touch names the channel that the book and the orders name.
    people = shop.people.to_pandas().set_index("customer")
    start = touches.sort_values("at").groupby("customer")["channel"].first()
    assert (start == people["channel"].loc[start.index]).all()
    assert (orders["channel"].to_numpy() == people["channel"].loc[orders["customer"]].to_numpy()).all()


def test_the_story_looks_like_a_start_up(shop: Company) -> None:
    orders = shop.facts["orders"].to_pandas()
    one_off = orders[orders["id"].str.startswith("o") & (orders["kind"] == "sale")]["amount"] / 100
    assert one_off.quantile(0.05) > 80
    assert one_off.quantile(0.95) < 2_000
    assert one_off.max() < 20_000
    month = orders["day"].astype(str).str[:7]
    revenue = orders.groupby(month)["amount"].sum() / 100
    assert revenue["2025-09"] < revenue["2026-03"] < revenue["2026-10"]
    spend = shop.facts["spend"].to_pandas()["amount"].sum() / 100
    assert 0.1 < spend / revenue.sum() < 0.8


def test_blocks_are_the_same_company(until: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["regulars.demo.simulate"], "BLOCK", 400)
    parts = list(stream(people=1_500, seed=4, until=until))
    assert len(parts) == 4
    whole = simulate(people=1_500, seed=4, until=until)
    assert fingerprint(unite(parts)) == fingerprint(whole)
    keys = whole.people["customer"].to_pylist()
    assert len(set(keys)) == len(keys)
    contacts = whole.people["email"].drop_null().to_pylist()
    assert len(set(contacts)) == len(contacts)
    for name in FACTS:
        rows = whole.facts[name]
        assert rows.group_by(list(tables.TABLES[name].key)).aggregate([]).num_rows == rows.num_rows


def test_what_cannot_be_simulated_is_refused(until: datetime) -> None:
    with pytest.raises(ValueError, match="between 100 and 1,000,000"):
        simulate(people=5, until=until)
    with pytest.raises(ValueError, match="time zone"):
        simulate(until=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="months"):
        simulate(until=until, months=1)


def test_truth_is_json_and_state_holds_no_name(shop: Company, tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert json.loads(json.dumps(shop.truth)) == shop.truth
    save_state(shop.state, tmp_path)
    names = {n for n in shop.people["name"].to_pylist() if len(n) > 2}
    mails = set(shop.people["email"].drop_null().to_pylist())
    cast = shop.state.cast.table()
    for column in cast.itercolumns():
        if pa.types.is_string(column.type):
            assert not set(column.to_pylist()) & (names | mails)
