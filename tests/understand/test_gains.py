"""Ranking, lift, calibration and profit against brute force and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from regulars.understand.calibration import Calibration
from regulars.understand.gains import (
    auc_interval,
    calibration_bins,
    calibration_error,
    calibration_noise,
    lift_curve,
    profit_threshold,
)

CASES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.35, 0.5, 0.9])), min_size=2, max_size=80)


@given(CASES)
def test_auc_is_that_of_scikit_learn_ties_included(cases):
    y, p = (np.array(v) for v in zip(*cases, strict=True))
    auc, low, high = auc_interval(y, p)
    if y.all() or not y.any():
        assert np.isnan(auc)
        return
    assert auc == pytest.approx(roc_auc_score(y, p))
    assert 0 <= low <= auc <= high <= 1


def test_delong_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    truth, inside = 0.7602, 0  # P(N(1, 1) > N(0, 1)) = Phi(1 / sqrt 2)
    for _ in range(300):
        y = np.repeat([0, 1], 60)
        _auc, low, high = auc_interval(y, rng.normal(y, 1.0))
        inside += low <= truth <= high
    assert 0.85 <= inside / 300 <= 0.95


@given(CASES)
@settings(max_examples=50)
def test_the_gains_curve_rises_to_everybody(cases):
    y, p = (np.array(v) for v in zip(*cases, strict=True))
    curve = lift_curve(y, p, points=10)
    if not y.any():
        assert curve == ()
        return
    gains = [c.gain for c in curve]
    assert gains == sorted(gains)
    assert gains[-1] == pytest.approx(1.0)
    assert all(c.lift == pytest.approx(c.gain / c.share) for c in curve)


def test_equal_chances_are_no_skill():
    curve = lift_curve([1] * 50 + [0] * 50, [0.5] * 100, points=4)
    assert [c.lift for c in curve] == pytest.approx([1.0] * 4)


def test_true_chances_show_the_error_of_luck_and_no_more():
    rng = np.random.default_rng(1)
    p = rng.beta(1, 3, 5000)
    seen = [calibration_error(rng.random(5000) < p, p) for _ in range(40)]
    assert calibration_noise(p) == pytest.approx(np.mean(seen), rel=0.1)
    assert sum(b.n for b in calibration_bins(rng.random(5000) < p, p)) == 5000


def test_the_limit_from_prices_is_the_best_of_all_limits():
    rng = np.random.default_rng(2)
    p = rng.random(20_000)
    y = rng.random(20_000) < p
    found = profit_threshold(y, p, gain=10.0, cost=3.0)
    best = max(float((y[p >= c] * 10.0 - 3.0).sum()) for c in np.linspace(0, 1, 101))
    assert found.chance == 0.3
    assert found.profit == pytest.approx(best, rel=0.01)
    assert found.low < found.profit < found.high
    assert found.profit > found.everybody
    with pytest.raises(ValueError, match="gains more than 0"):
        profit_threshold(y, p, gain=0, cost=1)


def test_true_chances_are_left_alone_and_bent_ones_put_right():
    rng = np.random.default_rng(3)
    p = rng.beta(1, 3, 4000)
    y = rng.random(4000) < p
    assert Calibration().fit(p, y).method_ == "none"
    for wrong in (p**2, np.where(p < 0.3, p / 3, p)):
        fixed = Calibration().fit(wrong, y)
        assert fixed.method_ in ("platt", "isotonic")
        assert calibration_error(y, fixed.predict(wrong)) < 0.5 * calibration_error(y, wrong)


def test_few_cases_are_never_bent():
    assert Calibration().fit([0.1] * 30, [1] * 5 + [0] * 25).method_ == "none"
