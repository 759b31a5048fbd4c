from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from regulars import tables
from regulars.demo import Company, advance, load_state, save_state
from regulars.demo.acquisition import response
from regulars.demo.company import CHANNELS


def mailing(customers: list[str], at: datetime, action: str = "win_back", held: float = 0.2) -> pa.Table:
    states = np.where(np.random.default_rng(2).random(len(customers)) < held, "holdout", "sandboxed")
    return pa.table(
        {
            "customer": customers,
            "at": pa.array([at] * len(customers), tables.TIME),
            "state": states.tolist(),
            "action": [action] * len(customers),
        }
    )


@pytest.fixture(scope="module")
def sent(large: Company, until: datetime) -> tuple[pa.Table, Company]:
    """A mailing to everybody who has bought, and the four weeks after it."""
    buyers = large.people.filter(pc.not_equal(large.people["buyer_kind"], "none"))["customer"].to_pylist()
    messages = mailing(buyers, until + timedelta(hours=2))
    return messages, advance(large.state, messages, until, until + timedelta(days=29))


def test_a_saved_company_lives_on_exactly_as_the_one_in_memory(shop: Company, until: datetime, tmp_path: Path) -> None:
    save_state(shop.state, tmp_path)
    later = until + timedelta(days=28)
    kept, loaded = (advance(s, None, until, later) for s in (shop.state, load_state(tmp_path)))
    for name in tables.TABLES:
        assert kept.facts[name].equals(loaded.facts[name])
    assert kept.people.equals(loaded.people)
    assert kept.deals.equals(loaded.deals)
    with pytest.raises(FileNotFoundError, match="no simulated company"):
        load_state(tmp_path / "elsewhere")


def test_the_sent_order_more_by_the_known_effect(large: Company, sent: tuple[pa.Table, Company]) -> None:
    messages, after = sent
    orders = after.facts["orders"].to_pandas()
    orders = orders[(orders["kind"] == "sale") & (orders["status"] == "paid")]
    count = orders.groupby("customer").size().reindex(messages["customer"].to_pylist(), fill_value=0).to_numpy()
    held = np.array(messages["state"].to_pylist()) == "holdout"
    error = np.sqrt(count[held].var() / held.sum() + count[~held].var() / (~held).sum())
    lift = count[~held].mean() - count[held].mean()
    assert abs(lift - large.truth["messages"]["effects"]["win_back"]) < 2.6 * error
    caused = orders[orders["id"].str.startswith("x")]["customer"]
    assert set(caused).isdisjoint(np.array(messages["customer"].to_pylist())[held])


def test_messages_denied_or_outside_the_stretch_cause_nothing(shop: Company, until: datetime) -> None:
    people = shop.people["customer"].to_pylist()[:500]
    later = until + timedelta(days=7)
    early = mailing(people, until - timedelta(days=3))
    denied = early.set_column(2, "state", pa.array(["denied"] * 500))
    nothing = advance(shop.state, None, until, later).facts["orders"]
    for messages in (early, denied, early.slice(0, 0)):
        assert advance(shop.state, messages, until, later).facts["orders"].equals(nothing)


def test_effects_that_come_late_arrive_in_the_next_stretch(shop: Company, until: datetime) -> None:
    everyone = shop.people["customer"].to_pylist()
    messages = mailing(everyone, until + timedelta(days=5), held=0.0)
    once = advance(shop.state, messages, until, until + timedelta(days=7))
    twice = advance(once.state, messages, until + timedelta(days=7), until + timedelta(days=40))
    first, second = (
        f["orders"].filter(pc.and_(pc.starts_with(f["orders"]["id"], "x"), pc.equal(f["orders"]["kind"], "sale")))
        for f in (once.facts, twice.facts)
    )
    assert first.num_rows > 20
    assert second.num_rows > 20
    total = first.num_rows + second.num_rows
    assert total == pytest.approx(0.12 * len(everyone), abs=4 * np.sqrt(0.12 * len(everyone)))


def test_a_contract_goes_on_where_it_stood(large: Company, sent: tuple[pa.Table, Company]) -> None:
    rows = pa.concat_tables([large.facts["subscriptions"], sent[1].facts["subscriptions"]]).to_pandas()
    rows = rows.sort_values(["contract", "at"], kind="stable")
    kinds = rows.groupby("contract")["kind"].agg(list)
    assert all(k[0] == "start" and "start" not in k[1:] and "cancel" not in k[:-1] for k in kinds)
    days = pd.to_datetime(rows["day"])
    first = days.groupby(rows["contract"]).transform("min")
    months = (days.dt.year - first.dt.year) * 12 + days.dt.month - first.dt.month
    assert (months == rows.groupby("contract").cumcount()).all()


@pytest.mark.parametrize("name", [t.name for t in tables.TABLES.values() if t.fact])
def test_two_stretches_never_share_an_id(large: Company, sent: tuple[pa.Table, Company], name: str) -> None:
    after = sent[1]
    again = advance(after.state, None, *(after_day(after, d) for d in (0, 14)))
    parts = [large.facts[name], after.facts[name], again.facts[name]]
    rows = pa.concat_tables(parts)
    assert tables.conform(name, rows).equals(rows)
    assert rows.group_by(list(tables.TABLES[name].key)).aggregate([]).num_rows == rows.num_rows
    if all(p.num_rows for p in parts):
        assert pc.max(parts[0]["at"]).as_py() < pc.min(parts[1]["at"]).as_py()
        assert pc.max(parts[1]["at"]).as_py() < pc.min(parts[2]["at"]).as_py()


def after_day(made: Company, days: int) -> datetime:
    clock = made.state.clock
    moment: datetime = clock.times(np.array([made.state.end + days + 0.0]))[0].as_py()
    return moment


def test_people_after_the_stretch_are_new_and_their_addresses_too(
    large: Company, sent: tuple[pa.Table, Company]
) -> None:
    after = sent[1]
    for name in ("customer", "email", "phone"):
        old = set(large.people[name].drop_null().to_pylist())
        assert old.isdisjoint(after.people[name].drop_null().to_pylist())
    known = pc.is_in(
        after.facts["orders"]["customer"],
        value_set=pa.concat_arrays([*large.people["customer"].chunks, *after.people["customer"].chunks]),
    )
    assert pc.all(known).as_py()
    deals = after.deals.to_pandas()
    settled = deals[deals["id"].isin(large.deals["id"].to_pylist())]
    assert len(settled) > 0
    assert (settled["type"] != "open").all()


def test_budget_decides_spend_and_leads(large: Company, until: datetime) -> None:
    later = until + timedelta(days=28)
    budget = {c.key: 0 for c in CHANNELS} | {"wechat": round(2 * 4_000 * 100 * large.state.scale)}
    after = advance(large.state, None, until, later, spend=budget)
    spent = after.facts["spend"].to_pandas().groupby("channel")["amount"].sum()
    assert spent["wechat"] == pytest.approx(4 * budget["wechat"], abs=5)
    assert spent.drop("wechat").sum() == 0
    came = after.people.to_pandas()["channel"].value_counts()
    weekly = response(np.array([[budget[c.key] / 100 for c in CHANNELS]]), large.state.scale)[0]
    for c, wanted in zip(CHANNELS, 4 * weekly, strict=True):
        assert abs(came.get(c.key, 0) - wanted) < 4 * np.sqrt(wanted)


def test_mistakes_are_named(shop: Company, until: datetime) -> None:
    later = until + timedelta(days=7)
    with pytest.raises(ValueError, match="next stretch must begin there"):
        advance(shop.state, None, later, later + timedelta(days=7))
    with pytest.raises(ValueError, match="no such channel: radio"):
        advance(shop.state, None, until, later, spend={"radio": 1})
    with pytest.raises(ValueError, match="missing: state, action"):
        advance(shop.state, pa.table({"customer": ["a"], "at": [until]}), until, later)
