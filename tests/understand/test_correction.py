from __future__ import annotations

import numpy as np
import pytest

from regulars.understand.correction import Correction, Misses, learn

FIRST = np.datetime64("2024-01-10").astype(int) + np.repeat([0, 31, 60, 91], 500)


def misses(seed, factor=1.0, by_cohort=(1.0, 1.0, 1.0, 1.0), cuts=3):
    """Forecasts of Poisson purchases that fall short by known factors."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 1.5, 2000)
    truth = rate * factor * np.repeat(by_cohort, 500)
    return [Misses(FIRST, rate, rng.poisson(truth).astype(float)) for _ in range(cuts)]


def test_a_bias_of_all_is_taken_off_by_three_votes_of_four():
    found = learn(misses(0, factor=1.3))
    assert found.overall == pytest.approx(1.3**0.75, rel=0.02)
    assert found.applied
    assert found.gain > 0.4


def test_a_cohort_that_differs_gets_its_own_factor():
    found = learn(misses(1, by_cohort=(1.0, 1.0, 1.0, 0.5)))
    # 0 is January 1970: the months are 648 to 651.
    factors = dict(found.cohorts)
    assert set(factors) == {648, 649, 650, 651}
    assert factors[651] == pytest.approx(0.5, abs=0.12)
    assert factors[648] == pytest.approx(1.0, abs=0.12)
    assert found.factors(np.array([FIRST[0], FIRST[-1]])).tolist() == [factors[648], factors[651]]
    # Who came after the tests gets what all get.
    assert found.factors(np.array([FIRST[-1] + 400])).tolist() == [found.overall]


def test_without_a_bias_corrections_are_rare_and_small():
    found = [learn(misses(seed)) for seed in range(40)]
    assert np.mean([f.overall != 1.0 for f in found]) < 0.35
    assert max(abs(f.overall - 1.0) for f in found) < 0.05


def test_noise_about_nothing_is_not_corrected_and_one_test_is_too_few():
    assert learn(misses(3, factor=1.3, cuts=1)) == Correction()
    assert learn([]) == Correction()
    nobody = [Misses(FIRST, np.zeros(2000), np.zeros(2000))] * 3
    assert learn(nobody) == Correction()
    silent = [Misses(FIRST, np.full(2000, 0.01), np.zeros(2000))] * 3
    assert np.isfinite(learn(silent).overall)
