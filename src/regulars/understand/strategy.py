"""The strategy map: what to do with customers in each state, as rules the owner may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.tables import ACTIVITY_STATES

GOALS: Final = ("onboarding", "cross_sell", "referral", "care", "wake_up", "win_back", "leave")


@dataclass(frozen=True)
class Strategy:
    """What to aim at with customers in one state, and from which worth on it is worth a person's time.

    ``by_hand_from`` is customer value in minor units: at or above it a human
    should call or write; None never asks for one.
    """

    state: str
    goal: str
    by_hand_from: int | None = None


DEFAULTS: Final = (
    Strategy("new", "onboarding"),
    Strategy("active", "cross_sell"),
    Strategy("loyal", "referral"),
    Strategy("at_risk", "care"),
    Strategy("dormant", "wake_up"),
    Strategy("lost", "win_back"),
)


def strategy_map(changed: Iterable[Strategy] = ()) -> dict[str, Strategy]:
    """The map of all six states: the owner's rules where there are some, the defaults elsewhere.

    Raises ``ValueError`` for a state or goal that does not exist.

    >>> strategy_map([Strategy("lost", "leave")])["lost"].goal, strategy_map()["new"].goal
    ('leave', 'onboarding')
    """
    found = {rule.state: rule for rule in DEFAULTS}
    for rule in changed:
        if rule.state not in ACTIVITY_STATES:
            raise ValueError(f"there is no state {rule.state!r}; there are {', '.join(ACTIVITY_STATES)}")
        if rule.goal not in GOALS:
            raise ValueError(f"there is no goal {rule.goal!r}; there are {', '.join(GOALS)}")
        found[rule.state] = rule
    return found


def goals_for(
    states: ArrayLike, worth: ArrayLike, rules: Mapping[str, Strategy] | None = None
) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """The goal of every customer, and whether a person should see to it; an unknown state has no goal.

    >>> rules = strategy_map([Strategy("at_risk", "care", by_hand_from=100_000)])
    >>> [v.tolist() for v in goals_for(["at_risk", "at_risk", ""], [250_000, 50, 0], rules)]
    [['care', 'care', ''], [True, False, False]]
    """
    known = strategy_map() if rules is None else rules
    keys, value = np.asarray(states, dtype=np.str_), np.asarray(worth, dtype=np.float64)
    goal: NDArray[Any] = np.full(len(keys), "", dtype="<U20")
    by_hand = np.zeros(len(keys), dtype=np.bool_)
    for state, rule in known.items():
        here = keys == state
        goal[here] = rule.goal
        if rule.by_hand_from is not None:
            by_hand |= here & (value >= rule.by_hand_from)
    return goal, by_hand
