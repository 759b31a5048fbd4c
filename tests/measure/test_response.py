from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.measure.response import ResponseCurves, adstock


def weekly(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"channel": "a", "week": range(len(x)), "spend": x, "conversions": y})


def test_known_curves_lie_in_their_intervals() -> None:
    """Fifty simulated channels, overdispersed counts (variance twice the mean): 90 % intervals hold about 90 %."""
    rng = np.random.default_rng(1)
    held, ratio = np.zeros(4), []
    for _ in range(50):
        level = 2000.0
        x = level * np.exp(rng.normal(0, 0.6, 104))
        x[rng.random(104) < 0.15] = 0
        half, base = level * np.exp(rng.normal(0, 0.7)), rng.uniform(2, 20)
        effect = rng.uniform(10, 60)
        ceiling = effect * (level + half) / level
        y = rng.negative_binomial(base + ceiling * x / (x + half), 0.5)
        curve = ResponseCurves().fit(weekly(x, y)).curves_["a"]
        low, high = curve.band([level])
        held += [
            curve.ceiling[1] <= ceiling <= curve.ceiling[2], curve.half[1] <= half <= curve.half[2],
            curve.baseline[1] <= base <= curve.baseline[2], low[0] <= effect <= high[0],
        ]  # fmt: skip
        ratio.append((curve.at(level) - curve.baseline[0]) / effect)
    assert (held >= 0.8 * 50).all(), held
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.03)


def test_carry_over_is_found() -> None:
    rng = np.random.default_rng(5)
    x = 1000 * rng.gamma(1.0, 1.0, 150)
    stock = adstock(x, 0.6)
    y = rng.poisson(10 + 120 * stock / (stock + 1000))
    curve = ResponseCurves().fit(weekly(x, y)).curves_["a"]
    assert curve.decay > 0.5
    assert curve.ceiling[1] <= 120 <= curve.ceiling[2]


@pytest.mark.parametrize("noise", [0.0, 10.0])
def test_spend_that_hardly_varied_cannot_decide(noise: float) -> None:
    rng = np.random.default_rng(2)
    curve = ResponseCurves().fit(weekly(1000 + rng.normal(0, noise, 80), rng.poisson(30, 80))).curves_["a"]
    assert {"spend_hardly_varied", "data_did_not_decide"} <= set(curve.flags)
    # Nothing says which part of the 30 the money brought: the interval must hold little and almost all.
    low, high = curve.band([1000.0])
    assert low[0] < 10
    assert high[0] > 18
    assert np.isfinite(curve.draws).all()


def test_money_without_effect_is_not_given_credit_for_the_trend() -> None:
    rng = np.random.default_rng(3)
    t = np.linspace(0, 1, 120)
    curve = ResponseCurves().fit(weekly(rng.uniform(500, 1500, 120), rng.poisson(20 + 60 * t))).curves_["a"]
    assert "data_did_not_decide" in curve.flags
    assert curve.at(1000.0) - curve.baseline[0] < 8


def test_channels_without_spend_have_no_curve() -> None:
    assert ResponseCurves().fit(weekly(np.zeros(60), np.ones(60))).curves_ == {}


def test_no_conversions_at_all() -> None:
    curve = ResponseCurves().fit(weekly(np.linspace(1, 100, 40), np.zeros(40))).curves_["a"]
    assert curve.at(100.0) < 0.2
    assert np.isfinite(curve.draws).all()


def test_a_missing_column_and_negative_spend_are_named() -> None:
    with pytest.raises(ValueError, match="conversions"):
        ResponseCurves().fit(pd.DataFrame({"channel": [], "week": [], "spend": []}))
    with pytest.raises(ValueError, match="negative"):
        ResponseCurves().fit(weekly(np.array([-1.0]), np.array([1.0])))
