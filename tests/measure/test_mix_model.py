from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from benchmarks.mix_model import example, ours
from benchmarks.mix_recovery import company, recovered

from regulars.measure import MixModel

QUICK = {"chains": 4, "draws": 250, "warmup": 250, "holdout_weeks": 0}


def weeks(n: int = 104, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=n, freq="7D")})
    table["ads"] = 100 * np.exp(rng.normal(0, 0.5, n)) * (rng.random(n) < 0.85)
    table["post"] = 60 * np.exp(rng.normal(0, 0.5, n))
    brought = 500 * np.tanh(table["ads"] / 200) + 3 * table["post"]
    table["sales"] = 2000 + brought + rng.normal(0, 60, n)
    return table


ASKED = {"target": "sales", "spend": ["ads", "post"], "date": "week"}


LONG = weeks(117)


@pytest.fixture(scope="module")
def fitted() -> MixModel:
    return MixModel(**(QUICK | {"holdout_weeks": 13})).fit(LONG.head(104), **ASKED)


def test_the_published_example_gives_what_nuts_gives_with_the_same_beliefs():
    """pymc-marketing 0.19.2 with nutpie: 5,053.0 and 2,359.3; the truth is 4,967.8 and 2,274.9."""
    table, truth = example()
    assert table["y"][0] == pytest.approx(3984.662237343649)
    assert truth == pytest.approx({"x1": 4967.832, "x2": 2274.883}, abs=1e-3)
    found = ours(table, target="y", date="date", channels=("x1", "x2"), controls=("t",), events=("event_1", "event_2"))[
        "roas"
    ]
    assert found["x1"][0] == pytest.approx(5053.0, rel=0.02)
    assert found["x2"][0] == pytest.approx(2359.3, rel=0.02)
    assert all(found[c][1] < truth[c] < found[c][2] for c in truth)


def test_intervals_hold_the_truth_of_simulated_companies():
    """A small part of ``python -m benchmarks mix_recovery``: at 90 %, fewer than 8 of 12 would be 1 in 2,000."""
    rng, parts = np.random.default_rng(7), []
    for _ in range(3):
        table, model = recovered(company(rng), **QUICK)
        assert model.diagnostics_["r_hat"] < 1.05
        parts.append(table)
    found = pd.concat(parts)
    assert len(found) >= 12
    assert found["held"].mean() > 0.66
    sure = found[found["identified"]]
    assert (sure["mean"] / sure["truth"] - 1).abs().median() < 0.35


def test_it_says_what_it_found_in_one_shape(fitted):
    assert list(fitted.roas_.columns) == ["channel", "mean", "low", "high", "prior_low", "prior_high"]
    assert (fitted.roas_["low"] < fitted.roas_["mean"]).all()
    assert fitted.draws_["roas"].shape == (1000, 2)
    assert fitted.diagnostics_["r_hat"] < 1.05
    assert fitted.diagnostics_["divergences"] == 0
    assert not fitted.contributions_.isna().any().any()
    by_day = fitted.contributions_.groupby("date")["mean"].sum()
    assert by_day.sum() == pytest.approx(LONG["sales"].head(104).sum(), rel=0.02)
    own = fitted.contributions_.groupby("channel")["mean"].sum()
    assert own["post"] / LONG["post"].head(104).sum() == pytest.approx(fitted.roas_["mean"][1], rel=0.05)
    assert fitted.holdout_ is not None
    assert fitted.holdout_.wmape < fitted.holdout_.wmape_seasonal_naive


def test_the_response_rises_less_and_less_from_nothing(fitted):
    found = fitted.response("ads", [0, 100, 200, 400])
    assert found.loc[0, ["mean", "low", "high"]].tolist() == [0, 0, 0]
    steps = np.diff(found["mean"]) / [100, 100, 200]
    assert (np.diff(steps) < 0).all()
    assert found["low"][2] < 500 * np.tanh(1) < found["high"][2]


def test_later_weeks_are_foretold_with_the_carry_over_of_earlier_ones(fitted):
    later = LONG.tail(13)
    said = fitted.predict(later)
    whole = fitted.predict(LONG).tail(13)
    assert said["mean"].to_numpy() == pytest.approx(whole["mean"].to_numpy())
    assert ((said["low"] < later["sales"].to_numpy()) & (later["sales"].to_numpy() < said["high"])).mean() > 0.6


def test_the_same_seed_and_any_kind_of_table_give_the_same_answer():
    table = weeks(60)
    shuffled = table.sample(frac=1, random_state=1)
    short = QUICK | {"draws": 50, "warmup": 50}
    first = MixModel(**short).fit(table, **ASKED).roas_
    again = MixModel(**short).fit(pa.Table.from_pandas(shuffled), **ASKED).roas_
    pd.testing.assert_frame_equal(first, again)


def test_money_in_minor_units_changes_no_return():
    table = weeks(60)
    cents = table.assign(**{c: (table[c] * 100).round().astype("int64") for c in ("ads", "post", "sales")})
    first, other = (MixModel(sampler="laplace", **QUICK).fit(t, **ASKED).roas_ for t in (table, cents))
    assert other["mean"].to_numpy() == pytest.approx(first["mean"].to_numpy(), rel=0.01)


def test_the_owners_belief_decides_where_the_data_cannot():
    table = weeks(60).assign(post=50.0)
    model = MixModel(prior_roi={"post": (2.0, 0.5)}, **QUICK).fit(table, **ASKED)
    post = model.identified_.set_index("channel").loc["post"]
    assert not post["identified"]
    assert post["reason"] == "spend_hardly_varied"
    assert model.roas_["mean"][1] == pytest.approx(2.0, abs=0.4)
    with pytest.raises(ValueError, match="prior_roi of ads"):
        MixModel(prior_roi=(0, 1)).fit(table, **ASKED)


def test_a_lift_test_narrows_the_return_and_moves_it_there():
    table = weeks(60)
    test = {"name": "stop", "channel": "post", "market": None, "start": "2024-03-04", "end": "2024-06-23",
            "spend": None, "delta": 3.0 * table["post"][9:25].sum(), "se": 0.1 * table["post"][9:25].sum()}  # fmt: skip
    lost = test | {"name": "elsewhere", "channel": "radio"}
    plain = MixModel(**QUICK).fit(table, **ASKED)
    model = MixModel(**QUICK).fit(table, **ASKED, lift_tests=pd.DataFrame([test, lost]))
    width = [m.roas_["high"][1] - m.roas_["low"][1] for m in (plain, model)]
    assert width[1] < 0.5 * width[0]
    assert model.roas_["mean"][1] == pytest.approx(3.0, abs=0.15)
    assert model.unused_tests_ == ("elsewhere",)


def test_geos_lean_on_each_other():
    """Three markets of different size and one answer: together they know it better than the largest alone."""
    parts = []
    for g, size in enumerate((1.0, 0.5, 0.25)):
        one = weeks(60, seed=g)
        parts.append(one.assign(geo=f"g{g}", **{c: one[c] * size for c in ("ads", "post", "sales")}))
    both = pd.concat(parts)
    model = MixModel(**(QUICK | {"draws": 200, "warmup": 200})).fit(both, geo="geo", **ASKED)
    alone = MixModel(**QUICK).fit(parts[0], **ASKED)
    assert model.diagnostics_["r_hat"] < 1.05
    assert model.roas_["low"][1] < 3 < model.roas_["high"][1]
    width = [m.roas_["high"][1] - m.roas_["low"][1] for m in (alone, model)]
    assert width[1] < width[0]
    assert len(model.predict(both)) == len(both)
    with pytest.raises(ValueError, match="without north"):
        model.predict(parts[0].assign(geo="north"))


def test_reach_and_frequency_events_and_holidays_are_taken():
    rng, table = np.random.default_rng(3), weeks(80)
    table["reach"], table["often"] = 50 * table["post"] * rng.uniform(0.8, 1.2, 80), rng.uniform(1, 6, 80)
    table["sales"] += -3 * table["post"] + 0.1 * table["reach"] * np.tanh(table["often"] / 3)
    table["fair"] = np.where(np.arange(80) == 20, "spring", "na")
    table.loc[20, "sales"] += 1500
    feast = pd.DataFrame({"day": ["2024-10-01", "2024-10-02"], "holiday": "national day"})
    table.loc[39, "sales"] += 1000
    model = MixModel(**QUICK).fit(
        table, **ASKED, events=["fair"], holidays=feast, reach_frequency={"post": ("reach", "often")}
    )
    true = (0.1 * table["reach"] * np.tanh(table["often"] / 3)).sum() / table["post"].sum()
    assert model.roas_["low"][1] < true < model.roas_["high"][1]
    base = model.contributions_[model.contributions_["channel"] == "base"]["mean"].to_numpy()
    assert base[20] - base[19] == pytest.approx(1500, abs=250)
    assert base[39] - base[38] == pytest.approx(1000, abs=250)
    assert model.response("post", [60, 120])["mean"].is_monotonic_increasing


def test_a_channel_that_never_spent_is_named_and_one_channel_is_enough():
    model = MixModel(sampler="laplace", **QUICK).fit(
        weeks(40).assign(radio=0.0), target="sales", spend={"Ads": "ads", "Radio": "radio"}, date="week"
    )
    assert model.channels_ == ("Ads",)
    assert model.silent_ == ("Radio",)
    assert model.holdout_ is None
    assert model.diagnostics_["r_hat"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.head(29), "30 weeks"),
        (lambda t: t.drop(columns="ads"), "no column ads"),
        (lambda t: t.drop(index=12), "one week apart"),
        (lambda t: pd.concat([t, t.tail(1)]), "there twice"),
        (lambda t: t.assign(ads=-t["ads"] - 1), "ads must be 0 or more"),
        (lambda t: t.assign(sales=5.0), "same in every week"),
        (lambda t: t.assign(sales=np.nan), "must be a number"),
        (lambda t: t.assign(ads=0, post=0), "no channel spent"),
    ],
)
def test_what_cannot_be_fitted_is_said(change, said):
    with pytest.raises(ValueError, match=said):
        MixModel().fit(change(weeks(50)), **ASKED)


def test_settings_out_of_range_are_said():
    with pytest.raises(ValueError, match="adstock must be one of"):
        MixModel(adstock="square").fit(weeks(40), **ASKED)
    with pytest.raises(ValueError, match="chains must be 2"):
        MixModel(chains=1).fit(weeks(40), **ASKED)


@pytest.fixture(scope="module")
def robyn(shared_data: Path) -> pd.DataFrame:
    table = pd.read_csv(shared_data / "mmm_robyn" / "dt_simulated_weekly.csv")
    return table.assign(t=np.arange(len(table)) / len(table))


ROBYN = {
    "target": "revenue", "date": "DATE", "channels": ("tv_S", "ooh_S", "print_S", "facebook_S", "search_S"),
    "controls": ("competitor_sales_B", "newsletter", "t"), "events": ("events",),
}  # fmt: skip


@pytest.mark.shared_data
def test_robyn_weeks_give_what_nuts_gives_with_the_same_beliefs(robyn):
    """pymc-marketing 0.19.2, nutpie 2 x (1000 + 1000), R-hat 1.010, same controls: its means and limits."""
    nuts = {"tv_S": (5.789, 4.138, 7.603), "ooh_S": (0.706, 0.135, 1.462), "print_S": (8.410, 3.468, 14.02),
            "facebook_S": (14.273, 3.593, 25.554), "search_S": (14.405, 2.082, 33.414)}  # fmt: skip
    found = ours(robyn, **ROBYN, draws=400)["roas"]
    for channel in ("tv_S", "print_S", "facebook_S", "ooh_S"):
        assert found[channel][0] == pytest.approx(nuts[channel][0], rel=0.05)
    assert found["search_S"][0] == pytest.approx(nuts["search_S"][0], rel=0.12)
    for channel, (mean, low, high) in nuts.items():
        assert found[channel][1:] == pytest.approx([low, high], abs=0.12 * mean)


@pytest.mark.shared_data
def test_search_is_not_decided_by_robyns_weeks(robyn):
    model = MixModel(**(QUICK | {"holdout_weeks": 13})).fit(
        robyn, target="revenue", spend=ROBYN["channels"], date="DATE", controls=ROBYN["controls"][:2],
        events=ROBYN["events"],
    )  # fmt: skip
    decided = model.identified_.set_index("channel")["identified"]
    assert decided["tv_S"]
    assert not decided["search_S"]
    assert model.diagnostics_["r_hat"] < 1.1
    assert model.holdout_ is not None
    assert model.holdout_.wmape < 0.5 * model.holdout_.wmape_seasonal_naive
