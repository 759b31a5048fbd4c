"""Whom to treat, and what that is worth: a rule's value from people who were drawn, whatever model made the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.understand.qini import Estimate, estimate
from regulars.understand.uplift_design import Design
from regulars.understand.uplift_learners import arm_model
from regulars.understand.uplift_sums import ArmSums

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class PolicyValue:
    """What a rule earns per customer over treating nobody, and over treating everybody; ``share`` is who it treats."""

    share: float
    over_nobody: Estimate
    over_everybody: Estimate


def treat(uplift: ArrayLike, *, margin: float = 1.0, cost: float = 0.0) -> NDArray[np.bool_]:
    """Treat where it pays: margin x uplift > cost.

    ``margin`` is what one unit of the outcome is worth (profit per extra order, or the share of revenue that
    stays), ``cost`` what one treatment costs, in the same money.

    >>> treat([0.01, 0.05, -0.02], margin=2_000, cost=30).tolist()
    [False, True, False]
    """
    return np.asarray(margin * np.asarray(uplift, dtype=np.float64) > cost)


def best_arm(uplift: ArrayLike, *, margin: float = 1.0, costs: ArrayLike = 0.0) -> NDArray[np.int64]:
    """The arm that pays most for each person, -1 where none pays; ``uplift`` has one column per arm.

    >>> best_arm([[0.01, 0.03], [-0.01, 0.0]], margin=100, costs=[0.2, 1.0]).tolist()
    [1, -1]
    """
    gain = margin * np.asarray(uplift, dtype=np.float64) - np.asarray(costs, dtype=np.float64)
    best = gain.argmax(axis=1)
    return np.where(gain.max(axis=1) > 0, best, -1)


def doubly_robust(
    X: Any, treatment: ArrayLike, y: ArrayLike, *, propensity: ArrayLike | None = None, folds: int = 5, seed: int = 0
) -> Vector:
    """A figure per person whose mean over any group is the effect on that group.

    ``G = m1(x) - m0(x) + T (y - m1(x)) / e - (1 - T) (y - m0(x)) / (1 - e)``, with m0 and m1 linear models of the
    other folds. Right when either the propensity e or the models are; with a drawn e it is always right, and the
    models only take noise out.

    Source: Robins, Rotnitzky and Zhao, JASA 89 (1994) 846-866; Chernozhukov et al., Econometrics Journal 21 (2018).
    """
    got, outcome = np.asarray(treatment, dtype=np.float64), np.asarray(y, dtype=np.float64)
    matrix = Design().fit(X).transform(X)
    e = np.full(len(got), got.mean()) if propensity is None else np.broadcast_to(propensity, got.shape).astype(float)
    fold = np.random.default_rng(seed).integers(0, folds, len(got))
    sums = {
        (a, f): ArmSums.of(matrix[(got == a) & (fold == f)], outcome[(got == a) & (fold == f)])
        for a in (0, 1) for f in range(folds)
    }  # fmt: skip
    mean = np.zeros((2, len(got)))
    for f in range(folds):
        own = fold == f
        for a in (0, 1):
            rest = [sums[a, g] for g in range(folds) if g != f]
            total = sum(rest[1:], start=rest[0])
            mean[a, own] = matrix[own] @ arm_model(total).coef if total.people else 0.0
    m0, m1 = mean
    return np.asarray(m1 - m0 + got * (outcome - m1) / e - (1 - got) * (outcome - m0) / (1 - e))


def policy_value(
    policy: ArrayLike, gamma: ArrayLike, *, margin: float = 1.0, cost: float = 0.0, level: float = 0.9
) -> PolicyValue:
    """What a rule earns per customer: V = mean of policy x (margin x G - cost).

    ``policy`` is 1 where the rule treats (made from scores that never saw the person: cross-fitted or older);
    ``gamma`` comes from ``doubly_robust``.

    >>> found = policy_value([1, 0], [0.2, -0.1], margin=10, cost=1)
    >>> found.over_nobody.value, found.over_everybody.value
    (0.5, 1.0)
    """
    rule, worth = np.asarray(policy, dtype=np.float64), margin * np.asarray(gamma, dtype=np.float64) - cost
    gain, against = rule * worth, (rule - 1.0) * worth
    return PolicyValue(
        float(rule.mean()),
        estimate(float(gain.mean()), gain - gain.mean(), level),
        estimate(float(against.mean()), against - against.mean(), level),
    )


def value_by_share(
    score: ArrayLike, gamma: ArrayLike, shares: ArrayLike, *, margin: float = 1.0, cost: float = 0.0, level: float = 0.9
) -> tuple[PolicyValue, ...]:
    """The value of treating the best ``share`` of people by score, for each share."""
    place = np.empty(len(np.asarray(score)))
    place[np.argsort(-np.asarray(score, dtype=np.float64), kind="stable")] = np.arange(len(place))
    return tuple(
        policy_value(place < round(float(s) * len(place)), gamma, margin=margin, cost=cost, level=level)
        for s in np.asarray(shares, dtype=np.float64)
    )
