from __future__ import annotations

import pytest

from regulars.tables import ACTIVITY_STATES
from regulars.understand.strategy import DEFAULTS, GOALS, Strategy, goals_for, strategy_map


def test_every_state_has_a_goal_and_every_default_is_one():
    assert tuple(rule.state for rule in DEFAULTS) == ACTIVITY_STATES
    assert {rule.goal for rule in DEFAULTS} <= set(GOALS)
    goals, by_hand = goals_for(ACTIVITY_STATES, [0] * 6)
    assert goals.tolist() == ["onboarding", "cross_sell", "referral", "care", "wake_up", "win_back"]
    assert not by_hand.any()


def test_the_owners_rule_replaces_the_default():
    rules = strategy_map([Strategy("active", "referral", by_hand_from=100)])
    goals, by_hand = goals_for(["active", "active", "lost"], [99, 100, 10_000], rules)
    assert goals.tolist() == ["referral", "referral", "win_back"]
    assert by_hand.tolist() == [False, True, False]


@pytest.mark.parametrize("rule", [Strategy("gone", "care"), Strategy("lost", "shout")])
def test_a_rule_that_makes_no_sense_is_refused(rule):
    with pytest.raises(ValueError, match="there is no"):
        strategy_map([rule])
