"""What spend in chains of weeks brings, through what it leaves at work."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.decide.curves import Array, Curves
from regulars.decide.weeks_roof import Roof, Roofs


class Stocked:
    """Channels by weeks in one long row: spend to stock, stock to value, and what stays at the end.

    ``keep`` is the share of each channel's effect that goes over into the next week, ``begin`` what is at work now,
    ``season`` how much more each week brings, ``later`` what a unit still at work at the end is worth, ``fixed`` what
    a week with any spend costs besides.
    """

    def __init__(self, curves: Curves, keep: Array, begin: Array, season: Array, later: Array, fixed: Array) -> None:
        n, weeks = len(keep), len(season)
        ahead = np.arange(weeks)[:, None] - np.arange(weeks)
        power = keep[:, None, None] ** np.maximum(ahead, 0)
        self.mix = np.where(ahead >= 0, (1 - keep)[:, None, None] * power, 0.0)
        self.start = (begin[:, None] * keep[:, None] ** np.arange(1, weeks + 1)).ravel()
        self.roofs = Roofs(curves, season)
        self.later, self.shape, self.fixed = later, (n, weeks), np.repeat(fixed, weeks)

    def stock(self, x: Array) -> Array:
        """What is at work."""
        return np.asarray(np.einsum("ctu,cu->ct", self.mix, x.reshape(self.shape)).ravel() + self.start)

    def back(self, slope: Array) -> Array:
        """What a slope in the stock is in the spend."""
        return np.asarray(np.einsum("ctu,ct->cu", self.mix, slope.reshape(self.shape)).ravel())

    def after(self, stock: Array) -> float:
        """What is still at work at the end is worth."""
        return float(self.later @ stock.reshape(self.shape)[:, -1])

    def value(self, x: Array) -> float:
        """What the weeks bring, and what is left at the end, costs of entry paid."""
        s = self.stock(x)
        return float(self.roofs.wide.value(s).sum()) + self.after(s) - float(self.fixed[x > 0].sum())

    def draws(self, x: Array) -> Array:
        """Value of every draw."""
        s = self.stock(x)
        values = np.atleast_2d(self.roofs.wide.values(s)).sum(axis=1)
        return np.asarray(values + self.after(s) - float(self.fixed[x > 0].sum()))

    def slope(self, x: Array) -> Array:
        """What the next unit of spend brings."""
        slope = self.roofs.wide.slope(self.stock(x)).reshape(self.shape)
        slope[:, -1] += self.later
        return self.back(slope)

    def row(self, j: int) -> Array:
        """The stock of one cell as a row over the spend, its start left out."""
        n, weeks = self.shape
        out = np.zeros((n, weeks))
        out[j // weeks] = self.mix[j // weeks, j % weeks]
        return out.ravel()


class Above:
    """A concave goal for spend: a roof over the stocks, and costs of entry as ``rise`` a unit and ``paid`` at once.

    Cells that are not ``free`` stay at ``held``, whatever they are asked for: chains keep their length.
    """

    def __init__(self, stocked: Stocked, roof: Roof, rise: Array, paid: float, free: Any, held: Array) -> None:
        self.stocked, self.roof, self.rise, self.paid = stocked, roof, rise, paid
        self.free, self.held = free, held
        own = free.astype(float).reshape(stocked.shape)
        self.both = own[:, :, None] * own[:, None, :]

    def whole(self, x: Array) -> Array:
        """The spend of all cells."""
        return np.where(self.free, x, self.held)

    def helpers(self) -> Array:
        """None are needed."""
        return np.zeros((2, 0))

    def conditions(self, x: Array) -> tuple[Array, Array]:
        """None are asked."""
        return np.zeros(0), np.zeros((0, len(x)))

    def at(self, x: Array, q: Array) -> tuple[Array, Array]:
        """Slope, and bend in blocks, one a channel."""
        one = self.stocked
        slope, bend = (v.reshape(one.shape) for v in self.roof.slope(one.stock(self.whole(x))))
        slope = slope.copy()
        slope[:, -1] += one.later
        blocks = np.einsum("ctu,ct,ctv->cuv", one.mix, bend, one.mix)
        return np.where(self.free, one.back(slope) - self.rise, 0.0), blocks * self.both

    def value(self, x: Array) -> float:
        """Height of the roof above."""
        x = self.whole(x)
        s = self.stocked.stock(x)
        return float(self.roof.value(s).sum()) + self.stocked.after(s) - float(self.rise @ x) - self.paid

    def ceiling(self, x: Array, q: Array) -> tuple[float, Array]:
        """The plane that touches the roof."""
        return self.value(x), self.at(x, q)[0]
