"""Learning while choosing: Thompson sampling with a floor of exploration and the propensity of every choice logged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.arms import Arm, BetaArm, NormalArm, best_chances, expected_losses
from regulars.decide.curves import Array
from regulars.decide.result import Decision

__all__ = ["Arm", "Bandit", "BanditDecision", "BetaArm", "NormalArm", "bernoulli_regret", "best_chances"]

RULES: Final = ("thompson", "top_two")


@dataclass(frozen=True)
class BanditDecision(Decision[tuple[str, ...]]):
    """Arms chosen, in order, and the propensity of every arm: what makes a later off-policy estimate possible.

    ``best``: the chance of each arm to be the best; ``losses``: what settling on it is expected to lose.
    """

    propensities: dict[str, float] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bandit:
    """Thompson sampling: choose each arm as often as it is likely to be the best, and every arm sometimes.

    Formula: propensity_i = (1 - floor * n) P(i is best) + floor, chosen by that law, so the logged propensity is the
    true one. ``floor``: the least share of any arm; 0 turns it off. Learning is ``told``; rewards may come late and in
    any order, because the state is counts. ``rule`` ``top_two`` chooses the best half of the time and otherwise the
    best of the others, a_i / 2 (1 + sum_{j != i} a_j / (1 - a_j)) with a the chances to be best: it finds the winner
    sooner and earns less on the way. ``faded`` forgets, for rewards that change with time.

    Raises ``ValueError`` when the floor is above 1 / n or an arm is unknown. Source: Thompson, Biometrika 25 (1933);
    Agrawal and Goyal, COLT 2012, for the regret;
    Russo, Operations Research 68 (2020) 1625-1647, for top two.

    >>> b = Bandit({"A": BetaArm(90, 10), "B": BetaArm(10, 90)}, floor=0.05)
    >>> b.decide(3, seed=1).propensities
    {'A': 0.95, 'B': 0.05}
    """

    arms: dict[str, Arm]
    floor: float = 0.0
    rule: str = "thompson"

    def propensities(self) -> dict[str, float]:
        """The chance with which each arm is chosen now."""
        n = len(self.arms)
        if not 0 <= self.floor * n <= 1:
            raise ValueError(f"a floor of {self.floor} for each of {n} arms is more than 1 in all")
        if self.rule not in RULES:
            raise ValueError(f"rule {self.rule!r} is not one of {', '.join(RULES)}")
        chances = best_chances(list(self.arms.values()))
        if self.rule == "top_two" and n > 1:
            chances = _top_two(chances)
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
            best=dict(zip(names, best_chances(list(self.arms.values())).tolist(), strict=True)),
            losses=dict(zip(names, expected_losses(list(self.arms.values())).tolist(), strict=True)),
        )

    def told(self, arm: str, reward: float) -> Bandit:
        """The bandit after one outcome."""
        if arm not in self.arms:
            raise ValueError(f"arm {arm!r} is not one of {', '.join(self.arms)}")
        return replace(self, arms={**self.arms, arm: self.arms[arm].told(reward)})

    def faded(self, keep: float) -> Bandit:
        """The bandit with everything it knows counted at ``keep`` (0 to 1): called once a period, it forgets the past.

        Source: Raj and Kalyani, Taming non-stationary bandits (2017): discounted Thompson sampling.
        """
        return replace(self, arms={name: arm.faded(keep) for name, arm in self.arms.items()})


def _top_two(chances: Array) -> Array:
    left = np.maximum(1 - chances, 1e-12)
    odds = chances / left
    mixed = chances / 2 * (1 + odds.sum() - odds)
    return np.asarray(mixed / mixed.sum())


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
