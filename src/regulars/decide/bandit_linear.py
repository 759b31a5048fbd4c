"""Thompson sampling with a linear reward: which arm suits whom, by what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from regulars.decide.arms import quadrature
from regulars.decide.curves import Array


@dataclass(frozen=True)
class LinearArms:
    """One linear model an arm: reward = x @ theta_a + noise, theta_a normal; chosen as often as likely the best.

    Formula: theta_a | data ~ N(A^-1 b, noise^2 A^-1), A = I (noise / prior_sd)^2 + sum x x', b = sum x r. The score of
    an arm for a person is normal with mean x' A^-1 b and variance noise^2 x' A^-1 x and independent of the other
    arms, so the chance to be best, int phi(z) prod_{j != i} Phi((m_i + s_i z - m_j) / s_j) dz, is found by quadrature:
    the logged propensity is exact, (1 - floor n) P(best) + floor.

    Raises ``ValueError`` for shapes that do not fit or a floor above 1 / n. Source: Agrawal and Goyal, Thompson
    sampling for contextual bandits with linear payoffs, ICML 2013.

    >>> arms = LinearArms(("a", "b"), features=1, floor=0.1)
    >>> arms.propensities([[1.0]]).tolist()
    [[0.5, 0.5]]
    """

    names: tuple[str, ...]
    features: int
    noise: float = 1.0
    prior_sd: float = 1.0
    floor: float = 0.0
    grams: Array = field(default_factory=lambda: np.zeros(0))
    sums: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if not 0 <= self.floor * len(self.names) <= 1 or self.noise <= 0 or self.prior_sd <= 0:
            raise ValueError("floor must leave at most 1 in all; noise and prior_sd must be above 0")
        if not len(self.grams):
            eye = np.eye(self.features) * (self.noise / self.prior_sd) ** 2
            object.__setattr__(self, "grams", np.repeat(eye[None], len(self.names), axis=0))
            object.__setattr__(self, "sums", np.zeros((len(self.names), self.features)))

    def scores(self, people: ArrayLike) -> tuple[Array, Array]:
        """Mean and standard deviation of the reward of every arm (columns) for every person (rows)."""
        x = np.atleast_2d(np.asarray(people, dtype=float))
        if x.shape[1] != self.features:
            raise ValueError(f"people have {x.shape[1]} features, the arms {self.features}")
        spread = np.linalg.inv(self.grams)
        mean = np.einsum("pf,afg,ag->pa", x, spread, self.sums)
        sd = self.noise * np.sqrt(np.einsum("pf,afg,pg->pa", x, spread, x))
        return mean, np.maximum(sd, 1e-12)

    def propensities(self, people: ArrayLike, points: int = 96) -> Array:
        """The chance of every arm for every person, the floor included."""
        mean, sd = self.scores(people)
        nodes, weights = quadrature(points)
        z = ndtri((nodes + 1) / 2)
        best = np.empty_like(mean)
        for i in range(mean.shape[1]):
            at = mean[:, i, None] + sd[:, i, None] * z
            below = np.ones_like(at)
            for j in range(mean.shape[1]):
                if j != i:
                    below *= ndtr((at - mean[:, j, None]) / sd[:, j, None])
            best[:, i] = below @ weights / 2
        best /= best.sum(axis=1, keepdims=True)
        return np.asarray((1 - self.floor * len(self.names)) * best + self.floor)

    def decide(self, people: ArrayLike, *, seed: int) -> tuple[tuple[str, ...], Array]:
        """An arm for each person, and the propensity it was chosen with."""
        chance = self.propensities(people)
        lot = np.random.default_rng(seed).random(len(chance))
        pick = np.minimum((chance.cumsum(axis=1) < lot[:, None]).sum(axis=1), len(self.names) - 1)
        return tuple(self.names[k] for k in pick), chance[np.arange(len(pick)), pick]

    def told(self, arm: str, people: ArrayLike, rewards: ArrayLike) -> LinearArms:
        """The arms after rewards of one of them."""
        if arm not in self.names:
            raise ValueError(f"arm {arm!r} is not one of {', '.join(self.names)}")
        x, r = np.atleast_2d(np.asarray(people, dtype=float)), np.asarray(rewards, dtype=float)
        k = self.names.index(arm)
        grams, sums = self.grams.copy(), self.sums.copy()
        grams[k] += x.T @ x
        sums[k] += x.T @ r
        return replace(self, grams=grams, sums=sums)
