"""What would turn a ranking: the smallest change of the weights after which another option is first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.weighing import closeness


@dataclass(frozen=True)
class Flip:
    """After ``change`` of one criterion's weight, the others in proportion, ``winner`` is first."""

    change: float
    winner: str


@dataclass(frozen=True)
class Trade:
    """The least weight, ``moved`` of 1 in all, that taken ``given`` by criterion and put on ``taken`` makes ``winner``
    first. ``exact``: no smaller move of any kind does; otherwise no smaller move between any two criteria does.
    """

    moved: float
    given: dict[str, float]
    taken: str
    winner: str
    exact: bool


class Scorer(Protocol):
    """How options are scored by any set of weights, and where two of them are level along a line of weights."""

    def scores(self, weights: Array) -> Array:
        """Scores (sets of weights, options)."""
        ...

    def crossings(self, w: Array, way: Array, one: int, other: int) -> Array:
        """The steps t at which both are level with the weights w + t way."""
        ...


@dataclass(frozen=True)
class Linear:
    """Scores that are sums of figures times weights: a weighted sum, or flows of preference."""

    z: Array

    def scores(self, weights: Array) -> Array:
        """Scores (sets of weights, options)."""
        return np.asarray(weights @ self.z.T)

    def crossings(self, w: Array, way: Array, one: int, other: int) -> Array:
        """One step at most."""
        lead = self.z[one] - self.z[other]
        slope = float(lead @ way)
        return np.array([-float(lead @ w) / slope]) if abs(slope) > 1e-15 else np.zeros(0)


@dataclass(frozen=True)
class Nearness:
    """TOPSIS. Two options are level where P_a Q_b = P_b Q_a, with P and Q the squared distances to the worst and the
    best: along a line of weights both are quadratic, so the steps are the roots of a quartic, not of a search.
    """

    z: Array

    def scores(self, weights: Array) -> Array:
        """Scores (sets of weights, options)."""
        return closeness(self.z, weights)

    def crossings(self, w: Array, way: Array, one: int, other: int) -> Array:
        """The real roots."""
        squares = np.stack([way**2, 2 * w * way, w**2])
        worst, best = (self.z - self.z.min(axis=0)) ** 2, (self.z.max(axis=0) - self.z) ** 2
        level = np.polysub(
            np.polymul(squares @ worst[one], squares @ best[other]),
            np.polymul(squares @ worst[other], squares @ best[one]),
        )
        size = np.abs(level).max()
        if size <= 1e-15:
            return np.zeros(0)
        roots = np.roots(np.where(np.abs(level) < 1e-14 * size, 0.0, level))
        return np.asarray(roots.real[np.abs(roots.imag) < 1e-6])


def flips(scorer: Scorer, w: Array, criteria: Sequence[str], names: Sequence[str]) -> dict[str, Flip]:
    """By criterion, the smallest change of its weight that turns the winner; criteria that never do are left out."""
    out: dict[str, Flip] = {}
    for j, criterion in enumerate(criteria):
        rest = w.copy()
        rest[j] = 0.0
        rest = rest / rest.sum() if rest.sum() > 0 else np.where(np.arange(len(w)) == j, 0.0, 1 / max(len(w) - 1, 1))
        up = -rest
        up[j] = 1.0
        found = []
        for sign, furthest in ((1.0, 1 - w[j]), (-1.0, w[j])):
            turn = _first_turn(scorer, w, sign * up, furthest)
            if turn is not None:
                found.append((sign * turn[0], turn[1]))
        if found:
            change, winner = min(found, key=lambda f: abs(f[0]))
            out[criterion] = Flip(change, names[winner])
    return out


def trade(scorer: Scorer, w: Array, criteria: Sequence[str], names: Sequence[str]) -> Trade | None:
    """The least weight to move for another winner; None where no weights do it."""
    best = _linear_trade(scorer, w) if isinstance(scorer, Linear) else _pair_trade(scorer, w)
    if best is None:
        return None
    given, to, winner = best
    taken = {criteria[k]: float(g) for k, g in enumerate(given) if g > 1e-12}
    return Trade(float(given.sum()), taken, criteria[to], names[winner], isinstance(scorer, Linear))


def _first_turn(scorer: Scorer, w: Array, way: Array, furthest: float) -> tuple[float, int] | None:
    """The first step along a line of weights after which another option is first, and which."""
    first = int(scorer.scores(w[None])[0].argmax())
    rivals = [k for k in range(len(scorer.scores(w[None])[0])) if k != first]
    steps = np.concatenate([scorer.crossings(w, way, first, k) for k in rivals]) if rivals else np.zeros(0)
    for step in np.sort(steps[(steps >= -1e-12) & (steps <= furthest)]):
        # At the crossing itself both are level; a root that only touches turns nothing.
        for beyond in (1e-9, 1e-7, 1e-5):
            at = min(max(step, 0.0) + beyond, furthest)
            winner = int(scorer.scores(np.maximum(w + at * way, 0.0)[None])[0].argmax())
            if winner != first:
                return float(at), winner
    return None


def _linear_trade(scorer: Linear, w: Array) -> tuple[Array, int, int] | None:
    """Exact: all that moves goes to the criterion where the rival leads most, taken first from where it trails most."""
    first = int(scorer.scores(w[None])[0].argmax())
    best: tuple[Array, int, int] | None = None
    for rival in range(len(scorer.z)):
        lead = scorer.z[rival] - scorer.z[first]
        to, lack = int(lead.argmax()), -float(lead @ w)
        if rival == first or lead[to] <= 1e-15:
            continue
        given = np.zeros_like(w)
        lack += 1e-12 * max(1.0, lack)
        for k in np.argsort(lead, kind="stable"):
            if lack <= 0 or lead[to] - lead[k] <= 1e-15:
                break
            given[k] = min(w[k], lack / (lead[to] - lead[k]))
            lack -= given[k] * (lead[to] - lead[k])
        if lack <= 0 and (best is None or given.sum() < best[0].sum() - 1e-15):
            best = given, to, rival
    return best


def _pair_trade(scorer: Scorer, w: Array) -> tuple[Array, int, int] | None:
    """Between any two criteria."""
    best: tuple[Array, int, int] | None = None
    for source in np.flatnonzero(w > 0):
        for to in range(len(w)):
            if to == source:
                continue
            way = np.zeros_like(w)
            way[source], way[to] = -1.0, 1.0
            furthest = float(w[source]) if best is None else min(float(w[source]), float(best[0].sum()))
            turn = _first_turn(scorer, w, way, furthest)
            if turn is not None and (best is None or turn[0] < best[0].sum()):
                given = np.zeros_like(w)
                given[source] = turn[0]
                best = given, to, turn[1]
    return best


def winner_map(scorer: Scorer, w: Array, x: int, y: int, steps: int = 21) -> list[list[int]]:
    """Who is first (place of the option) where criterion x has the share column / (steps - 1) of the weight and y the
    share row / (steps - 1), the rest in proportion; -1 where both together are above 1.
    """
    rest = w.copy()
    rest[[x, y]] = 0.0
    rest = rest / rest.sum() if rest.sum() > 0 else rest
    ends = np.linspace(0.0, 1.0, steps)
    grid = []
    for share_y in ends:
        line = []
        for share_x in ends:
            left = 1.0 - share_x - share_y
            if left < -1e-9 or (left > 1e-9 and rest.sum() <= 0):
                line.append(-1)
                continue
            at = rest * max(left, 0.0)
            at[x] += share_x
            at[y] += share_y
            line.append(int(scorer.scores(at[None])[0].argmax()))
        grid.append(line)
    return grid
