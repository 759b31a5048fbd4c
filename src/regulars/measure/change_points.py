"""Change points: where a figure moved to another level or another slope, found exactly (PELT)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.measure.change_costs import COSTS, Array, Cost

# 3 log n for each new level, 4 log n for each new line: the leading term of the modified BIC, which counts the place
# of a change as worth two parameters (Zhang and Siegmund 2007).
PLACE: Final = 2.0
SHAPES: Final = ("mean", "trend")
_TO_SD: Final = 1.4826


class ChangePoints:
    r"""Split a series where its level or slope changed, with the least total cost over all possible splits.

    .. math:: \min_{0 < \tau_1 < \dots < \tau_k < n} \sum_j C(y_{\tau_j : \tau_{j+1}}) + k \beta

    The answer is the exact minimum; stretches that can never be best again are dropped on the way (PELT), so long
    series with changes cost little more than linear time.

    Parameters
    ----------
    cost : {"auto", "mean", "trend", "rank", "count"}
        What a quiet stretch looks like: a level, a straight line, a level of the ranks (deaf to outliers), or a
        rate of counts. "auto" takes level or line, whichever explains the series at the smaller total.
    penalty : float, optional
        What one more change has to save; in units of twice the log-likelihood. None is ``(p + 2) log n`` with p
        the parameters of a stretch (modified BIC).
    min_size : int
        Fewest values between two changes.
    noise : "long_run", "own" or float
        Scatter of quiet values. "long_run" takes it from differences and widens it where neighbours resemble each
        other, so that slow drift of the weather kind is no change; "own" is the standard deviation of all.

    Attributes
    ----------
    change_points_ : ndarray of int
        First index of each new stretch, counted from 0.
    stretches_ : DataFrame
        ``start, end`` (one past the last), ``mean`` and ``slope`` (of the first column).
    cost_ : float
        Total cost with penalties, ``k`` changes.
    shape_ : str
        The cost in use.
    scale_ : ndarray
        Scatter that was taken as noise, by column.
    penalty_ : float
        Price of one change.

    Raises
    ------
    ValueError
        For unknown names, sizes below 1, or values that are not numbers.

    Notes
    -----
    On the 21 series of the Turing change point data that come with their values, at these defaults: covering .66, F1
    .73, where never marking a change has .54 and .65.

    Examples
    --------
    >>> ChangePoints().fit([5, 6, 5, 7, 6, 4, 5, 6, 12, 13, 11, 12, 14, 13, 12, 13]).change_points_.tolist()
    [8]

    References
    ----------
    Killick, Fearnhead and Eckley (2012), "Optimal Detection of Changepoints With a Linear Computational Cost";
    Jackson et al. (2005); Zhang and Siegmund (2007); robust lag-one correlation: Chakar et al. (2017).
    """

    def __init__(
        self, *, cost: str = "auto", penalty: float | None = None, min_size: int = 2, noise: str | float = "long_run"
    ) -> None:
        self.cost = cost
        self.penalty = penalty
        self.min_size = min_size
        self.noise = noise

    def fit(self, values: Any, y: Any = None) -> ChangePoints:
        """Find the changes of one series (n,) or of several that change together (n, d); gaps are drawn straight."""
        matrix = _matrix(values)
        if self.cost != "auto" and self.cost not in COSTS:
            raise ValueError(f"cost: {self.cost!r} is not known; write auto, {', '.join(COSTS)}")
        if self.min_size < 1:
            raise ValueError(f"min_size: {self.min_size} is too few; write 1 or more")
        if self.cost == "count" and (matrix < 0).any():
            raise ValueError("values: counts cannot be negative; use cost='mean'")
        self.scale_ = self._scale(matrix)
        n = len(matrix)
        best: tuple[float, str, list[int], float] | None = None
        for shape in SHAPES if self.cost == "auto" else (self.cost,):
            model = COSTS[shape](matrix, self.scale_)
            beta = (model.parameters * matrix.shape[1] + PLACE) * np.log(max(n, 2))
            price = beta if self.penalty is None else float(self.penalty)
            points, total = pelt(model, n, price, max(self.min_size, model.fewest))
            # The first stretch is paid for too: otherwise a line would be free where a level is not.
            whole = total + (beta if self.penalty is None else model.parameters * np.log(max(n, 2)))
            if best is None or whole < best[0]:
                best = (whole, shape, points, price)
                self.cost_ = total
        assert best is not None
        _whole, self.shape_, points, self.penalty_ = best
        self.change_points_ = np.array(points, dtype=np.int64)
        self.stretches_ = _stretches(matrix[:, 0], points)
        return self

    def _scale(self, matrix: Array) -> Array:
        if isinstance(self.noise, str):
            if self.noise not in ("long_run", "own"):
                raise ValueError(f"noise: {self.noise!r} is not known; write long_run, own or a number")
            own = matrix.std(axis=0)
            scale = own if self.noise == "own" else np.minimum(long_run_scale(matrix), own)
        else:
            scale = np.full(matrix.shape[1], float(self.noise))
        # A column without any scatter has no change to find.
        return np.where(scale > 0, scale, 1.0)


def long_run_scale(matrix: Array) -> Array:
    r"""Standard deviation that a mean of many values would show, times the root of their number, by column.

    From the median absolute first and second differences, so that a few changes of level hardly move it:
    :math:`s^2 = \tilde\sigma^2_\Delta / (2 (1 - \rho)) \cdot (1 + \rho) / (1 - \rho)` with
    :math:`\rho = (med|\Delta_2| / med|\Delta_1|)^2 - 1` kept in [0, 1).
    """
    if len(matrix) < 4:
        return np.asarray(matrix.std(axis=0))
    first, second = np.diff(matrix, axis=0), matrix[2:] - matrix[:-2]
    spread = _TO_SD * np.median(np.abs(first - np.median(first, axis=0)), axis=0) / np.sqrt(2)
    one, two = np.median(np.abs(first), axis=0), np.median(np.abs(second), axis=0)
    rho = np.clip((two / np.where(one > 0, one, np.inf)) ** 2 - 1, 0.0, 0.999)
    wide = spread * np.sqrt((1 + rho) / ((1 - rho) * np.maximum(1 - rho, 0.05)))
    return np.asarray(np.where(spread > 0, wide, matrix.std(axis=0)))


def pelt(cost: Cost, n: int, penalty: float, min_size: int = 1) -> tuple[list[int], float]:
    """Change points and total cost of the best split of ``n`` values; the exact minimum.

    A start s is dropped once some t did better than s could even without paying for the change, but only from
    ``t + min_size`` on, because before that t is not allowed as the last change.
    """
    if n < 2 * min_size:
        return [], float(cost.between(np.array([0]), n)[0]) if n >= cost.fewest else 0.0
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    last = np.zeros(n + 1, dtype=np.int64)
    every, until, many = np.zeros(n + 1, dtype=np.int64), np.full(n + 1, n + 1, dtype=np.int64), 1
    for t in range(min_size, n + 1):
        if t >= 2 * min_size:
            every[many], until[many] = t - min_size, n + 1
            many += 1
        starts, gone = every[:many], until[:many]
        own = best[starts] + cost.between(starts, t)
        at = int(own.argmin())
        best[t], last[t] = own[at] + penalty, starts[at]
        # Rounding must not drop a start that ties.
        gone[(own > best[t] + 1e-9 * (1 + abs(best[t]))) & (gone > t + min_size)] = t + min_size
        if (t & 7) == 0:
            kept = np.flatnonzero(gone > t + 1)
            many = len(kept)
            every[:many], until[:many] = starts[kept], gone[kept]
    points: list[int] = []
    t = n
    while (t := int(last[t])) > 0:
        points.append(t)
    return points[::-1], float(best[n])


def level_shifts(matrix: Array, penalty: Array | float, min_size: int = 2) -> list[list[int]]:
    """Changes of level of many series at once: columns already divided by their noise, each split by itself.

    The same minimum as ``pelt`` with the cost "mean", one pass of O(n^2) for all columns together.
    """
    n, many = matrix.shape
    one = np.concatenate([np.zeros((1, many)), np.cumsum(matrix, axis=0)])
    two = np.concatenate([np.zeros((1, many)), np.cumsum(matrix**2, axis=0)])
    best = np.full((n + 1, many), np.inf)
    best[0] = -np.asarray(penalty)
    last = np.zeros((n + 1, many), dtype=np.int64)
    for t in range(min_size, n + 1):
        s = slice(0, t - min_size + 1)
        size = (t - np.arange(t - min_size + 1))[:, None]
        own = best[s] + (two[t] - two[s]) - (one[t] - one[s]) ** 2 / size
        last[t] = own.argmin(axis=0)
        best[t] = np.take_along_axis(own, last[t][None], axis=0)[0] + penalty
    found = []
    for k in range(many):
        points, t = [], n
        while (t := int(last[t, k])) > 0:
            points.append(t)
        found.append(points[::-1])
    return found


def _matrix(values: Any) -> Array:
    raw = values.to_numpy() if hasattr(values, "to_numpy") else values
    try:
        matrix: Array = np.array(raw, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError("values: a column is not numeric; give numbers only") from error
    if matrix.size == 0:
        raise ValueError("values: there are none; give at least one")
    matrix = matrix.reshape(len(matrix), -1) if matrix.ndim else matrix.reshape(1, 1)
    if np.isinf(matrix).any():
        raise ValueError("values: some are infinite; leave them empty instead")
    for column in matrix.T:
        missing: NDArray[np.bool_] = np.isnan(column)
        if missing.all():
            raise ValueError("values: a column holds no number at all")
        column[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), column[~missing])
    return matrix


def _stretches(values: Array, points: list[int]) -> pd.DataFrame:
    edges = [0, *points, len(values)]
    rows = []
    for a, b in pairwise(edges):
        clock = np.arange(b - a) - (b - a - 1) / 2
        around = float(clock @ clock)
        slope = float(clock @ values[a:b]) / around if around else 0.0
        rows.append((a, b, float(values[a:b].mean()), slope))
    return pd.DataFrame(rows, columns=["start", "end", "mean", "slope"])
