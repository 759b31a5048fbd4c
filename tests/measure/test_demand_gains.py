"""What demand is worth and what more spend earns, against the curve's own formula."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from regulars.measure import MarketWatch
from regulars.measure.demand_gains import best_bid, demand_worth, response_rows

CURVES = pd.DataFrame({
    "channel": ["ads", "fair"], "spend": [10_000.0, 10_000.0], "ceiling": [400.0, 100.0], "ceiling_low": [360.0, 90.0],
    "ceiling_high": [440.0, 110.0], "half": [20_000.0, 1_000.0], "half_low": [18_000.0, 900.0],
    "half_high": [22_000.0, 1_100.0], "value": [200.0, 200.0], "value_low": [190.0, 190.0],
    "value_high": [210.0, 210.0],
})  # fmt: skip
UNTIL = dt.date(2026, 6, 28)


def test_the_gain_is_that_of_the_curve() -> None:
    bid = best_bid(CURVES, 0.5, (0.3, 0.3, 0.3), level=0.9, seed=1)
    assert bid is not None
    assert bid.channel == "ads"  # the fair is saturated
    by_hand = [1.3 * 0.5 * 400 * 200 * ((x := 10_000 * (1 + s)) / (x + 20_000) - 1 / 3) - 0.5 * 10_000 * s
               for s in (0.1, 0.2, 0.3, 0.4, 0.5)]  # fmt: skip
    assert bid.gain == pytest.approx(max(by_hand), rel=0.05)
    assert bid.extra == 0.5 * 10_000 * 0.5
    assert bid.low < bid.gain < bid.high
    assert best_bid(None, 0.5, (0.3, 0.3, 0.3), level=0.9, seed=1) is None
    assert best_bid(CURVES.assign(value=1.0, value_low=1.0, value_high=1.0), 0.5, (0.3,) * 3, level=0.9, seed=1) is None


def test_the_curves_of_a_turn_are_read_from_its_figures() -> None:
    kpis = pd.DataFrame([
        {"name": f"response_{p}", "channel": "ads", "value": v, "low": 0.9 * v, "high": 1.1 * v}
        for p, v in (("ceiling", 400.0), ("half", 20_000.0), ("value", 200.0))
    ] + [{"name": "response_ceiling", "channel": "fair", "value": 10.0, "low": 9.0, "high": 11.0}])  # fmt: skip
    days = pd.date_range(end=pd.Timestamp(UNTIL), periods=28)
    spend = pd.DataFrame({"day": days, "channel": "ads", "currency": "CNY", "amount": 1000})
    found = response_rows(kpis, spend, pd.Timestamp(UNTIL), "CNY")
    assert found["channel"].tolist() == ["ads"]
    assert found.loc[0, ["spend", "ceiling", "half_low"]].tolist() == [7000.0, 400.0, 18_000.0]
    assert response_rows(kpis, spend.assign(currency="USD"), pd.Timestamp(UNTIL), "CNY").empty


def weeks(elasticity: float, seed: int = 2) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    days = pd.date_range(end=pd.Timestamp(UNTIL), periods=7 * 40)
    index = np.exp(np.repeat(rng.normal(0, 0.3, 40), 7))
    units = rng.poisson(30 * index**elasticity)
    return pd.DataFrame({"day": days, "value": index}), pd.Series(units, index=days)


def test_demand_is_worth_what_sales_moved_with_it() -> None:
    found = demand_worth(*weeks(0.8), 10_000.0, (0.2, 0.15, 0.25), 0.9)
    assert found is not None
    assert found[0] == pytest.approx(10_000 * (1.2**0.8 - 1), rel=0.15)
    assert found[1] < found[0] < found[2]
    assert demand_worth(*weeks(0.0), 10_000.0, (0.2, 0.15, 0.25), 0.9) is None
    index, units = weeks(0.8)
    assert demand_worth(index.assign(value=1.0), units, 10_000.0, (0.2, 0.15, 0.25), 0.9) is None
    assert demand_worth(index.tail(60), units, 10_000.0, (0.2, 0.15, 0.25), 0.9) is None


def test_a_rise_of_demand_proposes_more_spend_with_its_gain() -> None:
    index, units = weeks(0.8)
    index.loc[index["day"] > pd.Timestamp(UNTIL) - pd.Timedelta(days=28), "value"] = 2.0
    signals = index.rename(columns={"day": "at"}).assign(
        kind="demand", watched="", product="tea", market="", currency=""
    )
    sold = pd.DataFrame({"day": units.index, "product": "tea", "market": "north", "currency": "CNY",
                         "quantity": units.to_numpy(float), "amount": 1000 * units.to_numpy()})  # fmt: skip
    plain = MarketWatch(margin=0.6).fit(signals, sold, until=UNTIL).proposals_
    assert [(p.action, p.gain, "cannot_say_gain" in p.why) for p in plain] == [("raise_bid", None, True)]
    found = MarketWatch(margin=0.6).fit(signals, sold, until=UNTIL, responses=CURVES, revenue=3e6).proposals_[0]
    assert (found.action, found.why["bid_channel"], found.currency) == ("raise_bid", "ads", "CNY")
    assert found.gain is not None
    assert found.why["demand_worth"] > 0
    assert found.low is not None
    assert found.low < found.gain
