"""Activity states by model: what a silence means for this customer, not how many days it has lasted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from regulars.tables import ACTIVITY, ACTIVITY_STATES
from regulars.understand.month_ends import Standing
from regulars.understand.rhythm import Rhythm

Vector = NDArray[np.float64]
NEW, ACTIVE, LOYAL, AT_RISK, DORMANT, LOST = range(6)


@dataclass(frozen=True)
class ReturnRule:
    """When a model's chance makes a customer at risk, dormant or lost.

    The chance to order again within ``within_days`` is laid beside the chance
    the same customer had on the day of the last purchase: a shop whose
    customers rarely return and one they visit weekly get the same words for
    the same change. ``overdue`` is the share of the customer's own pauses that
    the silence must outlast to raise "at risk" even where the chance is high.
    """

    within_days: float = 365.0
    at_risk_below: float = 0.7
    dormant_below: float = 0.4
    lost_below: float = 0.15
    overdue: float = 0.95
    loyal_orders: int = ACTIVITY.loyal_orders


RETURN: Final = ReturnRule()


def return_chance(model: Any, x: Vector, tx: Vector, T: Vector, within: float) -> Vector:
    r"""The chance of at least one more purchase within so many days.

    .. math:: P(alive)\,\Big[1 - \big(\tfrac{\alpha+T}{\alpha+T+t}\big)^{r+x}\Big]

    Exact under BG/NBD and MBG/NBD, where a customer leaves only after a
    purchase; an upper limit under Pareto/NBD. Source: Fader, Hardie and Lee
    (2005); the second factor is the negative binomial chance of none.
    """
    return np.asarray(model.p_alive(x, tx, T)) * _buys(model, x, T, within)


def chance_left(model: Any, x: Vector, tx: Vector, T: Vector, within: float) -> Vector:
    """The chance to return as a share of the same customer's chance on the day of the last purchase, 0 to 1."""
    # Right after a purchase P(alive) depends on x alone, in all three models; it is computed once per x.
    counts, at = np.unique(x, return_inverse=True)
    zero = np.zeros(len(counts))
    fresh = np.asarray(model.p_alive(counts, zero, zero))[at.reshape(x.shape)] * _buys(model, x, tx, within)
    now = return_chance(model, x, tx, T, within)
    return np.divide(now, fresh, out=np.ones_like(now), where=fresh > 0)


def _buys(model: Any, x: Vector, T: Vector, within: float) -> Vector:
    age = model.alpha_ + T
    return np.asarray(-np.expm1((model.r_ + x) * (np.log(age) - np.log(age + within))))


def states_by_model(
    model: Any, rhythm: Rhythm | None, at: Standing, rule: ReturnRule = RETURN
) -> tuple[NDArray[np.int8], Vector]:
    """The state of every customer at every day, and how much of the chance to return is left (0 to 1).

    States are positions in ``tables.ACTIVITY_STATES``; -1 before the first
    purchase. A longer silence never makes a state livelier.
    """
    left = np.ones(at.x.shape)
    left[at.known] = chance_left(model, at.x[at.known], at.tx[at.known], at.T[at.known], rule.within_days)
    late = left < rule.at_risk_below
    if rhythm is not None:
        late |= rhythm.outlasted(at.silence, at.x, at.log_gaps) >= rule.overdue
    pause = 30.0 if rhythm is None else float(np.exp(rhythm.mu))
    patience = max(pause, ACTIVITY.shortest_gap_days)
    young = (at.orders <= 1) & (patience >= at.T)
    found = np.select(
        [~at.known, left < rule.lost_below, left < rule.dormant_below, late, young, at.orders >= rule.loyal_orders],
        [-1, LOST, DORMANT, AT_RISK, NEW, LOYAL],
        default=ACTIVE,
    )
    return found.astype(np.int8), left


def names(codes: NDArray[Any]) -> NDArray[np.str_]:
    """The keys of states by position; -1 is empty."""
    return np.asarray(np.array([*ACTIVITY_STATES, ""])[codes], dtype=np.str_)
