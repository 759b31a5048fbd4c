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


def ran(**more: object) -> pd.DataFrame:
    """An experiment on channel a: all its spend of four weeks held against none."""
    row = {"channel": "a", "start": pd.Timestamp("2024-12-02"), "end": pd.Timestamp("2024-12-29"), "weeks": 4.0,
           "spend": np.nan, "delta": 4 * 20.0, "se": 4.0} | more  # fmt: skip
    return pd.DataFrame([row])


def flat_channel() -> pd.DataFrame:
    """A hundred weeks of about the same spend, of which nobody can tell what it brings: 20 a week."""
    rng = np.random.default_rng(11)
    x = 1000 * np.exp(rng.normal(0, 0.05, 100))
    known = weekly(x, rng.poisson(10 + 40 * x / (x + 1000)))
    return known.assign(week=pd.date_range("2024-01-01", periods=100, freq="7D"))


def test_one_experiment_moves_and_narrows_a_curve() -> None:
    known = flat_channel()
    before = ResponseCurves().fit(known).curves_["a"]
    after = ResponseCurves().fit(known, ran()).curves_["a"]
    ends = [[float(end[0]) for end in c.band([1000.0])] for c in (before, after)]
    assert ends[1][1] - ends[1][0] < 0.3 * (ends[0][1] - ends[0][0])
    assert ends[1][0] <= 20 <= ends[1][1]
    assert ends[1][1] - ends[1][0] < 2 * 1.645 * 1.0 * 1.2
    assert "data_did_not_decide" in before.flags
    assert after.flags[-1] == "calibrated_by_experiment"
    assert "data_did_not_decide" not in after.flags
    # An experiment that saw less moves it there, and one without much to say hardly at all.
    less = ResponseCurves().fit(known, ran(delta=4 * 8.0)).curves_["a"]
    assert less.band([1000.0])[1][0] < 11
    weak = ResponseCurves().fit(known, ran(se=4000.0)).curves_["a"]
    assert weak.band([1000.0])[1][0] == pytest.approx(before.band([1000.0])[1][0], rel=0.05)


def test_an_experiment_on_part_of_the_spend_and_one_of_another_channel() -> None:
    known = flat_channel()
    # Half the spend taken away: f(1000) - f(500) = 20 - 13.33.
    part = ResponseCurves().fit(known, ran(spend=2000.0, delta=4 * 6.667, se=1.0)).curves_["a"]
    x = part.draws[:, 0] * (1000 / (1000 + part.draws[:, 1]) - 500 / (500 + part.draws[:, 1]))
    assert x.mean() == pytest.approx(6.667, rel=0.03)
    assert x.std() < 0.4
    other = ResponseCurves().fit(known, ran(channel="b")).curves_["a"]
    plain = ResponseCurves().fit(known).curves_["a"]
    assert other.ceiling == plain.ceiling
