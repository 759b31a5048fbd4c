"""What is known of an arm: its posterior, its quantiles, and what the arms say about each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
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

    def quantiles(self, points: Array) -> Array:
        """Quantiles of the mean reward at these probabilities."""
        return np.asarray(special.betaincinv(1 + self.wins, 1 + self.losses, points))

    def span(self) -> tuple[float, float]:
        """Where all but nothing of the law lies: its tails are no heavier than exponential ones."""
        n = 2 + self.wins + self.losses
        wide = 40 * math.sqrt(self.mean * (1 - self.mean) / (n + 1))
        return max(0.0, self.mean - wide), min(1.0, self.mean + wide)

    def density(self, x: Array) -> Array:
        """Posterior density of the mean reward."""
        a, b = self.wins, self.losses
        return np.asarray(np.exp(special.xlogy(a, x) + special.xlog1py(b, -x) - special.betaln(1 + a, 1 + b)))

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

    def quantiles(self, points: Array) -> Array:
        """Quantiles of the mean reward at these probabilities."""
        return np.asarray(self.mean + self.sd * special.ndtri(points))

    def span(self) -> tuple[float, float]:
        """Where all but nothing of the law lies."""
        return self.mean - 12 * self.sd, self.mean + 12 * self.sd

    def density(self, x: Array) -> Array:
        """Posterior density of the mean reward."""
        return np.asarray(np.exp(-(((x - self.mean) / self.sd) ** 2) / 2) / (self.sd * math.sqrt(2 * math.pi)))

    def below(self, x: Array) -> Array:
        """Chance that the mean reward is below x."""
        return np.asarray(special.ndtr((x - self.mean) / self.sd))


Arm = BetaArm | NormalArm


def best_chances(arms: Sequence[Arm], points: int = 400) -> Array:
    """The chance of each arm to be the best: P(i) = int prod_{j != i} F_j(x) dF_i(x), by Gauss-Legendre quadrature.

    >>> best_chances([BetaArm(), BetaArm()]).round(6).tolist()
    [0.5, 0.5]
    """
    out = np.array([mass.sum() for _, mass in _tops(arms, points)])
    return np.asarray(out / out.sum())


def expected_losses(arms: Sequence[Arm], points: int = 400) -> Array:
    """What choosing each arm for good is expected to lose against the best: E max_j theta_j - E theta_i.

    Formula: E max = sum_i int x prod_{j != i} F_j(x) dF_i(x), by Gauss-Legendre quadrature as ``best_chances``.

    >>> expected_losses([BetaArm(1, 0), BetaArm(0, 0)]).round(4).tolist()
    [0.0833, 0.25]
    """
    top = sum(float(x @ mass) for x, mass in _tops(arms, points))
    return np.asarray(np.maximum(top - np.array([arm.mean for arm in arms]), 0.0))


@lru_cache(maxsize=8)
def quadrature(points: int) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Legendre on (-1, 1); finding them costs far more than using them."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return np.asarray(nodes), np.asarray(weights)


def _tops(arms: Sequence[Arm], points: int) -> Iterator[tuple[Array, Array]]:
    """For each arm the nodes over its law and the chance that it lies there with all others below."""
    nodes, weights = quadrature(points)
    for i, arm in enumerate(arms):
        low, high = arm.span()
        x = low + (high - low) * (nodes + 1) / 2
        mass = arm.density(x) * weights * (high - low) / 2
        for j, other in enumerate(arms):
            if j != i:
                mass = mass * other.below(x)
        yield x, mass
