"""Figures of unlike kinds made comparable, and how near each option comes to the best of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array

NORMS: Final = ("vector", "minmax", "max", "sum")


def normalised(table: ArrayLike, costs: Sequence[bool], norm: str = "vector") -> Array:
    """The figures made comparable, more being better.

    Formula, for one criterion x (a cost in brackets): ``vector`` x / |x| (1 - x / |x|); ``minmax``
    (x - min) / (max - min) ((max - x) / (max - min)); ``max`` x / max (1 - x / max); ``sum`` x / sum x
    ((1 / x) / sum (1 / x)).

    Args:
        table: options (rows) by criteria (columns).
        costs: which criteria are better when less.
        norm: one of ``NORMS``.

    Raises ``ValueError`` for shapes that do not match, figures that are no numbers, and figures a norm cannot take:
    ``max`` needs them at 0 or above, ``sum`` costs above 0. Source: Jahan and Edwards, Materials & Design 65 (2015)
    335-342.
    """
    x, cost = np.asarray(table, dtype=float), np.asarray(costs, dtype=bool)
    if x.ndim != 2 or not x.size or x.shape[1] != len(cost):
        raise ValueError(f"table has shape {x.shape}, with {len(cost)} directions: give options by criteria")
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise ValueError(f"option {row + 1} has no figure for criterion {column + 1}")
    if norm not in NORMS:
        raise ValueError(f"norm {norm!r} is not one of {', '.join(NORMS)}")
    if norm == "vector":
        part = _over(x, np.sqrt((x**2).sum(axis=0)))
        return np.where(cost, 1.0 - part, part)
    if norm == "minmax":
        low, high = x.min(axis=0), x.max(axis=0)
        return _over(np.where(cost, high - x, x - low), high - low)
    if (x < 0).any() or (norm == "sum" and (x[:, cost] <= 0).any()):
        raise ValueError(f"norm {norm!r} cannot take figures below 0, nor {'costs of 0' if norm == 'sum' else 'them'}")
    if norm == "max":
        part = _over(x, x.max(axis=0))
        return np.where(cost, 1.0 - part, part)
    turned = np.where(cost, 1.0 / np.where(cost, x, 1.0), x)
    return _over(turned, turned.sum(axis=0))


def closeness(z: Array, weights: Array) -> Array:
    """Closeness (sets of weights, options) for many sets of weights at once."""
    v = z[None] * (weights / weights.sum(axis=1, keepdims=True))[:, None, :]
    ends = v.max(axis=1, keepdims=True), v.min(axis=1, keepdims=True)
    far_best, far_worst = (np.sqrt(((v - end) ** 2).sum(axis=2)) for end in ends)
    both = far_best + far_worst
    return np.asarray(np.divide(far_worst, both, out=np.full(both.shape, 0.5), where=both > 0))


def topsis(table: ArrayLike, weights: ArrayLike, costs: Sequence[bool], norm: str = "vector") -> Array:
    """Closeness of each option (row) to the best of every criterion (column), 0..1.

    Formula: normalise, weigh, distance to the ideal d+ and to the anti-ideal d-, closeness d- / (d+ + d-).
    Source: Hwang and Yoon, Multiple Attribute Decision Making (1981).

    >>> table = [[90, 30, 12, 14], [70, 35, 8, 7], [50, 45, 5, 21]]
    >>> topsis(table, [.4, .3, .2, .1], [False, False, True, True]).round(5).tolist()
    [0.52588, 0.53372, 0.45304]
    """
    return np.asarray(closeness(normalised(table, costs, norm), _weights(weights, len(costs))[None])[0])


def weighted_sum(table: ArrayLike, weights: ArrayLike, costs: Sequence[bool], norm: str = "minmax") -> Array:
    """Weighted mean of the normalised figures.

    >>> weighted_sum([[90, 12], [70, 8]], [.5, .5], [False, True]).tolist()
    [0.5, 0.5]
    """
    w = _weights(weights, len(costs))
    return np.asarray(normalised(table, costs, norm) @ (w / w.sum()))


def _weights(weights: ArrayLike, criteria: int) -> Array:
    w = np.asarray(weights, dtype=float)
    if w.shape != (criteria,) or not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
        raise ValueError(f"give one weight of 0 or more for each of the {criteria} criteria, not all of them 0")
    return w


def _over(x: Array, size: Array) -> Array:
    """x / size; a criterion on which nobody differs from 0 says nothing."""
    return np.asarray(np.divide(x, size, out=np.zeros_like(x), where=np.broadcast_to(size != 0, x.shape)))
