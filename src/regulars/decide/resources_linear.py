"""Linear relaxations: an optimum with the prices of its rows, and what the prices say of any plan worth so much."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import vstack

from regulars.decide.curves import Array
from regulars.decide.program import Matrices


def linear(m: Matrices) -> tuple[Array, Array] | None:
    """An optimum of the relaxation and the prices of its rows: above 0 where the high side binds, below for the low."""
    same = m.row_low == m.row_high
    up, down = np.isfinite(m.row_high) & ~same, np.isfinite(m.row_low) & ~same
    solve: Any = linprog
    answer = solve(
        -m.worth, A_ub=vstack([m.matrix[np.flatnonzero(up)], -m.matrix[np.flatnonzero(down)]]),
        b_ub=np.concatenate([m.row_high[up], -m.row_low[down]]), A_eq=m.matrix[np.flatnonzero(same)],
        b_eq=m.row_high[same], bounds=np.column_stack([m.low, m.high]), method="highs",
    )  # fmt: skip
    if answer.x is None:
        return None
    y = np.zeros(len(m.row_low))
    prices = -np.asarray(answer.ineqlin.marginals)
    y[np.flatnonzero(up)] += np.maximum(prices[: up.sum()], 0.0)
    y[np.flatnonzero(down)] -= np.maximum(prices[up.sum() :], 0.0)
    y[np.flatnonzero(same)] = -np.asarray(answer.eqlin.marginals)
    return np.asarray(answer.x), y


def narrowed(m: Matrices, goal: float) -> tuple[Array, Array] | None:
    """Limits of the columns in every plan worth at least ``goal``, by their reduced costs; None where there is no plan.

    Source: Nemhauser and Wolsey (1988), II.5.2 (reduced cost fixing).
    """
    answer = linear(m)
    if answer is None:
        return None
    y = answer[1]
    side = np.where(y > 0, np.where(np.isfinite(m.row_high), m.row_high, 0.0),
                    np.where(np.isfinite(m.row_low), m.row_low, 0.0))  # fmt: skip
    left = m.worth - m.matrix.T @ y
    spare = float(y @ side + np.maximum(left * m.low, left * m.high).sum()) - goal
    if spare < -1e-6 * abs(goal):
        return None
    with np.errstate(divide="ignore"):
        step = (max(spare, 0.0) + 1e-6 * abs(goal)) / np.abs(left)
    whole = m.whole == 1
    step = np.where(whole, np.floor(step + 1e-9), step)
    low = np.where(left > 0, np.maximum(m.low, m.high - step), m.low)
    return low, np.where(left < 0, np.minimum(m.high, m.low + step), m.high)
