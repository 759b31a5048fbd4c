"""Straight lines and autoregressions fitted to many series at once by least squares."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_LAGS: Final = 4


def line(y: Array) -> tuple[Array, Array]:
    """Least-squares line of every row: (its height at the last value, slope per period); NaN before the start.

    >>> at, slope = line(np.array([[np.nan, 1.0, 2.0, 3.0]]))
    >>> at.round(9).tolist(), slope.round(9).tolist()
    ([3.0], [1.0])
    """
    known = np.isfinite(y)
    n = known.sum(axis=1)
    # Times counted back from the last value, which every row has.
    t = np.arange(y.shape[1]) - (y.shape[1] - 1.0)
    values = np.where(known, y, 0.0)
    middle = (known * t).sum(axis=1) / n
    mean = values.sum(axis=1) / n
    apart = np.where(known, t - middle[:, None], 0.0)
    below = (apart**2).sum(axis=1)
    slope = (apart * (values - mean[:, None])).sum(axis=1) / np.where(below > 0, below, 1.0)
    return mean - slope * middle, slope


def autoregression(y: Array, horizon: int) -> Array:
    """Forecast every row from its own last changes: an autoregression of the differences, 0 to 4 lags by AICc.

    ``dy_t = a_1 dy_(t-1) + ... + a_p dy_(t-p) + e_t``, ARIMA(p,1,0) by least squares; with no lag this is the last
    value again and again. Source: Box & Jenkins (1976), chapter 4; Hurvich & Tsai (1989), Biometrika 76:297 (AICc).

    >>> autoregression(np.array([[1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]]), 2).round(6).tolist()
    [[11.0, 12.0]]
    """
    change = np.diff(y, axis=1)
    known = np.isfinite(change)
    change = np.where(known, change, 0.0)
    n, length = change.shape
    lags = min(MOST_LAGS, max(length - 1, 0))
    used = known[:, lags:] if lags else known
    for k in range(1, lags + 1):
        used = used & known[:, lags - k : length - k]
    count = used.sum(axis=1)
    now = np.where(used, change[:, lags:], 0.0)
    before = np.stack([np.where(used, change[:, lags - k : length - k], 0.0) for k in range(1, lags + 1)], -1) \
        if lags else np.zeros((n, length, 0))  # fmt: skip
    cross, reach = np.einsum("ntk,nt->nk", before, now), np.einsum("ntk,ntj->nkj", before, before)
    total = (now**2).sum(axis=1)
    best = _criterion(np.maximum(total, 1e-20), count, 0)
    weights = np.zeros((n, lags))
    for p in range(1, lags + 1):
        inner = reach[:, :p, :p]
        # A whisper of a ridge: collinear changes (a straight line) have no single answer.
        inner = inner + np.eye(p) * (1e-9 * np.trace(inner, axis1=1, axis2=2) / p + 1e-300)[:, None, None]
        found = np.linalg.solve(inner, cross[:, :p, None])[..., 0]
        left = np.maximum(total - (found * cross[:, :p]).sum(axis=1), 1e-20 * np.maximum(total, 1e-20))
        criterion = _criterion(left, count, p)
        # Unstable sums would run away with the horizon.
        better = (criterion < best) & (np.abs(found).sum(axis=1) < 1.5)
        best = np.where(better, criterion, best)
        weights[better] = 0.0
        weights[better, :p] = found[better]
    return _ahead(y[:, -1], change, weights, horizon)


def _criterion(left: Array, count: NDArray[np.int64], p: int) -> Array:
    free = p + 1
    room = count - free - 1
    value = count * np.log(left / np.maximum(count, 1)) + 2 * free + 2 * free * (free + 1) / np.where(room > 0, room, 1)
    return np.asarray(np.where((room > 0) | (p == 0), value, np.inf))


def _ahead(last: Array, change: Array, weights: Array, horizon: int) -> Array:
    lags = weights.shape[1]
    recent = change[:, ::-1][:, :lags].copy()
    level, out = last.copy(), np.empty((len(last), horizon))
    for h in range(horizon):
        step = (weights * recent).sum(axis=1)
        level = level + step
        out[:, h] = level
        if lags:
            recent = np.concatenate([step[:, None], recent[:, :-1]], axis=1)
    return out
