from __future__ import annotations

import numpy as np
import pytest

from regulars.understand.viral import rate, viral


def company(rng, people=800, mean=0.4, days=60.0, now=400.0):
    """People join over time; each brings a gamma-Poisson number at exponential ages, seen only until now."""
    joined = rng.uniform(0, now, people)
    number = rng.poisson(rng.gamma(0.5, mean / 0.5, people))
    host = np.repeat(np.arange(people), number)
    at = joined[host] + rng.exponential(days, len(host))
    seen = at <= now
    return joined, host[seen], at[seen]


def test_k_is_right_although_newcomers_have_had_no_time():
    rng = np.random.default_rng(0)
    truth = 0.4 * (1 - np.exp(-180 / 60))
    found = [viral(*company(rng), now=400.0) for _ in range(100)]
    assert np.mean([f.value for f in found]) == pytest.approx(truth, rel=0.03)
    assert np.mean([f.low <= truth <= f.high for f in found]) == pytest.approx(0.9, abs=0.06)
    plain = np.mean([f.referrals / f.customers for f in found])
    assert plain < 0.9 * truth
    middle = -60 * np.log(1 - 0.5 * (1 - np.exp(-3)))
    assert np.mean([f.cycle_days for f in found]) == pytest.approx(middle, rel=0.1)


def test_growth_in_a_year_is_the_sum_of_rounds():
    joined = np.zeros(100)
    found = viral(joined, np.arange(50), np.full(50, 73.0), now=400.0)
    assert (found.value, found.cycle_days) == (0.5, 73.0)
    assert found.growth_year == pytest.approx(sum(0.5**k for k in range(6)))


def test_rates_of_people_who_bring_unevenly_have_wide_enough_limits():
    rng = np.random.default_rng(1)
    held = []
    for _ in range(400):
        value, low, high = rate(rng.poisson(rng.gamma(0.5, 0.6, 200)))
        assert low <= value <= high
        held.append(low <= 0.3 <= high)
    assert np.mean(held) >= 0.86


def test_nobody_brought_anybody():
    found = viral([0.0, 10.0], [], [], now=100.0)
    assert (found.value, found.low, found.cycle_days) == (0.0, 0.0, None)
    assert found.high > 0
    assert rate([])[2] == float("inf")
