from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.bandit_linear import LinearArms


def test_the_posterior_is_that_of_the_normal_equations() -> None:
    rng = np.random.default_rng(1)
    x, r = rng.normal(size=(50, 3)), rng.normal(size=50)
    arms = LinearArms(("a", "b"), 3, noise=0.5, prior_sd=2.0).told("a", x[:20], r[:20]).told("a", x[20:], r[20:])
    gram = x.T @ x + np.eye(3) * (0.5 / 2.0) ** 2
    mean, sd = arms.scores(x[:1])
    assert mean[0, 0] == pytest.approx(x[0] @ np.linalg.solve(gram, x.T @ r))
    assert sd[0, 0] == pytest.approx(0.5 * np.sqrt(x[0] @ np.linalg.solve(gram, x[0])))
    assert mean[0, 1] == 0.0


def test_the_propensity_is_how_often_sampling_chooses() -> None:
    rng = np.random.default_rng(2)
    arms = LinearArms(("a", "b", "c"), 2, floor=0.05)
    for name, tilt in (("a", (1.0, 0.0)), ("b", (0.0, 1.0)), ("c", (0.5, 0.5))):
        x = rng.normal(size=(15, 2))
        arms = arms.told(name, x, x @ np.array(tilt) + rng.normal(size=15))
    people = rng.normal(size=(5, 2))
    mean, sd = arms.scores(people)
    draws = mean + sd * rng.normal(size=(40_000, 5, 3))
    sampled = np.stack([(draws.argmax(axis=2) == k).mean(axis=0) for k in range(3)], axis=1)
    assert arms.propensities(people) == pytest.approx(0.85 * sampled + 0.05, abs=0.01)


def test_it_learns_whom_each_arm_suits() -> None:
    rng = np.random.default_rng(3)
    arms = LinearArms(("plain", "rich"), 2, noise=0.3)
    for step in range(60):
        people = np.stack([np.ones(20), rng.choice([-1.0, 1.0], 20)], axis=1)
        chosen, chance = arms.decide(people, seed=step)
        assert ((chance > 0) & (chance <= 1)).all()
        for name, sign in (("plain", -1.0), ("rich", 1.0)):
            mine = np.array([c == name for c in chosen])
            if mine.any():
                reward = 0.5 + 0.3 * sign * people[mine, 1] + 0.3 * rng.normal(size=mine.sum())
                arms = arms.told(name, people[mine], reward)
    wins = arms.propensities([[1.0, 1.0], [1.0, -1.0]])
    assert wins[0, 1] > 0.95
    assert wins[1, 0] > 0.95
    with pytest.raises(ValueError, match="2"):
        arms.scores([[1.0]])
    with pytest.raises(ValueError, match="floor"):
        LinearArms(("a", "b"), 1, floor=0.6)
