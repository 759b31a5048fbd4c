"""The mean over the worst draws, as something to maximise."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.decide.curves import Array, Curves
from regulars.decide.envelope import Cells, touch


def worst_mean(figures: Array, share: float) -> float:
    """Mean of the worst ``share`` of equally likely figures: conditional value at risk.

    >>> figures = np.array([4.0, 1.0, 3.0, 2.0])
    >>> worst_mean(figures, 0.5), round(worst_mean(figures, 0.375), 6)
    (1.5, 1.333333)
    """
    low = np.sort(figures)
    each = 1 / (share * len(low))
    return float(low @ np.clip(1 - each * np.arange(len(low)), 0.0, each))


class Worst:
    """The mean of the worst ``share`` of draws of what cells earn, each draw under its own concave envelope.

    Formula: max over a level e and shortfalls u >= 0 of e - sum_k u_k / (share K) with V_k(x) + u_k >= e. The
    weights q of these conditions, once 0 <= q <= 1 / (share K) and sum q = 1, make sum_k q_k V_k(x) a function that
    lies above everywhere: the bound is true at every step. Source: Rockafellar and Uryasev, Journal of Risk 2 (2000)
    21-41.
    """

    def __init__(self, cells: Cells, share: float) -> None:
        c = cells.curves
        start = np.where(cells.switch, 0.0, cells.low)
        cost = np.where(cells.switch | (cells.low > 0), cells.fixed, 0.0)
        self.base, self.cost, self.curves = start, cost, c
        self.cell = np.flatnonzero(cells.high > start)
        self.width = (cells.high - start)[self.cell]
        self.draws = len(np.atleast_2d(c.worth))
        self.share = share
        at_start = np.atleast_2d(c.values(start)) - np.where(start > 0, cost, 0.0)
        self.odd = np.flatnonzero((c.curved | cells.switch) & (cells.high > start))
        self.at_start = at_start
        if self.odd.size:
            self.touch = _touches(cells, self.odd, start, at_start)
            every = np.atleast_2d(_spread(c, self.odd).values(self.touch.ravel())).reshape(self.touch.shape)
            reach = every - np.where(self.touch > 0, cost[self.odd], 0.0)
            gone = self.touch - start[self.odd]
            self.rise = np.divide(reach - at_start[:, self.odd], gone, out=np.zeros_like(gone), where=gone > 0)

    def spend(self, y: Array) -> Array:
        """Amounts of the cells."""
        x = self.base.copy()
        x[self.cell] += y
        return x

    def draw_values(self, y: Array) -> tuple[Array, Array, Array]:
        """Value (draws,), slope and bend (draws, cells) of every draw."""
        x, c = self.spend(y), self.curves
        values = np.atleast_2d(c.values(x)) - np.where((x > 0) & (self.cost > 0), self.cost, 0.0)
        slopes, bends = np.atleast_2d(c.slopes(x)), np.maximum(np.atleast_2d(c.bends(x)), 0.0)
        if self.odd.size:
            j = self.odd
            before = x[j] < self.touch
            line = self.at_start[:, j] + self.rise * (x - self.base)[j]
            values[:, j] = np.where(before, line, values[:, j])
            slopes[:, j] = np.where(before, self.rise, slopes[:, j])
            bends[:, j] = np.where(before, 0.0, bends[:, j])
        return values.sum(axis=1), slopes[:, self.cell], bends[:, self.cell]

    def helpers(self) -> Array:
        """The level, and the shortfall of each draw below it, within what the draws can come to."""
        least, most = self.draw_values(np.zeros_like(self.width))[0], self.draw_values(self.width)[0]
        low, high = float(least.min()), float(most.max())
        room = max(high - low, 1e-9)
        return np.array(
            [[low - 0.1 * room, *np.zeros(self.draws)], [high + 0.1 * room, *np.full(self.draws, 2 * room)]]
        )

    def conditions(self, x: Array) -> tuple[Array, Array]:
        """Value + shortfall - level of each draw."""
        n = len(self.width)
        values, slopes, _ = self.draw_values(x[:n])
        return values + x[n + 1 :] - x[n], np.hstack([slopes, np.full((self.draws, 1), -1.0), np.eye(self.draws)])

    def at(self, x: Array, q: Array) -> tuple[Array, Array]:
        """Slope of level and shortfalls; bend of the draws as weighted."""
        n = len(self.width)
        slope = np.concatenate([np.zeros(n), [1.0], np.full(self.draws, -1 / (self.share * self.draws))])
        return slope, np.append(q @ self.draw_values(x[:n])[2], np.zeros(1 + self.draws))

    def value(self, x: Array) -> float:
        """The mean of the worst draws itself."""
        return worst_mean(self.draw_values(x[: len(self.width)])[0], self.share)

    def ceiling(self, x: Array, q: Array) -> tuple[float, Array]:
        """A plane above: the draws weighted, the weights first made to add up to 1 without one above its cap."""
        values, slopes, _ = self.draw_values(x[: len(self.width)])
        cap = 1 / (self.share * self.draws)
        q = np.clip(q, 0.0, cap)
        over = float(q.sum()) - 1
        room = q if over > 0 else cap - q
        q = q - room * (over / max(float(room.sum()), 1e-300)) if over > 0 else q - room * (over / float(room.sum()))
        return float(q @ values), q @ slopes


def _spread(c: Curves, j: Any) -> Curves:
    """Every draw of some cells as a cell of its own."""
    worth, scale, shape = (
        np.atleast_2d(np.broadcast_to(v, c.worth.shape))[:, j].ravel() for v in (c.worth, c.scale, c.shape)
    )
    draws = len(worth) // len(j)
    knots = tuple(c.knots[i] for i in j) * draws if c.knots else ()
    return Curves(("",) * len(worth), tuple(c.forms[i] for i in j) * draws, worth, scale, shape, knots)


def _touches(cells: Cells, j: Any, start: Array, at_start: Array) -> Array:
    """Where the envelope of every draw leaves its straight line, (draws, cells)."""
    draws = len(at_start)

    def wide(v: Array) -> Array:
        return np.tile(v[j], draws)

    many = Cells(_spread(cells.curves, j), wide(cells.low), wide(cells.high), wide(cells.switch), wide(cells.fixed))
    return touch(many, np.arange(draws * len(j)), wide(start), at_start[:, j].ravel()).reshape(draws, len(j))
