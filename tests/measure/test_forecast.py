from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regulars.measure.forecast import candidates, forecast, mase, seasonal_shape, ses, ses_level, theta


def test_smoothing_by_hand() -> None:
    errors, levels = ses_level(np.array([10.0, 12.0, 8.0]), np.array([0.5]))
    assert levels[0] == 9.5  # 10, 11, 9.5
    assert errors[0] == pytest.approx((2**2 + 3**2) / 2)


def test_theta_of_a_line_goes_on_at_half_its_slope() -> None:
    y = 3.0 * np.arange(40)
    said = theta(y, 4, 1)
    assert np.diff(said) == pytest.approx(np.full(3, 1.5))


def test_a_flat_series_stays_flat() -> None:
    found = forecast(np.full(40, 7.0), 5)
    assert found.value == pytest.approx(np.full(5, 7.0))


def test_a_clear_season_is_used() -> None:
    rng = np.random.default_rng(1)
    pattern = np.array([10, 12, 14, 13, 20, 30, 5.0])
    y = np.tile(pattern, 20) + rng.normal(0, 1, 140)
    found = forecast(y, 7, season=7)
    assert np.abs(found.value - pattern).mean() < 1.0
    assert seasonal_shape(rng.normal(size=140), 7) is None


def test_nine_of_ten_lie_in_the_interval() -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(120):
        y = np.cumsum(rng.normal(0, 1, 130)) + 100
        found = forecast(y[:-8], 8)
        held.append(((y[-8:] >= found.low) & (y[-8:] <= found.high)).mean())
    assert 0.78 <= np.mean(held) <= 0.97


def test_sales_are_never_negative() -> None:
    found = forecast(np.r_[np.linspace(50, 1, 40), 0.0, 0.0], 10)
    assert (found.low >= 0).all()
    assert (found.value >= 0).all()


def test_too_little_to_go_on_is_said() -> None:
    with pytest.raises(ValueError, match="two values"):
        forecast([1.0], 3)


@pytest.mark.shared_data
def test_m4_weekly_beats_naive_and_smoothing(shared_data: Path) -> None:
    frame = pd.read_parquet(shared_data / "m4_weekly" / "weekly_train.parquet")
    scores: dict[str, list[float]] = {"chosen": [], "naive": [], "ses": []}
    for _, own in list(frame.groupby("series"))[::12]:
        y = own.sort_values("t")["value"].to_numpy()
        past, truth = y[:-13], y[-13:]
        said = candidates(past[-520:], 13, 1)
        scores["naive"].append(mase(truth, said["naive"], past))
        scores["ses"].append(mase(truth, ses(past[-520:], 13, 1), past))
        scores["chosen"].append(mase(truth, forecast(past, 13).value, past))
    mean = {k: np.mean(v) for k, v in scores.items()}
    assert mean["chosen"] < mean["ses"] <= mean["naive"]
