"""Learning while choosing: Thompson sampling with a floor of exploration and the propensity of every choice logged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from regulars.decide.curves import Array
from regulars.decide.result import Decision


class BetaArm(NamedTuple):
    """What is known of a yes-or-no reward: successes and failures, on top of a uniform prior."""

    wins: float = 0.0
    losses: float = 0.0

    def told(self, reward: float) -> BetaArm:
        """After one more outcome, 0 or 1."""
        return BetaArm(self.wins + reward, self.losses + 1 - reward)

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


@dataclass(frozen=True)
class BanditDecision(Decision[tuple[str, ...]]):
    """Arms chosen, in order, and the propensity of every arm: what makes a later off-policy estimate possible."""

    propensities: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bandit:
    """Thompson sampling: choose each arm as often as it is likely to be the best, and every arm sometimes.

    Formula: propensity_i = (1 - floor * n) P(i is best) + floor, chosen by that law, so the logged propensity is the
    true one. ``floor``: the least share of any arm; 0 turns it off. Learning is ``told``; rewards may come late and in
    any order, because the state is counts.

    Raises ``ValueError`` when the floor is above 1 / n or an arm is unknown. Source: Thompson, Biometrika 25 (1933);
    Agrawal and Goyal, COLT 2012, for the regret.

    >>> b = Bandit({"A": BetaArm(90, 10), "B": BetaArm(10, 90)}, floor=0.05)
    >>> b.decide(3, seed=1).propensities
    {'A': 0.95, 'B': 0.05}
    """

    arms: dict[str, Arm]
    floor: float = 0.0

    def propensities(self) -> dict[str, float]:
        """The chance with which each arm is chosen now."""
        n = len(self.arms)
        if not 0 <= self.floor * n <= 1:
            raise ValueError(f"a floor of {self.floor} for each of {n} arms is more than 1 in all")
        chances = best_chances(list(self.arms.values()))
        mixed = (1 - self.floor * n) * chances + self.floor
        return {name: round(float(p), 12) for name, p in zip(self.arms, mixed, strict=True)}

    def decide(self, size: int = 1, *, seed: int) -> BanditDecision:
        """Choose ``size`` times (one batch, before any outcome of it is known)."""
        chances = self.propensities()
        p = np.array(list(chances.values()))
        picks = np.random.default_rng(seed).choice(len(p), size=size, p=p / p.sum())
        names = list(self.arms)
        means = {name: arm.mean for name, arm in self.arms.items()}
        best = max(means.values())
        value = sum(chances[n] * means[n] for n in names)
        return BanditDecision(
            solution=tuple(names[k] for k in picks),
            value=value,
            bound=best,
            gap=max(0.0, (best - value) / max(abs(best), abs(value), 1e-300)),
            binding=tuple(f"floor:{n}" for n in names if self.floor and chances[n] <= self.floor * 1.01),
            shadow_prices={},
            why=tuple(f"{n}={p:.4g}" for n, p in chances.items()),
            propensities=chances,
        )

    def told(self, arm: str, reward: float) -> Bandit:
        """The bandit after one outcome."""
        if arm not in self.arms:
            raise ValueError(f"arm {arm!r} is not one of {', '.join(self.arms)}")
        return replace(self, arms={**self.arms, arm: self.arms[arm].told(reward)})


def bernoulli_regret(rates: ArrayLike, rounds: int, *, runs: int, seed: int) -> Array:
    """Total expected regret of Thompson sampling (uniform priors, no floor) in each of ``runs`` simulated histories."""
    p = np.asarray(rates, dtype=float)
    rng = np.random.default_rng(seed)
    wins, losses = np.zeros((runs, len(p))), np.zeros((runs, len(p)))
    regret, all_runs = np.zeros(runs), np.arange(runs)
    for _ in range(rounds):
        pick = rng.beta(1 + wins, 1 + losses).argmax(axis=1)
        reward = rng.random(runs) < p[pick]
        wins[all_runs, pick] += reward
        losses[all_runs, pick] += ~reward
        regret += p.max() - p[pick]
    return regret
