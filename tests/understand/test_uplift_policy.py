from __future__ import annotations

import numpy as np
import pytest

from regulars.understand import Uplift
from regulars.understand.uplift_policy import best_arm, doubly_robust, policy_value, treat, value_by_share


def market(n, seed, chosen=False):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    e = 1 / (1 + np.exp(-x[:, 0])) if chosen else np.full(n, 0.5)
    t = (rng.random(n) < e).astype(float)
    y = 1 + x[:, 0] + t * x[:, 1] + rng.normal(size=n)
    return x, t, y, e


def test_the_value_of_a_rule_is_the_known_one():
    # Effect ~ N(0, 1), cost 0: treating where it is positive earns E[max(x, 0)] = 1 / sqrt(2 pi).
    x, t, y, _ = market(20_000, 0)
    found = policy_value(treat(x[:, 1]), doubly_robust(x, t, y))
    assert found.over_nobody.low < 1 / np.sqrt(2 * np.pi) < found.over_nobody.high
    assert found.over_everybody.value == pytest.approx(found.over_nobody.value, abs=0.05)
    assert found.share == pytest.approx(0.5, abs=0.02)


def test_the_interval_holds_the_truth_even_where_the_choice_was_not_even():
    held = []
    for seed in range(100):
        x, t, y, e = market(800, seed, chosen=True)
        found = policy_value(treat(x[:, 1]), doubly_robust(x, t, y, propensity=e, seed=seed)).over_nobody
        held.append(found.low <= np.maximum(x[:, 1], 0).mean() <= found.high)
    assert np.mean(held) >= 0.85


def test_models_take_noise_out():
    x, t, y, _ = market(5000, 1)
    plain = y * (t - 0.5) / 0.25
    assert doubly_robust(x, t, y).std() < 0.8 * plain.std()


def test_treating_by_learnt_uplift_beats_everybody_when_some_are_harmed():
    x, t, y, _ = market(8000, 2)
    half = slice(0, 4000), slice(4000, None)
    score = Uplift().fit(x[half[0]], t[half[0]], y[half[0]]).predict(x[half[1]])
    gamma = doubly_robust(x[half[1]], t[half[1]], y[half[1]])
    assert policy_value(treat(score, margin=1, cost=0.1), gamma, cost=0.1).over_everybody.low > 0
    steps = value_by_share(score, gamma, [0.25, 0.5, 1.0], cost=0.1)
    assert steps[1].over_nobody.value > steps[2].over_nobody.value
    assert steps[2].over_everybody.value == 0


def test_the_arm_that_pays_most_or_none():
    assert best_arm([[1.0, 3.0], [2.0, 0.5], [0.1, 0.0]], costs=[1.0, 2.5]).tolist() == [1, 0, -1]
