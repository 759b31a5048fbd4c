from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.arms import NormalArm
from regulars.decide.bandit_delay import DelayCurve, money_arm, yes_no_arm


def world(seed: int, people: int = 20_000, rate: float = 0.2, window: float = 14.0) -> tuple[np.ndarray, ...]:
    """Exposures over 20 days, rewards after exponential days of mean 5 cut at the window; what is seen by now."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(0, 20, people)
    delay = rng.exponential(5.0, people)
    will = (rng.random(people) < rate) & (delay <= window)
    return age, delay, will & (delay <= age)


def test_delays_are_found_although_late_ones_are_missing() -> None:
    age, delay, seen = world(1)
    curve = DelayCurve(14.0).fit(delay[seen], age[seen])
    for d in (1.0, 3.0, 6.0, 10.0):
        truth = (1 - np.exp(-d / 5)) / (1 - np.exp(-14 / 5))
        assert curve.share(d) == pytest.approx(truth, abs=0.03)
        naive = (delay[seen] <= d).mean()
        assert abs(naive - truth) > abs(float(curve.share(d)) - truth)
    assert curve.share([0.0, 14.0, 99.0]).tolist() == [0.0, 1.0, 1.0]


def test_the_rate_is_unbiased_while_counting_the_young_as_failures_is_not() -> None:
    truth = 0.2 * (1 - np.exp(-14 / 5))
    wise, naive = [], []
    for seed in range(12):
        age, delay, seen = world(seed, 4_000)
        curve = DelayCurve(14.0).fit(delay[seen], age[seen])
        arm = yes_no_arm(np.ones(4_000), seen.astype(float), age, curve)
        wise.append(arm.wins / (arm.wins + arm.losses))
        naive.append(seen.mean())
    error = np.std(wise) / np.sqrt(12)
    assert np.mean(wise) == pytest.approx(truth, abs=3.5 * error)
    assert np.mean(naive) < 0.85 * truth


def test_money_counts_when_it_is_ripe() -> None:
    arm = money_arm([1, 1, 1], [10.0, 20.0, 99.0], [100.0, 400.0, 9801.0], [30, 20, 3], 14, NormalArm(noise=5.0))
    assert (arm.seen, arm.total, arm.noise) == (2.0, 30.0, 5.0)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no longer than"):
        DelayCurve(10.0).fit([5.0], [3.0])
    with pytest.raises(ValueError, match="more rewards"):
        yes_no_arm([1], [2], [1], DelayCurve(1.0).fit([], []))
