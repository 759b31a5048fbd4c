"""From one state to the next: probabilities with intervals, and how long until an end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

Vector = NDArray[np.float64]


class TransitionMatrix(BaseEstimator):  # type: ignore[misc]
    r"""The chance of every next state, from counted moves.

    With n moves from a state, :math:`n_j` of them to j, and a Dirichlet prior
    of ``prior`` on each of the J possible next states:

    .. math::
        \hat p_j = \frac{n_j + c}{n + cJ}, \qquad
        p_j \sim Beta(n_j + c,\; n - n_j + c(J - 1))

    so a state nobody left yet has a wide interval instead of a certain zero.

    Parameters
    ----------
    states : int
        How many states there are.
    prior : float
        .5 is Jeffreys' prior.
    impossible : sequence of (from, to)
        Moves that cannot be, such as back to "new".
    level : float
        Of the intervals.

    Attributes
    ----------
    counts_ : ndarray of int64, shape (states, states)
    probabilities_, low_, high_ : ndarray of shape (states, states)

    Examples
    --------
    >>> found = TransitionMatrix(states=2).fit([[0, 0, 1, 1], [0, 1, 1, -1]])
    >>> found.counts_.tolist()
    [[1, 2], [0, 2]]
    >>> found.probabilities_.round(3).tolist()
    [[0.375, 0.625], [0.167, 0.833]]

    References
    ----------
    Anderson and Goodman (1957), "Statistical inference about Markov chains";
    Kemeny and Snell (1960), chapter III, for absorbing chains.
    """

    def __init__(
        self, *, states: int, prior: float = 0.5, impossible: Sequence[tuple[int, int]] = (), level: float = 0.9
    ) -> None:
        self.states = states
        self.prior = prior
        self.impossible = impossible
        self.level = level

    def fit(self, paths: ArrayLike, y: None = None) -> Self:
        """Count the moves along paths: one row each, states 0, 1 ...; -1 is not known and breaks the path."""
        codes = np.asarray(paths)
        if codes.ndim != 2:
            raise ValueError("paths are a table with one row per customer and one column per point in time")
        if codes.size and int(codes.max()) >= self.states:
            raise ValueError(f"a path holds state {int(codes.max())}; the states are 0 to {self.states - 1}")
        before, after = codes[:, :-1].ravel().astype(np.int64), codes[:, 1:].ravel().astype(np.int64)
        both = (before >= 0) & (after >= 0)
        k = self.states
        return self.fit_counts(np.bincount(before[both] * k + after[both], minlength=k * k).reshape(k, k))

    def fit_counts(self, counts: ArrayLike) -> Self:
        """Learn from moves already counted; counts of two parts add up."""
        self.counts_ = np.asarray(counts, dtype=np.int64)
        if self.counts_.shape != (self.states, self.states):
            raise ValueError(f"counts of {self.states} states have shape ({self.states}, {self.states})")
        shape = self._dirichlet()
        total = shape.sum(axis=1, keepdims=True)
        self.probabilities_ = np.divide(shape, total, out=np.zeros_like(shape), where=total > 0)
        tail = (1.0 - self.level) / 2.0
        inside = (shape > 0) & (total - shape > 0)
        one, other = np.where(inside, shape, 1.0), np.where(inside, total - shape, 1.0)
        self.low_ = np.where(inside, beta.ppf(tail, one, other), self.probabilities_)
        self.high_ = np.where(inside, beta.ppf(1.0 - tail, one, other), self.probabilities_)
        return self

    def after(self, steps: int) -> Vector:
        """The chance of every state so many steps later."""
        check_is_fitted(self, "probabilities_")
        return np.asarray(np.linalg.matrix_power(self.probabilities_, steps))

    def steps_until(self, end: int, draws: int = 400, seed: int = 0) -> tuple[Vector, Vector, Vector]:
        """Mean steps until a state is first reached, from every state, with the interval of the posterior."""
        check_is_fitted(self, "probabilities_")
        mean = first_passage(self.probabilities_, end)
        rng = np.random.default_rng(seed)
        gamma = rng.standard_gamma(np.broadcast_to(self._dirichlet(), (draws, self.states, self.states)))
        total = gamma.sum(axis=2, keepdims=True)
        drawn = np.divide(gamma, total, out=np.zeros_like(gamma), where=total > 0)
        many = np.stack([first_passage(p, end) for p in drawn])
        tail = (1.0 - self.level) / 2.0
        low, high = np.quantile(many, [tail, 1.0 - tail], axis=0, method="nearest")
        return mean, low, high

    def _dirichlet(self) -> Vector:
        shape = self.counts_ + float(self.prior)
        for a, b in self.impossible:
            shape[a, b] = self.counts_[a, b]
        return np.asarray(shape)


def first_passage(matrix: ArrayLike, end: int) -> Vector:
    r"""Mean steps until ``end`` is first reached: :math:`(I - Q)^{-1} 1`, Q the matrix without that state.

    Infinite from where it cannot be reached. Gambler's ruin with a fair coin
    and stakes 0 to 3:

    >>> fair = [[1, 0, 0, 0], [.5, 0, .5, 0], [0, .5, 0, .5], [0, 0, 0, 1]]
    >>> absorption(fair, [0, 3])[1].tolist()
    [0.0, 2.0, 2.0, 0.0]
    """
    return absorption(matrix, [end])[1]


def absorption(matrix: ArrayLike, ends: Sequence[int]) -> tuple[Vector, Vector]:
    """Of a chain that stops at ``ends``: the chance to stop at each (states x ends), and the mean steps until then."""
    p = np.asarray(matrix, dtype=np.float64)
    stop = np.array(ends, dtype=np.int64)
    go = np.array([i for i in range(len(p)) if i not in ends], dtype=np.int64)
    chance, steps = np.zeros((len(p), len(stop))), np.zeros(len(p))
    chance[stop, np.arange(len(stop))] = 1.0
    reach = _reaches(p, stop)
    steps[go] = np.inf
    inner = go[reach[go]]
    # Where part of the mass can be caught for ever elsewhere, the mean is infinite though the chance is not 0.
    if inner.size:
        system = np.eye(len(inner)) - p[np.ix_(inner, inner)]
        chance[inner] = np.linalg.solve(system, p[np.ix_(inner, stop)])
        sure = np.abs(chance[inner].sum(axis=1) - 1.0) < 1e-9
        steps[inner] = np.where(sure, np.linalg.solve(system, np.ones(len(inner))), np.inf)
    return chance, steps


def _reaches(p: Vector, stop: NDArray[np.int64]) -> NDArray[np.bool_]:
    reach = np.zeros(len(p), dtype=np.bool_)
    reach[stop] = True
    for _ in range(len(p)):
        reach |= (p[:, reach] > 0).any(axis=1)
    return reach


def headcounts(codes: NDArray[Any], states: int) -> NDArray[np.int64]:
    """How many stood in each state at each point in time: shape (points, states)."""
    points = codes.shape[1]
    known = codes >= 0
    place = (np.arange(points)[None, :] * states + codes)[known].astype(np.int64)
    return np.bincount(place, minlength=points * states).reshape(points, states)
