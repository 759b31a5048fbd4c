from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regulars.measure.mix import MarketingMix, backtest
from regulars.measure.response import adstock


def simulated(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, float]]:
    """Three years of weekly revenue with a trend, a season and three channels of known return."""
    weeks = 156
    spend = np.exp(rng.normal(0, 0.7, (weeks, 3))) * [3000, 2000, 1000]
    spend[rng.random((weeks, 3)) < 0.2] = 0
    half, decay = spend.mean(axis=0) * np.exp(rng.normal(0, 0.6, 3)), rng.choice([0.1, 0.3, 0.5, 0.7], 3)
    stock = np.stack([adstock(spend[:, c], decay[c]) for c in range(3)], axis=1)
    media = stock / (stock + half) * rng.uniform(5_000, 30_000, 3)
    t = np.arange(weeks)
    frame = pd.DataFrame(spend, columns=list("abc"))
    season = 8_000 * np.sin(2 * np.pi * t / 52.18)
    frame["revenue"] = 100_000 + 20_000 * t / weeks + season + media.sum(axis=1) + rng.normal(0, 4_000, weeks)
    return frame, {c: media[:, i].sum() / spend[:, i].sum() for i, c in enumerate("abc")}


def test_known_returns_lie_in_their_intervals() -> None:
    rng = np.random.default_rng(3)
    held, worst = [], 1.0
    for _ in range(12):
        frame, truth = simulated(rng)
        model = MarketingMix(draws=600).fit(frame, channels=tuple("abc"))
        held += [model.roas_[c][1] <= truth[c] <= model.roas_[c][2] for c in "abc"]
        worst = max(worst, *model.r_hat_.values())
    assert np.mean(held) >= 0.8
    assert worst < 1.1


def test_constant_spend_cannot_decide() -> None:
    frame, _ = simulated(np.random.default_rng(4))
    frame["c"] = 1000.0
    model = MarketingMix(draws=300, chains=2).fit(frame, channels=tuple("abc"))
    assert {"spend_hardly_varied", "data_did_not_decide"} <= set(model.curves_["c"].flags)


def test_what_cannot_be_fitted_is_said() -> None:
    frame, _ = simulated(np.random.default_rng(4))
    with pytest.raises(ValueError, match="30 weeks"):
        MarketingMix().fit(frame.head(20), channels=("a",))
    with pytest.raises(ValueError, match="no column d"):
        MarketingMix().fit(frame, channels=("d",))
    with pytest.raises(ValueError, match="no channel spent"):
        MarketingMix().fit(frame.assign(a=0.0), channels=("a",))


@pytest.mark.shared_data
def test_robyn_weeks_not_seen_beat_last_years(shared_data: Path) -> None:
    frame = pd.read_csv(shared_data / "mmm_robyn" / "dt_simulated_weekly.csv")
    channels = ("tv_S", "ooh_S", "print_S", "facebook_S", "search_S")
    controls = ("competitor_sales_B", "newsletter")
    model = MarketingMix().fit(frame, channels=channels, controls=controls)
    found = backtest(frame, model, channels=channels, controls=controls)
    assert found.wmape < 0.5 * found.wmape_seasonal_naive
    assert model.r2_ > 0.85
    # NUTS with other priors gives 5.90 for TV, and an interval that spans 50 times for search.
    assert model.roas_["tv_S"][1] < 5.9 < model.roas_["tv_S"][2]
    assert "data_did_not_decide" in model.curves_["search_S"].flags


@pytest.mark.shared_data
def test_meridian_weeks_not_seen_beat_last_years(shared_data: Path) -> None:
    frame = pd.read_csv(shared_data / "mmm_meridian" / "national_media.csv")
    frame["revenue"] = frame["conversions"] * frame["revenue_per_conversion"]
    channels = tuple(f"Channel{i}_spend" for i in range(4))
    controls = ("competitor_activity_score_control", "sentiment_score_control")
    model = MarketingMix().fit(frame, channels=channels, controls=controls)
    found = backtest(frame, model, channels=channels, controls=controls)
    assert found.wmape < 0.6 * found.wmape_seasonal_naive
