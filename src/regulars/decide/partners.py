"""Which partner: weights from pairwise judgement (AHP), a ranking (TOPSIS), and what would turn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array
from regulars.decide.result import Decision

# Mean consistency index of random judgements, Saaty (1980), by number of criteria.
_RANDOM: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
NORMS: Final = ("vector", "minmax")


@dataclass(frozen=True)
class Weights:
    """Weights of the criteria, the largest eigenvalue, and the consistency ratio (above 0.1: judge again)."""

    weights: tuple[float, ...]
    eigenvalue: float
    consistency_ratio: float

    @property
    def consistent(self) -> bool:
        """Whether the judgements agree well enough to be used."""
        return self.consistency_ratio <= 0.1


def ahp(judgements: ArrayLike) -> Weights:
    """Weights from pairwise judgements ("reach matters 3 times as much as price").

    Formula: the principal eigenvector of the reciprocal matrix; CI = (lambda - n) / (n - 1); CR = CI / RI(n).
    Raises ``ValueError`` when the matrix is not square, positive and reciprocal, or has more than ten criteria.
    Source: Saaty, The Analytic Hierarchy Process (1980).

    >>> w = ahp([[1, 3, 5], [1/3, 1, 2], [1/5, 1/2, 1]])
    >>> [round(x, 5) for x in w.weights], round(w.eigenvalue, 6), round(w.consistency_ratio, 4)
    ([0.64833, 0.22965, 0.12202], 3.003695, 0.0032)
    """
    m = np.asarray(judgements, dtype=float)
    if m.ndim != 2 or m.shape[0] != m.shape[1] or not 1 <= len(m) < len(_RANDOM):
        raise ValueError(f"judgements have shape {m.shape}: give a square table of 1 to {len(_RANDOM) - 1} criteria")
    if not (m > 0).all() or not np.allclose(m * m.T, 1.0, rtol=1e-6):
        i, j = np.argwhere(~((m > 0) & np.isclose(m * m.T, 1.0, rtol=1e-6)))[0]
        raise ValueError(f"judgement ({i + 1}, {j + 1}) must be above 0 and 1 / judgement ({j + 1}, {i + 1})")
    values, vectors = np.linalg.eig(m)
    top = int(np.argmax(values.real))
    w = np.abs(vectors[:, top].real)
    n, eigenvalue = len(m), float(values[top].real)
    index = (eigenvalue - n) / (n - 1) if n > 1 else 0.0
    ratio = max(index, 0.0) / _RANDOM[n] if _RANDOM[n] else 0.0
    return Weights(tuple((w / w.sum()).tolist()), eigenvalue, ratio)


def topsis(table: ArrayLike, weights: ArrayLike, costs: Sequence[bool], norm: str = "vector") -> Array:
    """Closeness of each alternative (row) to the best of every criterion (column), 0..1.

    Formula: normalise, weigh, distance to the ideal d+ and to the anti-ideal d-, closeness d- / (d+ + d-).
    Source: Hwang and Yoon, Multiple Attribute Decision Making (1981).

    >>> table = [[90, 30, 12, 14], [70, 35, 8, 7], [50, 45, 5, 21]]
    >>> topsis(table, [.4, .3, .2, .1], [False, False, True, True]).round(5).tolist()
    [0.52588, 0.53372, 0.45304]
    """
    w = np.asarray(weights, dtype=float)
    return np.asarray(_closeness(_normal(table, costs, norm, w.shape[-1]), w[None])[0])


def _normal(table: ArrayLike, costs: Sequence[bool], norm: str, criteria: int) -> Array:
    """The figures made comparable, more being better."""
    x, cost = np.asarray(table, dtype=float), np.asarray(costs, dtype=bool)
    if x.ndim != 2 or x.shape[1] != criteria or len(cost) != criteria:
        raise ValueError(f"table has shape {x.shape}, with {criteria} weights and {len(cost)} directions")
    if norm == "vector":
        size = np.sqrt((x**2).sum(axis=0))
        return np.asarray(np.where(cost, -1.0, 1.0) * x / np.where(size > 0, size, 1.0))
    if norm == "minmax":
        span = x.max(axis=0) - x.min(axis=0)
        return np.asarray(np.where(cost, x.max(axis=0) - x, x - x.min(axis=0)) / np.where(span > 0, span, 1.0))
    raise ValueError(f"norm {norm!r} is not one of {', '.join(NORMS)}")


def _closeness(z: Array, weights: Array) -> Array:
    """Closeness (sets of weights, alternatives) for many sets of weights at once."""
    v = z[None] * (weights / weights.sum(axis=1, keepdims=True))[:, None, :]
    ends = v.max(axis=1, keepdims=True), v.min(axis=1, keepdims=True)
    far_best, far_worst = (np.sqrt(((v - end) ** 2).sum(axis=2)) for end in ends)
    both = far_best + far_worst
    return np.asarray(np.divide(far_worst, both, out=np.full(both.shape, 0.5), where=both > 0))


@dataclass(frozen=True)
class PartnerDecision(Decision[tuple[str, ...]]):
    """A ranking, best first, and how far it can be trusted.

    ``scores`` by norm and partner; ``robust`` whether both norms name the same winner; ``flips`` by norm and
    criterion: the smallest change of that criterion's weight (the others keep their proportions) after which another
    partner wins, and who; ``share`` how often each partner wins over random weights around the given ones.
    """

    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    robust: bool = False
    flips: dict[str, dict[str, tuple[float, str]]] = field(default_factory=dict)
    share: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Partners:
    """Rank partners on several criteria and show what would turn the ranking.

    ``weights`` by criterion (from ``ahp`` or by hand), ``costs`` the criteria where less is better, ``norm`` the
    normalisation the ranking is read from (the other is computed beside it). ``spread``: the concentration of the
    Dirichlet law of random weights in ``share``; 50 moves a weight of 0.3 by about 0.06.

    >>> p = Partners({"reach": .4, "margin": .3, "commission": .2, "days": .1}, costs=("commission", "days"))
    >>> plan = p.decide({"A": (90, 30, 12, 14), "B": (70, 35, 8, 7), "C": (50, 45, 5, 21)})
    >>> plan.solution, plan.robust
    (('B', 'A', 'C'), False)
    """

    weights: dict[str, float]
    costs: Sequence[str] = ()
    norm: str = "vector"
    spread: float = 50.0
    draws: int = 2000

    def decide(self, partners: dict[str, Sequence[float]]) -> PartnerDecision:
        """Rank the partners; each gives one figure a criterion, in the order of the weights.

        Raises ``ValueError`` for no partner, an unknown cost criterion, weights that do not add to more than 0.
        """
        criteria, names = list(self.weights), list(partners)
        unknown = sorted(set(self.costs) - set(criteria))
        w = np.array(list(self.weights.values()), dtype=float)
        if not names or unknown or (w < 0).any() or w.sum() <= 0:
            raise ValueError(f"give partners, weights of 0 or more, and costs among {criteria}; unknown: {unknown}")
        w = w / w.sum()
        table = np.array([partners[n] for n in names], dtype=float)
        cost = [c in self.costs for c in criteria]
        scores = {norm: topsis(table, w, cost, norm) for norm in NORMS}
        own = scores[self.norm]
        order = np.argsort(-own, kind="stable")
        winners = {norm: names[int(np.argmax(s))] for norm, s in scores.items()}
        rng = np.random.default_rng(0)
        tries = rng.dirichlet(self.spread * np.maximum(w, 1e-6), self.draws)
        close = _closeness(_normal(table, cost, self.norm, len(w)), tries)
        wins = np.bincount(close.argmax(axis=1), minlength=len(names))
        robust = len(set(winners.values())) == 1
        return PartnerDecision(
            solution=tuple(names[i] for i in order),
            value=float(own.max()),
            bound=float(own.max()),
            gap=0.0,
            binding=(),
            shadow_prices={},
            why=(f"norm={self.norm}", *(() if robust else tuple(f"{n}_winner={v}" for n, v in winners.items()))),
            scores={norm: dict(zip(names, s.tolist(), strict=True)) for norm, s in scores.items()},
            robust=robust,
            flips={norm: _flips(table, w, cost, norm, criteria, names) for norm in NORMS},
            share=dict(zip(names, (wins / self.draws).tolist(), strict=True)),
        )


def _flips(
    table: Array, w: Array, cost: list[bool], norm: str, criteria: list[str], names: list[str]
) -> dict[str, tuple[float, str]]:
    """The smallest change of each weight that changes the winner, to 0.001."""
    z = _normal(table, cost, norm, len(w))
    winner = int(_closeness(z, w[None])[0].argmax())
    out: dict[str, tuple[float, str]] = {}
    for j, criterion in enumerate(criteria):
        if w[j] >= 1:
            continue
        steps = np.arange(-w[j], 1 - w[j] + 5e-4, 1e-3)
        steps = steps[np.argsort(np.abs(steps), kind="stable")]
        tries = w[None] * ((1 - w[j] - steps) / (1 - w[j]))[:, None]
        tries[:, j] = w[j] + steps
        best = _closeness(z, np.maximum(tries, 0.0)).argmax(axis=1)
        turned = np.flatnonzero(best != winner)
        if turned.size:
            out[criterion] = (float(steps[turned[0]]), names[best[turned[0]]])
    return out
