"""What is known of an arm: its posterior, its quantiles, and what the arms say about each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from regulars.decide.curves import Array


class BetaArm(NamedTuple):
    """What is known of a yes-or-no reward: successes and failures, on top of a uniform prior."""

    wins: float = 0.0
    losses: float = 0.0

    def told(self, reward: float) -> BetaArm:
        """After one more outcome, 0 or 1."""
        return BetaArm(self.wins + reward, self.losses + 1 - reward)

    def faded(self, keep: float) -> BetaArm:
        """What is known, counted at this share."""
        return BetaArm(self.wins * keep, self.losses * keep)

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return (1 + self.wins) / (2 + self.wins + self.losses)

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Posterior draws."""
        return rng.beta(1 + self.wins, 1 + self.losses, size)

    def grid(self, points: Array) -> tuple[Array, Array]:
        """Quantiles at these probabilities and the probabilities themselves: the law on a grid."""
        return np.asarray(special.betaincinv(1 + self.wins, 1 + self.losses, points)), points

    def below(self, x: Array) -> Array:
        """Chance that the mean reward is below x."""
        return np.asarray(special.betainc(1 + self.wins, 1 + self.losses, np.clip(x, 0, 1)))


class NormalArm(NamedTuple):
    """What is known of a money reward with known noise: number, sum, and a normal prior on the mean."""

    seen: float = 0.0
    total: float = 0.0
    noise: float = 1.0
    prior_mean: float = 0.0
    prior_sd: float = 10.0

    def told(self, reward: float) -> NormalArm:
        """After one more outcome."""
        return self._replace(seen=self.seen + 1, total=self.total + reward)

    def faded(self, keep: float) -> NormalArm:
        """What is known, counted at this share."""
        return self._replace(seen=self.seen * keep, total=self.total * keep)

    @property
    def sd(self) -> float:
        """Posterior standard deviation of the mean reward."""
        return 1 / math.sqrt(1 / self.prior_sd**2 + self.seen / self.noise**2)

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return self.sd**2 * (self.prior_mean / self.prior_sd**2 + self.total / self.noise**2)

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Posterior draws."""
        return rng.normal(self.mean, self.sd, size)

    def grid(self, points: Array) -> tuple[Array, Array]:
        """Quantiles at these probabilities and the probabilities themselves: the law on a grid."""
        return np.asarray(self.mean + self.sd * special.ndtri(points)), points

    def below(self, x: Array) -> Array:
        """Chance that the mean reward is below x."""
        return np.asarray(special.ndtr((x - self.mean) / self.sd))


Arm = BetaArm | NormalArm


def best_chances(arms: Sequence[Arm], points: int = 400) -> Array:
    """The chance of each arm to be the best: P(i) = int prod_{j != i} F_j(x) dF_i(x), by Gauss-Legendre quadrature.

    >>> best_chances([BetaArm(), BetaArm()]).round(6).tolist()
    [0.5, 0.5]
    """
    nodes, weights = np.polynomial.legendre.leggauss(points)
    at = (nodes + 1) / 2
    out = np.empty(len(arms))
    for i, arm in enumerate(arms):
        x, _ = arm.grid(at)
        others = [other.below(x) for j, other in enumerate(arms) if j != i]
        out[i] = float((np.prod(others, axis=0) if others else np.ones(points)) @ weights) / 2
    return np.asarray(out / out.sum())


def expected_losses(arms: Sequence[Arm], points: int = 400) -> Array:
    """What choosing each arm for good is expected to lose against the best: E max_j theta_j - E theta_i.

    Formula: E max = sum_i int x prod_{j != i} F_j(x) dF_i(x), by Gauss-Legendre quadrature as ``best_chances``.

    >>> expected_losses([BetaArm(1, 0), BetaArm(0, 0)]).round(4).tolist()
    [0.0833, 0.25]
    """
    nodes, weights = np.polynomial.legendre.leggauss(points)
    at = (nodes + 1) / 2
    top = 0.0
    for i, arm in enumerate(arms):
        x, _ = arm.grid(at)
        others = [other.below(x) for j, other in enumerate(arms) if j != i]
        top += float((x * (np.prod(others, axis=0) if others else 1.0)) @ weights) / 2
    return np.asarray(np.maximum(top - np.array([arm.mean for arm in arms]), 0.0))
