from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.measure.conftest import START, Rows

from regulars.measure.channel_weeks import brought_along, channel_weeks, conversion_values, pulled
from regulars.measure.cubes import cubes
from regulars.measure.leads import in_customers, leads, with_share
from regulars.measure.response import ResponseCurves
from regulars.measure.responses import responses
from regulars.tables import SCORES, TABLES, why_codes

TODAY = pd.Timestamp(START.date()) + pd.Timedelta(weeks=60)


def shop(rows: Rows, *, buys: float, late: int = 40) -> dict[str, pa.Table]:
    """Two channels reach people every week; a share of them buys ``late`` days after the first contact."""
    rng = np.random.default_rng(4)
    touches, orders, spend, person = [], [], [], 0
    for week in range(60):
        for channel, reach, more in (("search", 30, 1.0), ("social", 20, 0.5)):
            money = int(rng.choice([0, 500, 1500, 3000]))
            spend.append({"day": 7 * week, "channel": channel, "amount": money})
            for _ in range(rng.poisson(2 + reach * money / (money + 1000))):
                person += 1
                day = 7 * week + float(rng.uniform(0, 6.4))
                who = {"customer": f"c{person}", "channel": channel}
                touches.append({"day": day, **who})
                if rng.random() < buys * more:
                    orders.append({"day": day + float(rng.uniform(0, late)), "amount": 1000, **who})
    return {"touches": rows("touches", *touches), "orders": rows("orders", *orders), "spend": rows("spend", *spend)}


@pytest.fixture
def company(rows: Rows) -> dict[str, pa.Table]:
    return shop(rows, buys=0.3)


def test_first_contacts_are_counted_in_their_week_and_the_share_who_buy_is_found(company) -> None:
    cube = cubes(_ibis(company), TODAY.date())
    weekly, counted = channel_weeks(cube, TODAY, "CNY")
    found = leads(cube, weekly, TODAY)
    assert counted == "new_customers"
    assert found is not None
    met = company["touches"].to_pandas()
    week = pd.Timestamp(START.date()) + pd.Timedelta(weeks=20)
    own = met[(met["channel"] == "search") & (pd.to_datetime(met["day"]) >= week)
              & (pd.to_datetime(met["day"]) < week + pd.Timedelta(weeks=1))]  # fmt: skip
    row = found.weekly[(found.weekly["channel"] == "search") & (found.weekly["week"] == week)]
    assert row["conversions"].item() == len(own)
    assert found.share["search"][0] == pytest.approx(0.30, abs=0.05)
    assert found.share["social"][0] == pytest.approx(0.15, abs=0.05)


def test_curves_of_first_contacts_are_surer_than_those_of_customers(company) -> None:
    cube = cubes(_ibis(company), TODAY.date())
    weekly, _ = channel_weeks(cube, TODAY, "CNY")
    found = leads(cube, weekly, TODAY)
    assert found is not None
    late, early = (ResponseCurves(draws=400).fit(w).curves_["search"] for w in (weekly, found.weekly))
    early = in_customers(early, found.share["search"])

    def wide(curve) -> float:
        low, high = curve.band([1500.0])
        return float(high[0] - low[0])

    assert wide(early) < 0.8 * wide(late)
    low, high = early.band([1500.0])
    # 30 people at 1500 / 2500 of saturation, three in ten of whom buy.
    assert low[0] < 30 * 0.6 * 0.3 < high[0]
    assert "by_first_contact" in early.flags


def test_the_rows_of_the_budget_say_that_contacts_were_counted(company) -> None:
    cube = cubes(_ibis(company), TODAY.date())
    rows = responses(cube, SCORES.empty(), TODAY, "CNY", 0.5).set_index(["channel", "name"])
    for channel, share in (("search", 0.30), ("social", 0.15)):
        assert "by_first_contact" in why_codes(rows.loc[(channel, "response_ceiling"), "why"])
        codes = dict(why_codes(rows.loc[(channel, "response_value"), "why"]))
        assert float(codes["share_who_buy"]) == pytest.approx(share, abs=0.05)
        # Half of an order of 1,000 is what a customer is worth as long as nothing more is known of them.
        assert rows.loc[(channel, "response_value"), "value"] == pytest.approx(500)


def test_where_only_customers_are_known_they_are_counted(rows: Rows) -> None:
    cube = cubes(_ibis(shop(rows, buys=2.0)), TODAY.date())
    weekly, _ = channel_weeks(cube, TODAY, "CNY")
    assert leads(cube, weekly, TODAY) is None
    orders = rows("orders", {"day": 1, "customer": "a", "amount": 100})
    few = cubes(
        _ibis({"orders": orders, "spend": rows("spend", {"day": 1, "channel": "x", "amount": 5})}), TODAY.date()
    )
    assert leads(few, channel_weeks(few, TODAY, "CNY")[0], TODAY) is None


def test_the_share_who_buy_widens_the_worth() -> None:
    assert with_share((100.0, 90.0, 110.0), (0.5, 0.0)) == pytest.approx((100.0, 90.0, 110.0))
    value, low, high = with_share((100.0, 90.0, 110.0), (0.5, 0.1))
    assert value == 100.0
    assert low < 70 < 130 < high


def test_a_channel_leans_on_its_own_mix_of_contracts() -> None:
    """One contract in fifty is worth a hundred times the others: alone it would decide what a channel is worth."""
    rng = np.random.default_rng(8)
    true, off_mix, off_mean = {"a": 0.5, "b": 0.1, "c": 0.1}, [], []
    for _ in range(40):
        rows = []
        for channel, share in true.items():
            contract = rng.random(150) < share
            worth = np.where(contract, rng.pareto(1.6, 150) * 3000, rng.gamma(4.0, 25.0, 150))
            rows.append(pd.DataFrame({"channel": channel, "contract": contract, "spent": worth}))
        won = pd.concat(rows, ignore_index=True)
        won = won.assign(day=TODAY, first_amount=100, currency="CNY", clv=0.0)
        expected = {c: s * 3000 / 0.6 + (1 - s) * 100 for c, s in true.items()}
        told = [conversion_values(w, "CNY", 1.0, "new_customers", TODAY)["value"]
                for w in (won, won.drop(columns="contract"))]  # fmt: skip
        # Only the split counts: what channels are worth against one another.
        for errors, values in zip((off_mix, off_mean), told, strict=True):
            ratio = values["a"] / values[["b", "c"]].mean()
            errors.append(abs(np.log(ratio / (expected["a"] / expected["b"]))))
    assert np.mean(off_mix) < 0.8 * np.mean(off_mean)


def test_figures_are_pulled_by_their_scatter() -> None:
    values, errors = pulled(np.array([0.2, 0.4]), np.array([1e-6, 1e-6]))
    assert values == pytest.approx([0.2, 0.4], abs=1e-3)
    assert (errors < 2e-3).all()
    assert brought_along(pd.DataFrame({"day": [1]}), pd.Series([1.0])) == 0.0


def _ibis(tables: dict[str, pa.Table]) -> dict:
    return {n: ibis.memtable(tables.get(n, TABLES[n].empty())) for n in
            ("orders", "touches", "spend", "feedback", "subscriptions")}  # fmt: skip
