"""A season seen only twice: waves that fit both turns better than a wandering level could by luck."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
WAVES: Final = 3
# Twice the gain in log likelihood that waves must bring. Measured on noise, autoregressions and walks of two years of
# weeks: fewer than one in fifty series without a season passes it and has two turns alike.
CLEAR: Final = 25.0
# What the waves gain in a wandering series without a season, on average.
LUCK: Final = 10.0
# Share of the last rest that is still there in the next, tried one after the other.
_KEPT: Final = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)


def two_seasons(y: Array, period: int) -> tuple[Array, NDArray[np.bool_]]:
    r"""The shape of the newest two seasons of every row, and whether it is clear.

    .. math:: y_t = a + b t + \sum_{k \le 3} (c_k \sin \omega k t + d_k \cos \omega k t) + u_t, \qquad
        u_t = \varphi u_{t-1} + \epsilon_t

    by generalised least squares, with and without the waves, each with the :math:`\varphi` most likely for it: a level
    that wanders is likely without waves. Clear where the waves gain 25 in twice the log likelihood and go the same way
    in both turns; then they are shrunk by 1 - 10 / gain.

    Args:
        y: (series, time) whose newest ``2 * period`` values are known; logarithms where ratios are meant.
        period: values in a season, at least 8.

    Returns: (series, period) deviations, the first place following the last value; (series,) clear.

    Source: Prais & Winsten (1954); James & Stein (1961) for the shrinkage.

    >>> t = np.arange(104)
    >>> shape, clear = two_seasons((2 + np.sin(2 * np.pi * t / 52))[None] + 1e-3 * np.cos(9 * t)[None], 52)
    >>> clear.tolist(), round(float(shape[0, 13]), 1)
    ([True], 1.0)
    """
    n = 2 * period
    own = np.asarray(y[:, -n:].T, dtype=np.float64)
    t = np.arange(n)
    line = np.column_stack([np.ones(n), t / n - 0.5])
    full = np.column_stack([line, _waves(t, period)])
    many = own.shape[1]
    without, with_ = np.full(many, np.inf), np.full(many, np.inf)
    effect = np.zeros((many, full.shape[1] - line.shape[1]))
    for phi in _KEPT:
        without = np.minimum(without, _fitted(own, line, phi)[0])
        score, found = _fitted(own, full, phi)
        better = score < with_
        with_[better], effect[better] = score[better], found.T[better, line.shape[1] :]
    gain = without - with_
    clear = (gain > CLEAR) & _alike(own, line, period) & (np.ptp(own, axis=0) > 0)
    ahead = effect @ _waves(np.arange(n, n + period), period).T
    return np.clip(1 - LUCK / np.maximum(gain, LUCK), 0, 1)[:, None] * ahead, clear


def _waves(t: NDArray[np.int64], period: int) -> Array:
    angle = 2 * np.pi * np.outer(t, np.arange(1, WAVES + 1)) / period
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def _whitened(x: Array, phi: float) -> Array:
    out = x - phi * np.concatenate([np.zeros((1, *x.shape[1:])), x[:-1]])
    out[0] = np.sqrt(1 - phi**2) * x[0]
    return np.asarray(out)


def _fitted(own: Array, columns: Array, phi: float) -> tuple[Array, Array]:
    """(minus twice the log likelihood but for a constant, by row; coefficients)."""
    weights, told = _whitened(columns, phi), _whitened(own, phi)
    found, *_ = np.linalg.lstsq(weights, told, rcond=None)
    left = ((told - weights @ found) ** 2).sum(axis=0)
    return np.asarray(len(own) * np.log(np.maximum(left, 1e-300)) - np.log(1 - phi**2)), np.asarray(found)


def _alike(own: Array, line: Array, period: int) -> NDArray[np.bool_]:
    """Whether the waves of the first turn and those of the second go the same way."""
    found, *_ = np.linalg.lstsq(line, own, rcond=None)
    rest = own - line @ found
    turns = [_waves(np.arange(period), period).T @ rest[i * period : (i + 1) * period] for i in (0, 1)]
    below = np.sqrt((turns[0] ** 2).sum(axis=0) * (turns[1] ** 2).sum(axis=0))
    return np.asarray((turns[0] * turns[1]).sum(axis=0) > 0.5 * np.maximum(below, 1e-300))
