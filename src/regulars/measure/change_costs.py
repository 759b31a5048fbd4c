"""What a stretch of a series costs when one level, one line or one rate has to explain all of it.

A level with a scatter of its own for each stretch is not among them: at any penalty by principle it marks so many
changes that it agrees less with people than never marking one (TCPD: covering .43-.54 against .54).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]
Index = NDArray[np.int64]
_FLOOR: Final = 1e-8


class Cost:
    """Twice the negative log-likelihood of a stretch, up to a constant, from sums kept since the first value.

    ``between(start, end)`` prices ``values[start:end]`` for many starts and one or many ends at once; columns
    of a matrix are taken as independent and their costs added.
    """

    # Free parameters a stretch has for each column, and the fewest values that pin them down.
    parameters: int = 1
    fewest: int = 1

    def __init__(self, values: Array, scale: Array) -> None:
        self.scale = np.maximum(scale, np.finfo(float).tiny)
        self.values = self.prepared(values / self.scale)

    def prepared(self, values: Array) -> Array:
        """Keep the sums; returns the values the costs are about."""
        # Sums of squares lose digits when the level is far from zero, so it is taken off first.
        values = values - np.median(values, axis=0)
        self.one, self.two = _sums(values), _sums((values**2).sum(axis=1))
        return values

    def between(self, start: Index, end: Index | int) -> Array:
        """Cost of ``values[start:end]``, of the shape of ``start`` (or of ``end``)."""
        raise NotImplementedError


class MeanCost(Cost):
    r"""A level with known scatter: :math:`\sum (y - \bar y)^2 / \sigma^2`."""

    def between(self, start: Index, end: Index | int) -> Array:
        """As ``Cost.between``."""
        total = self.one[end] - self.one[start]
        # One column is the usual case, and a sum over one column costs as much as all the rest.
        squares = total[..., 0] ** 2 if total.shape[-1] == 1 else np.einsum("...d,...d->...", total, total)
        return np.asarray(np.maximum(self.two[end] - self.two[start] - squares / (end - start), 0.0))


class TrendCost(Cost):
    r"""A straight line with known scatter: residual sum of squares around the stretch's own line."""

    parameters = 2
    fewest = 3

    def prepared(self, values: Array) -> Array:
        """As ``Cost.prepared``."""
        values = super().prepared(values)
        # Time counted from the middle keeps the sums small.
        self.clock = np.arange(len(values), dtype=np.float64) - len(values) / 2
        self.cross = _sums(values * self.clock[:, None])
        self.t1, self.t2 = _sums(self.clock), _sums(self.clock**2)
        return values

    def between(self, start: Index, end: Index | int) -> Array:
        """As ``Cost.between``."""
        n = np.asarray(end - start, dtype=np.float64)
        total = self.one[end] - self.one[start]
        mean_t = (self.t1[end] - self.t1[start]) / n
        spread_t = np.maximum(self.t2[end] - self.t2[start] - n * mean_t**2, _FLOOR)
        shared = self.cross[end] - self.cross[start] - total * mean_t[..., None]
        level = np.einsum("...d,...d->...", total, total) / n
        slope = np.einsum("...d,...d->...", shared, shared) / spread_t
        return np.asarray(np.maximum(self.two[end] - self.two[start] - level - slope, 0.0))


class CountCost(Cost):
    r"""A rate of a Poisson count: :math:`-2 (S \log (S / n) - S)` with S the stretch's sum."""

    def __init__(self, values: Array, scale: Array) -> None:
        super().__init__(values, np.ones_like(scale))

    def prepared(self, values: Array) -> Array:
        """As ``Cost.prepared``."""
        self.one = _sums(values)
        return values

    def between(self, start: Index, end: Index | int) -> Array:
        """As ``Cost.between``."""
        total = self.one[end] - self.one[start]
        n = np.asarray(end - start)[..., None]
        safe = np.where(total > 0, total, 1.0)
        return np.asarray(-2 * np.where(total > 0, safe * np.log(safe / n) - total, 0.0).sum(axis=-1))


class RankCost(MeanCost):
    """A level of the ranks: what no monotone transformation and no outlier can change."""

    def prepared(self, values: Array) -> Array:
        """As ``Cost.prepared``."""
        ranks = rankdata(values, axis=0)
        spread = np.sqrt(np.maximum(ranks.var(axis=0), _FLOOR))
        return super().prepared(ranks / spread)


COSTS: Final[dict[str, type[Cost]]] = {
    "mean": MeanCost, "trend": TrendCost, "count": CountCost, "rank": RankCost,
}  # fmt: skip


def _sums(values: Array) -> Array:
    """Sums since the first value, with a zero in front."""
    first = np.zeros((1, *values.shape[1:]))
    return np.concatenate([first, np.cumsum(values, axis=0)])
