"""Whether there is enough traffic to learn anything, and when to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import norm

from regulars.decide.bandit import Bandit

ENOUGH_CHANCE = 0.95
SMALL_LOSS = 0.01


def smallest_difference(
    rate: float, a_week: float, weeks: float, arms: int, *, power: float = 0.8, level: float = 0.05
) -> float:
    """The smallest difference of two rates that traffic can show, arms shown equally often.

    Formula: the d > 0 with d = z_{1 - level / (2 c)} sqrt(2 q (1 - q) / n) + z_power sqrt((p (1 - p) +
    (p + d)(1 - p - d)) / n), q = p + d / 2, n = a_week * weeks / arms, c = arms - 1 comparisons with the first
    (Bonferroni); infinite where even 1 - rate cannot be shown. Source: Fleiss, Levin and Paik, Statistical Methods
    for Rates and Proportions (2003), chapter 4.

    >>> round(smallest_difference(0.05, 200, 4, 5), 3)
    0.115
    """
    if not 0 < rate < 1 or arms < 2 or a_week < 0 or weeks < 0:
        raise ValueError("rate must be between 0 and 1, there must be two arms or more, traffic and weeks 0 or more")
    n = a_week * weeks / arms
    alpha, beta = norm.ppf(1 - level / (2 * (arms - 1))), norm.ppf(power)

    def short(d: float) -> float:
        middle, other = rate + d / 2, rate + d
        shown = alpha * math.sqrt(2 * middle * (1 - middle)) + beta * math.sqrt(rate * (1 - rate) + other * (1 - other))
        return d - shown / math.sqrt(n)

    if n <= 0 or short(1 - rate) < 0:
        return math.inf
    low, high = 0.0, 1 - rate
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if short(middle) > 0 else (middle, high)
    return high


@dataclass(frozen=True)
class Advice:
    """``code``: finish, go_on, too_little or level; the arm it speaks of, its chance to be best, the expected loss."""

    code: str
    arm: str
    chance: float
    loss: float
    detectable: float
    weeks: float


def advise(bandit: Bandit, a_week: float, weeks_left: float, *, worth_seeing: float = 0.2) -> Advice:
    """Whether to stop: the best arm is clear, or nothing is left to lose; whether the traffic can teach anything.

    ``worth_seeing``: the relative difference that would matter. ``finish`` where the best arm has 95 % chance to be
    best; ``level`` where settling on it is expected to lose less than 1 % of its own mean; ``too_little`` where the
    weeks left cannot show a difference of that size. Source: Stucchi, Bayesian A/B testing at VWO (2015).
    """
    names = list(bandit.arms)
    plan = bandit.decide(1, seed=0)
    top = max(names, key=lambda n: (plan.best[n], -names.index(n)))
    mean = bandit.arms[top].mean
    rate = min(max(sum(a.mean for a in bandit.arms.values()) / len(names), 1e-6), 1 - 1e-6)
    seen = len(names) > 1 and 0 < rate < 1
    weeks = max(weeks_left, 0.0)
    detectable = smallest_difference(rate, a_week, weeks, len(names)) / rate if seen else math.inf
    code = "go_on"
    if plan.best[top] >= ENOUGH_CHANCE:
        code = "finish"
    elif plan.losses[top] <= SMALL_LOSS * abs(mean):
        code = "level"
    elif detectable > worth_seeing:
        code = "too_little"
    return Advice(code, top, plan.best[top], plan.losses[top], detectable, weeks_needed(rate, a_week, len(names),
                  worth_seeing))  # fmt: skip


def weeks_needed(rate: float, a_week: float, arms: int, relative: float) -> float:
    """Weeks of this traffic until a relative difference of that size can be shown; infinite without traffic."""
    if a_week <= 0 or arms < 2:
        return math.inf
    low, high = 0.0, 1.0
    while smallest_difference(rate, a_week, high, arms) / rate > relative:
        low, high = high, high * 2
        if high > 1e5:
            return math.inf
    for _ in range(40):
        middle = (low + high) / 2
        wide = smallest_difference(rate, a_week, middle, arms) / rate > relative
        low, high = (middle, high) if wide else (low, middle)
    return high
