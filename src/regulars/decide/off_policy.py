"""What another policy would have earned, from what was done by lot: before it runs, and with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.decide.curves import Array

Z: Final = {0.8: 1.2815515655, 0.9: 1.6448536270, 0.95: 1.9599639845, 0.99: 2.5758293035}
ESTIMATORS: Final = ("ips", "snips", "dr", "sndr", "dm")
# Below so many effective people a mean is a few people's luck.
FEWEST: Final = 50
# With more weight than this on what the logging policy could not have done nothing is said of the rest.
UNSEEN: Final = 0.05


@dataclass(frozen=True)
class PolicyValue:
    """What a policy earns per person, with its interval.

    ``effective`` is Kish's sample size (sum w)^2 / sum w^2 of the weights; ``unseen`` the share of the policy that the
    logging policy gave no chance; ``largest`` the largest weight. ``limits`` are codes: ``too_little_overlap`` when
    the effective sample is below 50 people or more than 5 % of the policy was never tried, ``one_weight_dominates``.
    """

    value: float
    low: float
    high: float
    effective: float
    unseen: float
    largest: float
    limits: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Whether the figure may be used at all."""
        return "too_little_overlap" not in self.limits


@dataclass(frozen=True)
class Difference:
    """What one policy earns per person more than another, judged on the same people."""

    value: float
    low: float
    high: float
    limits: tuple[str, ...]


@dataclass(frozen=True)
class OffPolicy:
    """Judges policies by what another one did by lot.

    Formula, with the logged action a, its chance p, the reward r, the policy pi and a model q of the reward:
    IPS = mean w r, w = pi(a|x) / p; SNIPS = sum w r / sum w; DM = mean sum_a pi(a|x) q(x, a);
    DR = mean [sum_a pi(a|x) q(x, a) + w (r - q(x, a))]; SNDR divides the correction by the mean weight. IPS and DR are
    unbiased where the policy only does what had a chance; DR varies less the better q is. Intervals are normal from
    the influence of each person. A chance is never cut off silently: ``clip`` caps the weights (which biases towards
    zero) only where it is given.

    ``action``: index of what was done (n); ``reward``: what came of it, cost paid (n); ``propensity``: the chance it
    had (n), in (0, 1]; ``model``: expected reward of every action (n, actions), learnt on other people; ``support``:
    whether an action had a chance at all (n, actions; default all); ``level`` of the intervals.

    Raises ``ValueError`` for shapes that do not fit or chances outside (0, 1]. Source: Horvitz and Thompson, JASA 47
    (1952) 663-685; Swaminathan and Joachims, NeurIPS 28 (2015); Dudik, Langford and Li, ICML 28 (2011) 1097-1104.

    >>> log = OffPolicy([0, 1, 1, 0], [0.0, 1.0, 1.0, 0.0], [0.5] * 4)
    >>> log.value([[0.0, 1.0]] * 4).value
    1.0
    """

    action: ArrayLike
    reward: ArrayLike
    propensity: ArrayLike
    model: ArrayLike | None = None
    support: ArrayLike | None = None
    level: float = 0.9
    clip: float | None = None

    def __post_init__(self) -> None:
        a, r, p = (np.asarray(v, dtype=float) for v in (self.action, self.reward, self.propensity))
        if a.ndim != 1 or not (a.shape == r.shape == p.shape):
            raise ValueError(f"action, reward and propensity differ in length: {a.shape}, {r.shape}, {p.shape}")
        if not len(a):
            raise ValueError("nobody was logged, so no policy can be judged")
        if not ((p > 0) & (p <= 1)).all():
            raise ValueError("propensity must lie in (0, 1]: the chance of what was done is never 0")
        if not (np.isfinite(r).all() and (a == a.astype(int)).all() and (a >= 0).all()):
            raise ValueError("reward must be a number and action an index from 0 on")
        if self.level not in Z:
            raise ValueError(f"level must be one of {', '.join(map(str, Z))}, got {self.level}")

    def value(self, policy: ArrayLike, estimator: str = "snips") -> PolicyValue:
        """What a policy earns per person; ``policy`` gives the chance of every action (n, actions)."""
        terms, weight, unseen = self._terms(policy, estimator)
        mean, influence = terms
        half = Z[self.level] * float(np.sqrt(np.mean(influence**2) / len(influence)))
        square = float((weight**2).sum())
        effective = float(weight.sum()) ** 2 / square if square else 0.0
        limits = []
        if estimator != "dm" and (effective < FEWEST or unseen > UNSEEN):
            limits.append("too_little_overlap")
        if len(weight) and weight.sum() > 0 and weight.max() / weight.sum() > 0.05:
            limits.append("one_weight_dominates")
        return PolicyValue(mean, mean - half, mean + half, effective, unseen, float(weight.max(initial=0.0)),
                           tuple(limits))  # fmt: skip

    def difference(self, one: ArrayLike, other: ArrayLike, estimator: str = "snips", *, draws: int = 0,
                   seed: int = 0) -> Difference:  # fmt: skip
        """What ``one`` earns per person more than ``other``: both on the same people, so that their luck cancels.

        ``draws`` > 0 takes the interval from that many bootstrap samples of the people instead of the influence.
        """
        first = self._terms(one, estimator)[0]
        second = self._terms(other, estimator)[0]
        gap, influence = first[0] - second[0], first[1] - second[1]
        judged = (self.value(one, estimator).limits, self.value(other, estimator).limits)
        limits = tuple(dict.fromkeys([*judged[0], *judged[1]]))
        if draws:
            rng, n = np.random.default_rng(seed), len(influence)
            # One number a person carries the sample: its mean in a sample moves as the estimate does.
            means = np.array([influence[rng.integers(0, n, n)].mean() for _ in range(draws)])
            low, high = np.quantile(means, [(1 - self.level) / 2, (1 + self.level) / 2])
            return Difference(gap, gap + float(low), gap + float(high), limits)
        half = Z[self.level] * float(np.sqrt(np.mean(influence**2) / len(influence)))
        return Difference(gap, gap - half, gap + half, limits)

    def compare(self, policies: Mapping[str, ArrayLike], estimator: str = "snips") -> dict[str, PolicyValue]:
        """Several policies by name."""
        return {name: self.value(policy, estimator) for name, policy in policies.items()}

    def _terms(self, policy: ArrayLike, estimator: str) -> tuple[tuple[float, Array], Array, float]:
        """The estimate and each person's influence on it, the weights, and what of the policy was never possible."""
        if estimator not in ESTIMATORS:
            raise ValueError(f"estimator must be one of {', '.join(ESTIMATORS)}, got {estimator!r}")
        pi = np.asarray(policy, dtype=float)
        a, r, p = np.asarray(self.action, dtype=np.int64), np.asarray(self.reward, float), np.asarray(self.propensity)
        n = len(a)
        if pi.ndim != 2 or len(pi) != n or a.max() >= pi.shape[1]:
            raise ValueError(f"the policy must have one row for each of the {n} people and a column for every action")
        if (pi < 0).any() or not np.allclose(pi.sum(axis=1), 1.0, atol=1e-6):
            raise ValueError("the chances of a policy must be 0 or more and add up to 1 for every person")
        here = np.arange(n)
        weight = pi[here, a] / p
        if self.clip is not None:
            weight = np.minimum(weight, self.clip)
        unseen = 0.0
        if self.support is not None:
            unseen = float(np.where(np.asarray(self.support, dtype=bool), 0.0, pi).sum() / n)
        if estimator == "ips":
            return _mean(weight * r), weight, unseen
        if estimator == "snips":
            return _ratio(weight, r), weight, unseen
        if self.model is None:
            raise ValueError(f"{estimator} needs a model of the reward of every action")
        q = np.asarray(self.model, dtype=float)
        if q.shape != pi.shape:
            raise ValueError(f"model has the shape {q.shape}, the policy {pi.shape}")
        direct, rest = (pi * q).sum(axis=1), r - q[here, a]
        if estimator == "dm":
            return _mean(direct), weight, unseen
        if estimator == "dr":
            return _mean(direct + weight * rest), weight, unseen
        correction, influence = _ratio(weight, rest)
        base, own = _mean(direct)
        return (base + correction, own + influence), weight, unseen


def _mean(values: Array) -> tuple[float, Array]:
    centre = float(values.mean())
    return centre, values - centre


def _ratio(weight: Array, reward: Array) -> tuple[float, Array]:
    """A weighted mean and its influence, by linearisation."""
    size = float(weight.mean())
    if size <= 0:
        return 0.0, np.zeros(len(weight))
    centre = float((weight * reward).mean() / size)
    return centre, weight * (reward - centre) / size


def chosen(actions: ArrayLike, options: int) -> Array:
    """A policy that does one thing for each person, as chances.

    >>> chosen([1, 0], 3).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    index: NDArray[np.int64] = np.asarray(actions, dtype=np.int64)
    out = np.zeros((len(index), options))
    out[np.arange(len(index)), index] = 1.0
    return out


def arm_means(action: Any, reward: Any, cell: Any, fold: Any, options: int, strength: float = 50.0) -> Array:
    """A model of the reward from cells of people: shrunk means of every action, each fold told by the others.

    Formula: q(x, a) = (sum of rewards of a in the cell + s m_a) / (people of a in the cell + s), m_a the mean of a.
    """
    a, r, c, f = (np.asarray(v) for v in (action, reward, cell, fold))
    _names, code = np.unique(c, return_inverse=True)
    out = np.zeros((len(a), options))
    for part in np.unique(f):
        learn, told = f != part, f == part
        for k in range(options):
            own = learn & (a == k)
            mean = float(r[own].mean()) if own.any() else float(r[learn].mean()) if learn.any() else 0.0
            total = np.bincount(code[own], weights=r[own], minlength=len(_names))
            count = np.bincount(code[own], minlength=len(_names))
            out[told, k] = ((total + strength * mean) / (count + strength))[code[told]]
    return out
