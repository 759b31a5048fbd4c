"""A new series has no past: it is foretold from how similar ones went after their start."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NEIGHBOURS: Final = 12
FEWEST: Final = 4


def from_similar(young: Array, old: Array, horizon: int, *, level: float = 0.9) -> tuple[Array, Array, Array] | None:
    """(value, low, high), each (new series, steps), or None with fewer than four series to compare with.

    Curves are laid side by side at their first sale. The nearest old ones by size and course of the same first
    ``k`` periods are scaled to the new one's sum so far, ``f_h = total_new * sum_j w_j old_j(k + h) / total_j(k)``;
    the interval is the range of their own continuations, widened for how few they are.

    Args:
        young: (new series, time), from their first value on, NaN after the newest one; at least one value each.
        old: (series, time), likewise, with as much history as they have.
        horizon: how many periods ahead.
        level: the share of what comes that the interval shall hold.

    Source: the analogue method, Hyndman & Athanasopoulos (2021), Forecasting: Principles and Practice, chapter 6.4.

    >>> old = np.array([[2.0, 4, 6, 8], [1, 2, 3, 4], [3, 6, 9, 12], [5, 10, 15, 20]])
    >>> from_similar(np.array([[10.0, 20.0]]), old, 2)[0].round(6).tolist()
    [[30.0, 40.0]]
    """
    said = [_one(row[np.isfinite(row)], old, horizon, level) for row in young]
    if not said or any(one is None for one in said):
        return None
    value, low, high = (np.array([one[i] for one in said if one is not None]) for i in range(3))
    return value, low, high


def at_start(y: Array) -> Array:
    """Rows that end together (NaN before they begin), laid so that they begin together."""
    begins = np.isnan(y).sum(axis=1)
    at = np.arange(y.shape[1])[None, :] + begins[:, None]
    inside = at < y.shape[1]
    return np.asarray(np.where(inside, np.take_along_axis(y, np.where(inside, at, 0), axis=1), np.nan))


def _one(row: Array, old: Array, horizon: int, level: float) -> tuple[Array, Array, Array] | None:
    k = len(row)
    if old.shape[1] < k + horizon or not k or row.sum() <= 0:
        return None
    usable = np.isfinite(old[:, : k + horizon]).all(axis=1) & (old[:, :k].sum(axis=1) > 0)
    if usable.sum() < FEWEST:
        return None
    past, ahead = old[usable, :k], old[usable, k : k + horizon]
    totals = past.sum(axis=1)
    size = np.abs(np.log(totals / row.sum()))
    course = np.abs(past / totals[:, None] - row / row.sum()).sum(axis=1)
    distance = course + 0.25 * size
    near = np.argsort(distance, kind="stable")[:NEIGHBOURS]
    weight = 1.0 / (distance[near] + 0.1)
    weight /= weight.sum()
    curves = row.sum() * ahead[near] / totals[near, None]
    value = weight @ curves
    share = min(1.0, level * (1 + 1 / len(near)))
    half = np.quantile(np.abs(curves - value), share, axis=0)
    return value, np.maximum(value - half, 0.0), value + half
