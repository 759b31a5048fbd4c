"""Market watch against companies whose elasticity, lift and demand are known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from regulars.measure import MarketWatch
from regulars.measure.count_regression import count_regression

END = dt.date(2026, 3, 1)


def signals(**columns: Any) -> pd.DataFrame:
    n = max(len(v) for v in columns.values() if isinstance(v, (list, np.ndarray, pd.Series, pd.DatetimeIndex)))
    empty = {"kind": "price", "watched": "Rival", "product": "", "market": "", "value": 1.0, "currency": ""}
    return pd.DataFrame({k: v if not isinstance(v, str | float) else [v] * n for k, v in (empty | columns).items()})


def company(elasticity: float, weeks: int = 80, seed: int = 0, moves: float = 0.08) -> tuple[Any, pd.DataFrame]:
    """A rival at 9.00 and a price of ours around 10.00 that changes every other week, and units that follow it."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(end=END, periods=7 * weeks)
    ours = np.repeat(1000 * np.exp(rng.normal(0, moves, (weeks + 1) // 2)), 14)[: len(days)].round()
    units = rng.poisson(20 * (ours / 1000) ** elasticity)
    seen = signals(at=days, product="tea", value=np.full(len(days), 900.0), currency="CNY")
    sold = pd.DataFrame({"day": days, "product": "tea", "quantity": units, "amount": units * ours, "currency": "CNY"})
    return seen, sold


def test_a_rivals_moves_alone_do_not_tell_how_customers_answer_ours() -> None:
    seen, sold = company(-2.0, moves=0.0)
    rng = np.random.default_rng(0)
    seen["value"] = np.repeat(900 * np.exp(rng.normal(0, 0.1, 40)), 14)
    found = MarketWatch().fit(seen, sold, until=END)
    assert not found.elasticities_["known"].any()
    assert all(p.action == "test" for p in found.proposals_)


def test_the_gap_is_our_price_over_theirs() -> None:
    seen, sold = company(-1.5)
    gap = MarketWatch().fit(seen, sold, until=END).gaps_.iloc[0]
    assert gap["gap"] == pytest.approx(sold["amount"].iloc[-1] / sold["quantity"].iloc[-1] / 900 - 1)
    assert gap["low"] <= gap["gap"] <= gap["high"]
    assert gap["days"] == 28
    # A price of another currency, of another product or last seen long ago is not compared.
    for odd in (seen.assign(currency="EUR"), seen.assign(product="cup"), seen.iloc[:-60]):
        assert MarketWatch().fit(odd, sold, until=END).gaps_.empty


def test_the_elasticity_is_found_as_often_as_the_interval_says() -> None:
    held = 0
    for seed in range(40):
        seen, sold = company(-2.0, seed=seed)
        row = MarketWatch().fit(seen, sold, until=END).elasticities_.iloc[0]
        assert row["known"]
        held += row["low"] <= -2.0 <= row["high"]
    assert 32 <= held <= 40


def test_a_price_that_is_too_high_for_its_demand_is_lowered_with_the_gain_it_brings() -> None:
    seen, sold = company(-4.0, weeks=120, seed=1)
    move = MarketWatch(margin=0.6).fit(seen, sold, until=END).proposals_[0]
    assert move.action == "reprice"
    # profit(x) = R (1 + x)^-4 (x + 0.6) is largest within a tenth at -10 %.
    assert move.change == pytest.approx(-0.1)
    weekly = sold["amount"].tail(28).sum() / 4
    truth = weekly * (0.9**-4 * 0.5 - 0.6)
    assert move.low is not None
    assert move.high is not None
    assert 0 < move.low <= truth <= move.high
    dear = MarketWatch(margin=0.6).fit(*company(-0.3, weeks=120), until=END).proposals_[0]
    assert dear.action == "reprice"
    assert dear.change == pytest.approx(0.1)


def test_without_an_estimate_it_says_that_it_cannot_say() -> None:
    for seen, sold in (company(-2, weeks=6), company(-2, moves=0.0)):
        found = MarketWatch().fit(seen, sold, until=END)
        assert not found.elasticities_["known"].any()
        assert [(p.action, p.gain) for p in found.proposals_] == [("test", None)]
        assert "cannot_say_gain" in found.proposals_[0].why
    # At the price that is best already, no step earns in nine worlds of ten.
    best = MarketWatch(margin=0.5).fit(*company(-2.0, weeks=120), until=END)
    assert all(p.action == "test" for p in best.proposals_)


def test_a_stock_out_is_seen_and_its_lift_measured() -> None:
    rng = np.random.default_rng(1)
    days = pd.date_range(end=END, periods=120)
    stock = np.where((np.arange(120) % 30 < 10), 0.0, 1.0)
    stock[-5:] = 0.0
    units = rng.poisson(np.where(stock == 0, 60, 40))
    sold = pd.DataFrame({"day": days, "product": "tea", "quantity": units, "amount": units * 1000, "currency": "CNY"})
    seen = signals(at=days, kind="stock", product="tea", value=stock)
    found = MarketWatch().fit(seen, sold, until=END)
    row = found.stock_.iloc[0]
    assert row["out"]
    assert row["lift_low"] <= 0.5 <= row["lift_high"]
    assert row["since"] == days[-5]
    move = found.proposals_[0]
    assert (move.action, move.why["competitor_out"]) == ("raise_bid", 5)
    assert move.gain == pytest.approx(0.5 * sold["amount"].tail(28).sum() / 4 * row["lift"])
    calm = MarketWatch().fit(seen.assign(value=1.0), sold, until=END)
    assert calm.proposals_ == ()


def test_voice_ranks_and_demand() -> None:
    days = pd.date_range(end=END, periods=84)
    rng = np.random.default_rng(2)
    mentions = pd.concat([signals(at=days[-28:], kind="mention", watched="", value=3.0),
                          signals(at=days[-28:], kind="mention", value=1.0),
                          signals(at=days[-56:-28], kind="mention", watched="", value=1.0),
                          signals(at=days[-56:-28], kind="mention", value=1.0)])  # fmt: skip
    ranks = signals(at=days, kind="rank", watched="", product="tea", value=np.where(np.arange(84) < 77, 3.0, 9.0))
    demand = pd.concat([
        signals(at=days, kind="demand", watched="", market=m, value=100 * np.exp(rng.normal(0, 0.05, 84)) * up)
        for m, up in (("jp", np.where(np.arange(84) < 56, 1, 1.4)), ("cn", np.where(np.arange(84) < 56, 1, 0.7)),
                      ("de", np.ones(84)))
    ])  # fmt: skip
    sold = pd.DataFrame({"day": [END], "product": ["tea"], "market": ["cn"], "quantity": [1.0], "amount": [100]})
    found = MarketWatch().fit(pd.concat([mentions, ranks, demand]), sold, until=END)
    ours = found.voice_.iloc[0]
    assert (ours["watched"], ours["share"], ours["before"]) == ("", 0.75, 0.5)
    assert ours["change_low"] > 0
    assert found.ranks_.iloc[0]["notable"]
    assert found.ranks_.iloc[0]["move"] == 6
    moved = found.demand_.set_index("market")
    assert moved["notable"].to_dict() == {"cn": True, "de": False, "jp": True}
    assert moved.loc["jp", "low"] <= 0.4 <= moved.loc["jp", "high"]
    told = {(p.action, p.market): p.gain for p in found.proposals_}
    assert told == {("test", ""): None, ("add_channel", "jp"): None, ("cut", "cn"): None}


def test_nothing_gives_nothing_and_a_missing_column_is_named() -> None:
    none = signals(at=[]).head(0)
    sold = pd.DataFrame({"day": [], "product": [], "quantity": [], "amount": []})
    found = MarketWatch().fit(none, sold, until=END)
    assert found.proposals_ == ()
    assert all(len(f) == 0 for f in (found.gaps_, found.stock_, found.ranks_, found.voice_, found.demand_))
    with pytest.raises(ValueError, match="signals have no column value"):
        MarketWatch().fit(none.drop(columns="value"), sold, until=END)


def test_counts_by_hand_and_where_nothing_can_be_learnt() -> None:
    # Two groups: the coefficient is the log of the ratio of their means.
    fit = count_regression([10, 14, 30, 42], [[1, 0], [1, 0], [1, 1], [1, 1]])
    assert fit is not None
    assert fit.interval(1)[0] == pytest.approx(np.log(3))
    assert count_regression([1, 2], [[1, 0], [1, 1]]) is None
    assert count_regression([1, 2, 3], [[1, 1], [1, 1], [1, 1]]) is None
    assert count_regression([0, 0, 0], [[1, 0], [1, 1], [1, 2]]) is None
