"""What one unit more or less of every limit of a budget is worth, also where no single price is "the" price."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.decide.budget_limits import Limits
from regulars.decide.curves import Array
from regulars.decide.result import ShadowPrice

# Prices this near are one; an amount this near to a limit is on it.
_SAME, _EDGE = 1e-5, 1e-6
# Beyond so many cells the two ends are not searched: they hardly ever differ there.
_MANY = 3000


def prices(
    limits: Limits, x: Array, slope: Array, low: Array, high: Array, guess: Array
) -> dict[str, ShadowPrice]:  # fmt: skip
    """Right and left derivative of the optimum in each binding limit, found over the set of all optimal prices.

    At the optimum x with slopes g the row prices y are those with g_j = (rows' y)_j where a cell is free, at least
    that where it is at its top, at most where at its bottom; y is 0 for rows that do not bind and signed by its side.
    The two derivatives of a limit are the ends of its price over that set. Source: Rockafellar, Convex Analysis
    (1970), theorem 29.1.
    """
    a = limits.coupling
    sums, size = a.matrix @ x, 1 + np.abs(a.matrix) @ np.abs(x)
    top, bottom = sums >= a.most - _EDGE * size, sums <= a.least + _EDGE * size
    width = 1 + np.maximum(np.where(np.isfinite(high), high, x), x)
    at_top, at_bottom = x >= high - _EDGE * width, x <= low + _EDGE * width
    ends = _Ends.of(a.matrix, slope, at_top, at_bottom, top, bottom, guess)
    out: dict[str, ShadowPrice] = {}
    scale = max(float(np.abs(slope).max(initial=0.0)), 1e-12)

    def add(code: str, more: float, less: float) -> None:
        if abs(less - more) <= _SAME * scale:
            more = less = 0.5 * (more + less)
        if max(abs(more), abs(less)) > 1e-7 * scale:
            out[code] = ShadowPrice(more + 0.0, less + 0.0)

    for i, row in enumerate(limits.rows):
        if top[i] or bottom[i]:
            goal = np.zeros(len(limits.rows))
            goal[i] = 1.0
            first, last = ends.least(goal), -ends.least(-goal)
            add(row.wish.code, first, last)
    for j in np.flatnonzero(at_top | (at_bottom & (limits.low > 0))).tolist():
        column = a.matrix[:, j]
        left = slope[j] + ends.least(-column), slope[j] - ends.least(column)
        side = "high" if at_top[j] and (left[1] > 0 or not at_bottom[j]) else "low"
        if side == "low" and not limits.low[j] > 0:
            continue
        code = limits.wish(side, j).code
        ends_of = (max(left[0], 0.0), left[1]) if side == "high" else (left[0], min(left[1], 0.0))
        add(code, *(ends_of if not (at_top[j] and at_bottom[j]) else left))
    return out


class _Ends:
    """The set of optimal row prices, asked for its ends."""

    def __init__(self, rows: tuple[Array, Array, Array] | None, bounds: Any, guess: Array) -> None:
        self.rows, self.bounds, self.guess = rows, bounds, guess

    @classmethod
    def of(
        cls, matrix: Array, slope: Array, at_top: Any, at_bottom: Any, top: Any, bottom: Any, guess: Array
    ) -> _Ends:  # fmt: skip
        room = 1e-7 * max(float(np.abs(slope).max(initial=0.0)), 1e-12)
        least = np.where(at_bottom, slope - room, -np.inf)
        most = np.where(at_top, slope + room, np.inf)
        # free: equal; at the top the row prices leave something, at the bottom they take more than it brings
        least = np.where(~at_top & ~at_bottom, slope - room, least)
        most = np.where(~at_top & ~at_bottom, slope + room, most)
        both = at_top & at_bottom
        keep = ~both & (np.abs(matrix).sum(axis=0) > 0)
        bounds = (np.where(bottom, -np.inf, 0.0), np.where(top, np.inf, 0.0))
        rows = None if len(slope) > _MANY else (matrix.T[keep], least[keep], most[keep])
        return cls(rows, bounds, np.where(top | bottom, guess, 0.0))

    def least(self, goal: Array) -> float:
        """The least of goal @ y over the set."""
        if self.rows is None:
            return float(goal @ self.guess)
        if len(goal) == 1:
            return self._one(float(goal[0]))
        from scipy.optimize import Bounds, LinearConstraint, milp

        answer: Any = milp(goal, constraints=LinearConstraint(*self.rows), bounds=Bounds(*self.bounds))
        return float(goal @ self.guess) if answer.x is None else float(answer.fun)

    def _one(self, goal: float) -> float:
        assert self.rows is not None
        use, least, most = self.rows
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high = least / use[:, 0], most / use[:, 0]
        first, last = max(float(np.max(low, initial=-np.inf)), self.bounds[0][0]), min(
            float(np.min(high, initial=np.inf)), self.bounds[1][0]
        )  # fmt: skip
        if first > last:
            return goal * float(self.guess[0])
        end = first if goal > 0 else last
        return goal * (end if np.isfinite(end) else float(self.guess[0])) if goal else 0.0
