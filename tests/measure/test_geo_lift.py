"""Geo-lift: false alarms at the stated rate, known effects found, and plain words where markets are too few."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from regulars.measure import GeoLift
from regulars.measure.geo_lift import chance_half, geo_power
from regulars.tables import EXPERIMENTS

WEEKS, BEFORE = 52, 44


def company(seed: int, markets: int = 20, lift: float = 0.0, treated: tuple[int, ...] = (0, 1)) -> pd.DataFrame:
    """Markets that share two tides, each in its own measure, with sizes from 1 to 30 and noise of 4 %."""
    rng = np.random.default_rng(seed)
    t = np.arange(WEEKS)
    tides = np.stack([np.sin(t / 6), rng.normal(0, 0.3, WEEKS).cumsum() / 4])
    level = rng.uniform(1, 30, markets)[:, None] * 1000
    values = level * (1 + 0.1 * rng.dirichlet([1, 1], markets) @ tides + rng.normal(0, 0.04, (markets, WEEKS)))
    values[list(treated), BEFORE:] *= 1 + lift
    days = pd.date_range("2025-01-06", periods=WEEKS, freq="7D")
    return pd.DataFrame({
        "market": np.repeat([f"m{i:02d}" for i in range(markets)], WEEKS), "day": np.tile(days, markets),
        "revenue": values.ravel(),
    })  # fmt: skip


def fitted(table: pd.DataFrame, treated=("m00", "m01"), **how) -> GeoLift:
    return GeoLift(**how).fit(table, treated=treated, start=pd.Timestamp("2025-01-06") + pd.Timedelta(weeks=BEFORE))


def test_chance_alone_is_called_an_effect_at_the_stated_rate():
    p = np.array([fitted(company(seed)).p_value_ for seed in range(120)])
    # 120 companies: a tenth, give or take three standard errors (0.082).
    assert (p <= 0.1).mean() <= 0.182
    assert 0.4 < p.mean() < 0.6


def test_known_effects_lie_in_the_interval_as_often_as_stated():
    inside, seen, estimates = 0, 0, []
    for seed in range(60):
        found = fitted(company(seed + 1000, lift=0.10))
        table = company(seed + 1000)
        rows = table[table["market"].isin(["m00", "m01"]) & (table["day"] >= pd.Timestamp(found.start_))]
        truth = 0.10 * rows["revenue"].sum()
        inside += found.interval_[0] <= truth <= found.interval_[1]
        seen += found.interval_[0] > 0
        estimates.append(found.relative_)
    assert inside >= 47  # 54 of 60, give or take three standard errors
    assert seen >= 54
    assert np.mean(estimates) == pytest.approx(0.10, abs=0.01)


def test_too_few_placements_are_said_plainly_and_leave_the_interval_open():
    found = fitted(company(1, markets=7), treated=("m00",))
    assert found.placements_ == 6
    assert found.p_value_ >= 1 / 7
    assert found.interval_ is None
    assert "too_few_placements" in found.limits_
    assert found.record(id="x", name="x", channel="search", market="m00", metric="revenue")["se"] is None


def test_a_market_like_no_other_is_flagged():
    table = company(2)
    odd = table["market"] == "m00"
    table.loc[odd, "revenue"] *= 1 + 0.8 * np.sin(np.arange(WEEKS))
    assert "poor_fit_before" in fitted(table, treated=("m00",)).limits_


def test_the_paths_add_up_to_the_effect_and_the_record_has_the_shape_of_its_table():
    found = fitted(company(5, lift=0.2))
    during = found.path_[found.path_["during"]]
    assert (during["actual"] - during["synthetic"]).sum() == pytest.approx(found.effect_)
    assert sum(found.weights_.values()) == pytest.approx(1)
    assert not set(found.weights_) & {"m00", "m01"}
    row = found.record(id="1", name="Search off", channel="search", market="m00,m01", metric="revenue", currency="CNY")
    assert set(row) <= set(EXPERIMENTS.names)
    assert row["window_days"] == 7 * (WEEKS - BEFORE - 1) + 1
    assert row["se"] * 1.6449 == pytest.approx((found.interval_[1] - found.interval_[0]) / 2, rel=1e-3)


def test_power_at_no_effect_is_the_rate_of_false_alarms_and_grows_to_one():
    power = geo_power(company(8), treated=["m00"], periods=8)
    assert power.power[0] <= 0.15
    assert list(power.power) == sorted(power.power)
    assert power.power[-1] == 1.0
    assert 0.01 < power.detectable < 0.1
    assert geo_power(company(8, markets=6), treated=["m00"], periods=8).limits == ("too_few_placements",)


@pytest.mark.parametrize(("sets", "open_"), [(8, True), (9, False)])
def test_nine_other_sets_are_the_fewest_for_nine_tenths(sets, open_):
    assert (chance_half(np.linspace(-1, 1, sets), 0.9) is None) is open_
    assert math.isfinite(chance_half(np.linspace(-1, 1, 99), 0.9))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="revenue"), "no column revenue"),
        (lambda t: t[~((t["market"] == "m03") & (t["day"] == t["day"].max()))], "market m03 has no row for"),
        (lambda t: t.assign(market=t["market"].where(t["market"] != "m00", "other")), "no market called m00"),
        (lambda t: t[t["day"] >= pd.Timestamp("2025-10-20")], "at least 8 before"),
        (lambda t: t.assign(revenue=t["revenue"].where(t["market"] != "m05", 0)), "m05 sells nothing"),
    ],
)
def test_what_cannot_be_compared_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        fitted(change(company(1)))
