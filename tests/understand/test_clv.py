from __future__ import annotations

from copy import copy
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from regulars.understand import CLV, BetaGeo, ModifiedBetaGeo, discounted_cash_flow
from regulars.understand.correction import Correction
from regulars.understand.day_cells import day_cells
from regulars.understand.futures import Futures

START = date(2024, 1, 1)


def company(n, seed, days=730, r=0.8, alpha=45.0, a=0.8, b=2.5, p=4.0, q=4.0, v=3000.0, ahead=365):
    """Orders of customers who buy, leave and spend as MBG/NBD and Gamma-Gamma say, and what they do afterwards."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, days - 30, n)
    rate, leave, nu = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n), rng.gamma(q, 1 / v, n)
    rows = [pd.DataFrame({"customer": np.arange(n), "t": first.astype(float)})]
    clock, alive = first.astype(float), rng.random(n) >= leave
    while alive.any():
        clock = clock + rng.exponential(1.0, n) / rate
        bought = alive & (clock <= days + ahead)
        rows.append(pd.DataFrame({"customer": np.flatnonzero(bought), "t": clock[bought]}))
        alive = bought & (rng.random(n) >= leave)
    log = pd.concat(rows, ignore_index=True)
    log["day"] = [START + timedelta(days=int(t)) for t in log["t"]]
    log["amount"] = np.maximum(rng.gamma(p, 1 / nu[log["customer"]]), 1).round().astype(np.int64)
    log["customer"] = log["customer"].map("c{:06d}".format)
    return log[log["t"] < days], log[log["t"] >= days]


@pytest.fixture(scope="module")
def shop():
    past, future = company(6000, 1)
    return past, future, START + timedelta(days=729)


@pytest.fixture(scope="module")
def fitted(shop):
    past, _, today = shop
    return CLV(until=today).fit(past)


@pytest.fixture(scope="module")
def undiscounted(shop):
    past, _, today = shop
    return CLV(horizon_days=365, discount_rate=0.0, until=today).fit(past)


def test_three_ways_to_the_textbook_figure():
    by_hand = sum(1000 / 1.1**t for t in range(1, 6))
    assert discounted_cash_flow(1000, rate=0.1, years=5) == pytest.approx(by_hand) == pytest.approx(3790.79, abs=0.005)
    assert discounted_cash_flow([1000] * 5, rate=0.1) == pytest.approx(1000 * (1 - 1.1**-5) / 0.1)
    assert discounted_cash_flow(1000, rate=0.0, years=5) == 5000
    with pytest.raises(ValueError, match="3 amounts"):
        discounted_cash_flow([1, 2, 3], rate=0.1, years=5)


def test_forecast_of_a_year_is_right_on_customers_with_known_behaviour(shop, undiscounted):
    _, future, _ = shop
    worth = undiscounted.predict().to_pandas().set_index("customer")
    orders = future.drop_duplicates(["customer", "day"]).groupby("customer").size().reindex(worth.index).fillna(0)
    money = future.groupby("customer")["amount"].sum().reindex(worth.index).fillna(0)
    assert worth["expected_orders"].sum() == pytest.approx(orders.sum(), rel=0.06)
    assert worth["clv"].sum() == pytest.approx(money.sum(), rel=0.08)
    tenths = pd.qcut(worth["clv"].rank(method="first"), 10, labels=False)
    top = tenths == 9
    assert worth.loc[top, "clv"].sum() == pytest.approx(money[top].sum(), rel=0.12)


def test_ninety_per_cent_of_futures_fall_inside_the_interval(shop, undiscounted):
    _, future, _ = shop
    worth = undiscounted.predict().to_pandas().set_index("customer")
    money = future.groupby("customer")["amount"].sum().reindex(worth.index).fillna(0)
    above, below = (money > worth["clv_high"]).mean(), (money < worth["clv_low"]).mean()
    assert above == pytest.approx(0.05, abs=0.015)
    assert below <= 0.05
    repeat = worth["p_alive"] > 0.96
    inside = (money[repeat] >= worth["clv_low"][repeat]) & (money[repeat] <= worth["clv_high"][repeat])
    # At least what it says; more, because a lower limit of no purchase at all holds more than 95 %.
    assert 0.88 <= inside.mean() <= 0.98


def test_each_period_is_discounted_on_its_own(fitted):
    # What is asked for is no part of what is learnt.
    model = copy(fitted).set_params(horizon_days=720, discount_rate=0.2)
    x, T = np.array([0.0, 5.0]), np.array([10.0, 300.0])
    total, discounted = model.discounted_purchases(x, T)
    grid = np.linspace(0, 720, 7201)
    path = model.model_.mean_when_alive(model.model_.parameters_, grid[None, :], x[:, None], T[:, None])
    continuous = np.diff(path, axis=1) @ 1.2 ** (-(grid[1:] + grid[:-1]) / 2 / 365)
    np.testing.assert_allclose(discounted, continuous, rtol=2e-4)
    assert np.all(discounted < total)


def test_past_value_is_excluded_and_margin_scales(shop, fitted):
    past, _, today = shop
    whole, half = (copy(fitted).set_params(margin=m).predict() for m in (1.0, 0.5))
    np.testing.assert_allclose(half.column("clv").to_numpy(), whole.column("clv").to_numpy() / 2)
    assert half.column("clv_historic").to_numpy().sum() == pytest.approx(past["amount"].sum() / 2)
    gone = CLV(until=today + timedelta(days=20_000)).fit(past).predict()
    assert gone.column("clv").to_numpy().max() < whole.column("clv").to_numpy().max() / 20


def test_futures_give_the_quantiles_of_a_direct_simulation():
    model = ModifiedBetaGeo()
    model.r_, model.alpha_, model.a_, model.b_ = 0.8, 45.0, 0.8, 2.5
    model.covariance_ = np.zeros((4, 4))
    x, T, t = np.array([0.0, 0.0, 3.0, 3.0, 3.0]), np.array([5.0, 600.0, 100.0, 350.0, 600.0]), 365.0
    alive = np.array([0.9, 0.5, 0.95, 0.8, 1.0])
    futures = Futures.simulate(model, None, x, T, t, 20_000, 0)
    rng = np.random.default_rng(5)
    for level in (0.05, 0.5, 0.95):
        purchases, _ = futures.quantiles(x, T, alive, level)
        for i in range(5):
            n = np.minimum(
                rng.poisson(rng.gamma(0.8 + x[i], 1 / (45 + T[i]), 200_000) * t),
                rng.geometric(rng.beta(0.8, 2.5 + x[i] + 1, 200_000)),
            ) * (rng.random(200_000) < alive[i])
            assert abs(purchases[i] - np.quantile(n, level)) <= 1


def test_customers_are_looked_up_by_key_and_the_unknown_get_nulls(fitted):
    model = fitted
    everybody = model.predict().to_pandas().set_index("customer")
    frame = model.predict(pd.DataFrame({"customer": ["c000009", "nobody", "c000001"]}))
    assert isinstance(frame, pd.DataFrame)
    assert frame["clv"].tolist()[::2] == [everybody.loc["c000009", "clv"], everybody.loc["c000001", "clv"]]
    assert np.isnan(frame["clv"][1])
    new = model.predict(pa.table({"frequency": [0], "recency": [0.0], "T": [0.0], "monetary": [0.0]}))
    assert new.column("clv").to_pylist()[0] > 0


def test_one_time_buyers_are_worth_less_the_longer_they_are_silent(fitted):
    table = pa.table({"frequency": [0, 0, 0], "recency": [0.0] * 3, "T": [1.0, 100.0, 700.0], "monetary": [0.0] * 3})
    clv = fitted.predict(table).column("clv").to_numpy()
    assert clv[0] > clv[1] > clv[2]


def test_the_card_tells_how_the_forecast_of_unseen_days_went(fitted):
    card = fitted.card_
    assert card.holdout is not None
    assert card.holdout.days == 243
    assert abs(card.holdout.bias) < 0.1
    assert card.holdout.mae < card.holdout.naive_mae
    assert sum(d.customers for d in card.holdout.deciles) == card.holdout.customers
    assert card.limits == ()
    metrics = {name: value for name, value, _, _ in card.metrics}
    assert metrics["mae_likely"] < metrics["mae_expected"] == card.holdout.mae


@pytest.mark.parametrize(
    "orders",
    [
        {"customer": ["a"], "day": ["2026-01-01"], "amount": [100]},
        {"customer": ["a", "b"], "day": ["2026-01-01", "2026-01-01"], "amount": [0, 0]},
        {"customer": list("abcab"), "day": [f"2026-01-0{d}" for d in range(1, 6)], "amount": [5, 4, 3, 2, 1]},
    ],
)
def test_a_handful_of_orders_gives_numbers_and_says_they_are_assumptions(orders):
    model = CLV(until=date(2026, 2, 1)).fit(orders)
    worth = model.predict().to_pandas()
    assert "too_few_customers" in model.card_.limits
    numbers = worth.drop(columns="customer").to_numpy(dtype=float)
    assert np.isfinite(numbers).all()
    assert (worth["clv_low"] <= worth["clv_high"]).all()
    assert 0 < worth["p_alive"].min() <= worth["p_alive"].max() < 1


def test_without_paid_orders_there_is_nothing_to_learn():
    with pytest.raises(ValueError, match="no paid order"):
        CLV().fit({"customer": ["a"], "day": ["2026-01-01"], "amount": [5], "kind": ["sale"], "status": ["unpaid"]})


def test_model_choice_and_conventions(shop, fitted):
    past, _, today = shop
    assert isinstance(CLV(model="bg_nbd", until=today).fit(past).model_, BetaGeo)
    assert isinstance(fitted.model_, ModifiedBetaGeo)
    assert clone(CLV(horizon_days=90)).get_params()["horizon_days"] == 90
    with pytest.raises(ValueError, match="model is"):
        CLV(model="crystal_ball").fit(past)


@pytest.fixture(scope="module")
def every_model(shop):
    past, _, today = shop
    few = past[past["customer"] < "c000800"]
    return [CLV(model=m, until=today, draws=200).fit(few) for m in ("mbg_nbd", "bg_nbd", "pareto_nbd")]


@settings(max_examples=30, deadline=None)
@given(
    x=st.integers(0, 10_000), T=st.floats(0, 10_000), share=st.floats(0, 1), m=st.floats(0, 1e9), rate=st.floats(0, 2)
)
def test_no_customer_gets_a_nan(every_model, x, T, share, m, rate):
    row = pa.table({"frequency": [x], "recency": [T * share if x else 0.0], "T": [T], "monetary": [m if x else 0.0]})
    for model in every_model:
        found = copy(model).set_params(discount_rate=rate).predict(row).drop_columns("customer").to_pylist()[0]
        assert all(np.isfinite(v) and v >= 0 for v in found.values())
        assert found["p_alive"] <= 1
        assert found["clv_low"] <= found["clv_high"]


def test_a_correction_scales_orders_and_money_alike(fitted):
    doubled = copy(fitted)
    doubled.correction_ = Correction(overall=2.0)
    before, after = fitted.predict().to_pandas(), doubled.predict().to_pandas()
    factor = fitted._factor(fitted.summary_)
    for name in ("clv", "clv_low", "clv_high", "expected_orders"):
        np.testing.assert_allclose(after[name], before[name] / factor * 2)
    np.testing.assert_allclose(after["p_alive"], before["p_alive"])


@pytest.fixture(scope="module")
def cdnow_halves(cdnow_log):
    """Learnt from the first 39 weeks alone; what the same customers did in the 39 weeks after."""
    cells = day_cells(cdnow_log.assign(amount=(cdnow_log["amount"] * 100).round().astype(int)), until=10134)
    model = CLV(horizon_days=273, discount_rate=0.0).fit_cells(cells)
    later = cdnow_log[pd.to_datetime(cdnow_log["day"]) > "1997-09-30"]
    return model, model.predict().to_pandas().set_index("customer"), later


@pytest.mark.shared_data
def test_cdnow_orders_of_the_second_half_beat_the_published_models(cdnow_halves):
    """Best of BG/NBD, MBG/NBD and Pareto/NBD as published: MAE .7545, total 11.5 % too low.

    The mean of a skewed forecast cannot win both: raising it to the right total costs
    absolute error. The median is measured by absolute error, the mean by its total.
    """
    _, worth, later = cdnow_halves
    came = later.drop_duplicates(["customer", "day"]).groupby("customer").size().reindex(worth.index).fillna(0)
    assert came.sum() == 1882
    assert abs(worth["expected_orders"].sum() / came.sum() - 1) < 0.115
    assert (worth["likely_orders"] - came).abs().mean() < 0.7545
    assert (worth["expected_orders"] - came).abs().mean() < 0.80


@pytest.mark.shared_data
def test_cdnow_money_of_the_second_half_is_foretold_within_a_sixth(cdnow_halves):
    _, worth, later = cdnow_halves
    assert worth["clv"].sum() / 100 == pytest.approx(later["amount"].sum(), rel=1 / 6)
