"""The Bayesian reading: how likely each arm is the best, and what choosing it would cost if it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Vector = NDArray[np.float64]
POINTS: Final = 401


@dataclass(frozen=True)
class Posterior:
    """What is believed of an arm's mean: Beta(a, b) for shares, Normal(mean, se) else."""

    kind: str
    first: float
    second: float

    @classmethod
    def share(cls, successes: float, people: float) -> Posterior:
        """Beta(1 + successes, 1 + failures): every share was equally likely before."""
        return cls("beta", 1 + successes, 1 + people - successes)

    @classmethod
    def normal(cls, mean: float, se: float) -> Posterior:
        """Normal around the estimate: every mean was equally likely before."""
        return cls("normal", mean, max(se, 1e-300))

    def cdf(self, at: Vector) -> Vector:
        """Chance that the mean is at most ``at``."""
        if self.kind == "beta":
            return np.asarray(special.betainc(self.first, self.second, np.clip(at, 0, 1)))
        return np.asarray(special.ndtr((at - self.first) / self.second))

    @property
    def mean(self) -> float:
        """Its middle."""
        return self.first / (self.first + self.second) if self.kind == "beta" else self.first

    @property
    def sd(self) -> float:
        """Its spread."""
        if self.kind == "normal":
            return self.second
        n = self.first + self.second
        return float(np.sqrt(self.first * self.second / (n * n * (n + 1))))


def _grid(arms: Mapping[str, Posterior]) -> Vector:
    """Points every arm's mass is resolved on; arms of very different spread each bring their own."""
    parts = [a.mean + a.sd * np.linspace(-8, 8, POINTS) for a in arms.values()]
    at = np.unique(np.concatenate(parts))
    return at[(at >= 0) & (at <= 1)] if all(a.kind == "beta" for a in arms.values()) else at


def credible(arm: Posterior, control: Posterior, level: float = 0.95) -> tuple[float, float]:
    """Interval that holds the difference of the two means with this chance: quantiles of ``arm - control``.

    The distribution of the difference is ``integral F_arm(t + d) dF_control(t)``; ends by bisection.

    >>> low, high = credible(Posterior.normal(1, 3), Posterior.normal(0, 4))
    >>> round(low, 2), round(high, 2)
    (-8.8, 10.8)
    """
    if arm.kind == control.kind == "normal":
        z = float(special.ndtri(0.5 + level / 2)) * float(np.hypot(arm.second, control.second))
        return arm.first - control.first - z, arm.first - control.first + z
    at = _grid({"control": control})
    step, middle = np.diff(control.cdf(at)), (at[1:] + at[:-1]) / 2
    ends = []
    for wanted in (0.5 - level / 2, 0.5 + level / 2):
        low, high = -1.0, 1.0
        for _ in range(40):
            d = (low + high) / 2
            low, high = (d, high) if float(step @ arm.cdf(middle + d)) < wanted else (low, d)
        ends.append((low + high) / 2)
    return ends[0], ends[1]


def chance_best(arms: Mapping[str, Posterior]) -> dict[str, float]:
    """Chance of each arm to have the highest mean: ``integral prod_j F_j(t) dF_k(t)`` over the others j.

    >>> found = chance_best({"a": Posterior.share(10, 100), "b": Posterior.share(20, 100)})
    >>> round(found["b"], 3)
    0.975
    """
    if len(arms) == 2 and all(a.kind == "normal" for a in arms.values()):
        first, second = arms.values()
        p = float(special.ndtr((first.first - second.first) / np.hypot(first.second, second.second)))
        return dict(zip(arms, (p, 1 - p), strict=True))
    at = _grid(arms)
    below = {name: arm.cdf(at) for name, arm in arms.items()}
    out = {}
    for name in arms:
        others = np.prod([f for other, f in below.items() if other != name], axis=0) if len(arms) > 1 else at * 0 + 1
        step = np.diff(below[name])
        out[name] = float(np.sum(step * (others[1:] + others[:-1]) / 2))
    total = sum(out.values())
    return {name: value / total for name, value in out.items()} if total > 0 else out


def expected_loss(arms: Mapping[str, Posterior]) -> dict[str, float]:
    """What choosing each arm costs on average: ``E[max_j m_j - m_k]``, in units of the outcome.

    >>> found = expected_loss({"a": Posterior.normal(0, 1), "b": Posterior.normal(0, 1)})
    >>> round(found["a"], 4)  # sd of the difference / sqrt(2 pi) = 1 / sqrt(pi)
    0.5642
    """
    if len(arms) == 2 and all(a.kind == "normal" for a in arms.values()):
        first, second = arms.values()
        gap, spread = first.first - second.first, float(np.hypot(first.second, second.second))
        bump = spread * float(np.exp(-((gap / spread) ** 2) / 2)) / np.sqrt(2 * np.pi)
        losses = (bump + d * float(special.ndtr(d / spread)) for d in (-gap, gap))
        return {name: float(max(x, 0.0)) for name, x in zip(arms, losses, strict=True)}
    at = _grid(arms)
    most = np.prod([arm.cdf(at) for arm in arms.values()], axis=0)
    best = at[-1] - float(np.sum(np.diff(at) * (most[1:] + most[:-1]) / 2))
    return {name: float(max(best - arm.mean, 0.0)) for name, arm in arms.items()}
