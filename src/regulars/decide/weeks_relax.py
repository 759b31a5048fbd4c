"""The weeks with some choices made and some still open, as a concave programme whose optimum none can exceed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.interior import maximise
from regulars.decide.weeks_roof import Roof
from regulars.decide.weeks_rows import WeekRows
from regulars.decide.weeks_stock import Above, Stocked

# Spend below this share of what a cell can take is none.
NONE = 1e-6
# How much wider, as a share, rows are made in turn where they leave no room inside; what bounds the wider problem
# bounds this one.
_WIDER = (0.0, 1e-8, 1e-6, 1e-5)


@dataclass(frozen=True)
class Held:
    """What is decided so far: limits of spend, cells that may still be off, limits of stocks, channels committed.

    ``commit`` is 1 where a channel may still be left out of the whole plan, 2 where it is in it.
    """

    low: Array
    high: Array
    open: Any
    least: Array
    most: Array
    commit: Any


class Relaxed:
    """The concave programmes of one plan over weeks."""

    def __init__(self, stocked: Stocked, rows: WeekRows, gap: float) -> None:
        self.stocked, self.rows, self.gap = stocked, rows, gap

    def span(self, held: Held) -> tuple[Array, Array] | None:
        """The interval of each stock; None where one is empty."""
        low = np.where(held.open, 0.0, held.low)
        first, last = self.stocked.stock(low), self.stocked.stock(held.high)
        least, most = np.maximum(first, held.least), np.minimum(last, held.most)
        return None if (least > most + 1e-7 * (1 + most)).any() else (least, np.maximum(most, least))

    def solve(self, held: Held, roof: Roof) -> tuple[Array, float, Array] | None:
        """Spend, bound and prices under a roof; None where nothing can be."""
        low, high = np.where(held.open, 0.0, held.low), held.high
        free = high - low > 1e-9 * np.maximum(high, 1.0)
        stay = np.where(free, 0.0, low)
        on = ~held.open & (self.rows.smallest > 0) & (high > 0)
        on |= (self.rows.smallest == 0) & (held.low > 0)
        fixed = self.stocked.fixed
        rise = np.where(held.open, fixed / np.maximum(high, 1.0), 0.0)
        goal = Above(self.stocked, roof, rise, float(fixed[on].sum()), free, stay)
        matrix, least, most = self._rows(held, low, high)
        gone = matrix @ stay
        matrix, least, most = matrix * free, least - gone, most - gone
        edge = 1e-7 * (1 + np.abs(gone))
        bare = np.abs(matrix).sum(axis=1) == 0
        if ((least > edge) | (most < -edge))[bare].any():
            return None
        matrix, least, most = matrix[~bare], least[~bare], most[~bare]
        none, given = np.zeros(len(self.rows.codes)), ~bare[: len(self.rows.codes)]
        if not free.any():
            return stay, goal.value(stay), none
        bottom, top = np.where(free, low, 0.0), np.where(free, high, 1.0)
        if (np.isfinite(least).any() or (matrix < 0).any() or (most < matrix @ bottom).any()) and _furthest(
            np.zeros(len(low)), matrix, least, most, bottom, top
        ) is None:
            return None
        size = max(abs(goal.value(top) - goal.value(bottom)), 1e-9)
        for wider in _WIDER:
            slack = wider * (1 + np.abs(matrix) @ top)
            found = maximise(goal, bottom, top, matrix, least - slack, most + slack, size=size,
                             gap=min(1e-9, self.gap))  # fmt: skip
            if found is not None:
                x = np.where(free, np.where(found.x <= NONE * np.minimum(high, 1.0), 0.0, found.x), stay)
                none[given] = found.prices[: int(given.sum())]
                return x, found.bound, none
        return *_by_planes(goal, matrix, least, most, bottom, top), none

    def _rows(self, held: Held, low: Array, high: Array) -> tuple[Array, Array, Array]:
        """The rows that were given, the stocks that are held, and the channels that are committed."""
        a, one = self.rows.coupling, self.stocked
        first, last = one.stock(low), one.stock(high)
        edge = 1e-9 * (1 + last)
        own = np.flatnonzero((held.least > first + edge) | (held.most < last - edge))
        matrix = [a.matrix, *(one.row(int(j))[None] for j in own)]
        least = [a.least, np.where(held.least > first + edge, held.least - one.start, -np.inf)[own]]
        most = [a.most, np.where(held.most < last - edge, held.most - one.start, np.inf)[own]]
        for i in np.flatnonzero(held.commit == 2).tolist():
            row = np.zeros(one.shape)
            row[i] = 1.0
            matrix.append(row.ravel()[None])
            least.append(np.array([self.rows.commit[i]]))
            most.append(np.array([np.inf]))
        return np.vstack(matrix), np.concatenate(least), np.concatenate(most)


def _furthest(slope: Array, matrix: Array, least: Array, most: Array, low: Array, high: Array) -> Array | None:
    """Amounts within the rows where a plane is highest; None where no amounts keep to them."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    slack = 1e-9 * (1 + np.abs(matrix) @ high)
    size = max(float(np.abs(slope).max(initial=0.0)), 1e-300)
    answer: Any = milp(
        -slope / size, bounds=Bounds(low, high), constraints=LinearConstraint(matrix, least - slack, most + slack)
    )
    return None if answer.x is None else np.asarray(answer.x)


def _by_planes(goal: Above, matrix: Array, least: Array, most: Array, low: Array, high: Array) -> tuple[Array, float]:
    """Where rows leave next to no room inside: amounts, and the least height of a few planes that touch the roof."""
    x, bound = _furthest(np.zeros(len(low)), matrix, least, most, low, high), np.inf
    for _ in range(3):
        if x is None:
            break
        height, slope = goal.ceiling(x, np.zeros(0))
        far = _furthest(slope, matrix, least, most, low, high)
        if far is None:
            break
        bound = min(bound, height + float(slope @ (far - x)))
        x = 0.5 * (x + far)
    return goal.whole(low if x is None else x), bound
