from __future__ import annotations

import csv

import numpy as np
import pytest

from regulars.understand import BetaDiscreteWeibull, ShiftedBetaGeometric

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


@pytest.mark.parametrize(
    ("curve", "parameters", "likelihood", "ahead"),
    [
        (REGULAR, (0.7041, 1.1820), -1680.27, (22.0, 20.4, 19.1, 18.0, 17.0)),
        (HIGH_END, (0.6681, 3.8061), -1611.16, (46.0, 43.6, 41.4, 39.5, 37.8)),
    ],
)
def test_published_retention_curves(curve, parameters, likelihood, ahead):
    model = ShiftedBetaGeometric().fit_curve(curve)
    assert model.parameters_ == pytest.approx(parameters, abs=6e-5)
    assert model.log_likelihood_ == pytest.approx(likelihood, abs=0.006)
    assert model.survival(np.arange(8, 13)) * 100 == pytest.approx(ahead, abs=0.051)


@pytest.mark.shared_data
def test_the_curves_as_they_come_in_a_file(shared_data):
    with (shared_data / "retention_curves" / "survival_years_0_7.csv").open() as file:
        rows = list(csv.DictReader(file))
    for column, curve in (("regular_pct", REGULAR), ("high_end_pct", HIGH_END)):
        assert [round(float(r[column]) * 10) for r in rows] == curve


def test_retention_rises_by_the_closed_form():
    model = ShiftedBetaGeometric().fit_curve(HIGH_END)
    t = np.arange(1, 9)
    a, b = model.parameters_
    assert model.retention(t) == pytest.approx((b + t - 1) / (a + b + t - 1))
    assert np.cumprod(model.retention(t)) == pytest.approx(model.survival(t))


def test_the_general_model_is_this_one_when_time_does_not_matter():
    rng = np.random.default_rng(0)
    sbg = ShiftedBetaGeometric().fit_curve(HIGH_END)
    bdw = BetaDiscreteWeibull()
    bdw.alpha_, bdw.beta_, bdw.c_ = sbg.alpha_, sbg.beta_, 1.0
    t, age = rng.integers(0, 50, 40), rng.integers(0, 50, 40)
    assert bdw.survival(t, age) == pytest.approx(sbg.survival(t, age), rel=1e-12)


def test_residual_life_is_the_sum_over_what_is_left():
    model = ShiftedBetaGeometric().fit_curve(REGULAR)
    by_hand = sum(float(model.survival(k, 3)) / 1.1**k for k in range(1, 21))
    assert model.residual(3, 20, 0.1) == pytest.approx(by_hand)
    assert model.residual(3, 20, 0.0) > by_hand
    assert model.residual([0, 5], 0).tolist() == [0, 0]


def test_ninety_per_cent_intervals_hold_the_truth_nine_times_in_ten():
    rng = np.random.default_rng(11)
    truth, held = ShiftedBetaGeometric(), 0
    truth.alpha_, truth.beta_ = 0.8, 3.0
    for _ in range(200):
        life = rng.geometric(rng.beta(0.8, 3.0, 800))
        model = ShiftedBetaGeometric().fit({"periods": np.minimum(life, 8), "ended": life <= 8})
        low, high = model.survival_interval(12)
        held += int(low <= truth.survival(12) <= high)
    assert 165 <= held <= 192


def test_bad_curves_and_contracts_are_named():
    with pytest.raises(ValueError, match="do not rise"):
        ShiftedBetaGeometric().fit_curve([10, 11])
    with pytest.raises(ValueError, match="nobody has left"):
        ShiftedBetaGeometric().fit_curve([10, 10])
    with pytest.raises(ValueError, match="row 0"):
        ShiftedBetaGeometric().fit({"periods": [0], "ended": [True]})
    one = ShiftedBetaGeometric(penalizer=1).fit({"periods": [2], "ended": [False]})
    assert 0 < one.survival(12) < 1
