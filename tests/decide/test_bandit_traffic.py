from __future__ import annotations

import math

import numpy as np
import pytest

from regulars.decide.arms import BetaArm, expected_losses
from regulars.decide.bandit import Bandit
from regulars.decide.bandit_traffic import advise, smallest_difference, weeks_needed


def test_the_smallest_difference_has_the_power_it_promises() -> None:
    rng = np.random.default_rng(1)
    d = smallest_difference(0.05, 1_000, 4, 2)
    n = 2_000
    a, b = rng.binomial(n, 0.05, 20_000) / n, rng.binomial(n, 0.05 + d, 20_000) / n
    pooled = (a + b) / 2
    found = (b - a) / np.sqrt(2 * pooled * (1 - pooled) / n) > 1.959964
    assert found.mean() == pytest.approx(0.8, abs=0.02)


def test_fleiss_table_of_sample_sizes() -> None:
    # Fleiss (2003), formula 4.14 before the continuity correction: .05 against .10, 5 % two-sided, power 80 %: n = 435
    assert smallest_difference(0.05, 435, 2, 2) == pytest.approx(0.05, rel=5e-3)


def test_two_hundred_visits_a_week_cannot_tell_five_arms_apart() -> None:
    bandit = Bandit({f"a{k}": BetaArm(10 + k % 2, 190) for k in range(5)})
    advice = advise(bandit, 200, 4, worth_seeing=0.1)
    assert advice.code == "too_little"
    assert advice.detectable > 1.0
    assert advice.weeks > 52
    assert weeks_needed(0.05, 0, 5, 0.1) == math.inf


def test_a_clear_winner_and_a_draw_end_it() -> None:
    clear = advise(Bandit({"a": BetaArm(90, 910), "b": BetaArm(40, 960)}), 500, 4)
    assert (clear.code, clear.arm) == ("finish", "a")
    level = advise(Bandit({"a": BetaArm(50_010, 949_990), "b": BetaArm(50_000, 950_000)}), 500, 4)
    assert level.code == "level"


def test_losses_are_those_of_sampling() -> None:
    arms = [BetaArm(8, 92), BetaArm(12, 90), BetaArm(3, 40)]
    rng = np.random.default_rng(5)
    draws = np.stack([a.draw(rng, 200_000) for a in arms])
    assert expected_losses(arms) == pytest.approx((draws.max(axis=0) - draws).mean(axis=1), abs=5e-4)


def test_a_world_that_changes_is_followed_by_forgetting() -> None:
    total = {}
    for keep in (1.0, 0.9):
        lost = 0.0
        for seed in range(3):
            rng = np.random.default_rng(seed)
            bandit = Bandit({"a": BetaArm(), "b": BetaArm()}, floor=0.02)
            for week in range(30):
                rates = {"a": 0.6, "b": 0.3} if week < 15 else {"a": 0.2, "b": 0.5}
                bandit = bandit.faded(keep)
                for name, share in bandit.propensities().items():
                    shown = round(60 * share)
                    won = int(rng.binomial(shown, rates[name]))
                    arm = bandit.arms[name]
                    bandit = Bandit({**bandit.arms, name: BetaArm(arm.wins + won, arm.losses + shown - won)}, 0.02)
                    lost += shown * (max(rates.values()) - rates[name])
        total[keep] = lost
    assert total[0.9] < 0.6 * total[1.0]


def test_top_two_gives_the_runner_up_its_half() -> None:
    plain = Bandit({"a": BetaArm(60, 40), "b": BetaArm(40, 60), "c": BetaArm(30, 70)})
    two = Bandit(plain.arms, rule="top_two").propensities()
    assert two["a"] == pytest.approx(0.5, abs=0.02)
    assert sum(two.values()) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="rule"):
        Bandit(plain.arms, rule="best").propensities()
