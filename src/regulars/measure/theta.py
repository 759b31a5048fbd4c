"""The Theta method for many series at once: the standard two lines, and the curvature that would have done best."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulars.measure.lines import line

Array = NDArray[np.float64]
RATES: Final = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])
THETAS: Final = (1.0, 1.5, 2.0, 3.0)


def theta(y: Array, horizon: int, thetas: tuple[float, ...] = (2.0,)) -> Array:
    """Forecast every row (series, time) ``horizon`` steps ahead.

    The series is split in its straight line ``A + B t`` and the Theta line
    ``Z = theta y + (1 - theta)(A + B t)``, which is smoothed exponentially:
    ``f_(n+h) = (1 - 1/theta)(A + B (n+h)) + (1/theta) SES(Z)``. With theta = 2, half the slope goes on.

    Args:
        y: (series, time), NaN only before a series begins.
        horizon: how many periods ahead.
        thetas: curvatures to choose from by one-step error; 1 is plain smoothing, larger ones lean on the line.

    Source: Assimakopoulos & Nikolopoulos (2000), IJF 16:521; Fiorucci et al. (2016), IJF 32:1151 (optimised theta).

    >>> theta(3.0 * np.arange(40.0)[None], 3).round(3).tolist()
    [[118.485, 119.985, 121.485]]
    """
    at, slope = line(y)
    length = y.shape[1]
    trend = at[:, None] + slope[:, None] * (np.arange(length + horizon) - (length - 1))
    level, loss = [], []
    for one in thetas:
        last, error = ses(one * y + (1 - one) * trend[:, :length], RATES)
        # The line is known one step ahead, so the error of the forecast is 1/theta of the smoothing error.
        loss.append(error / one**2)
        level.append(last)
    said = []
    rows = np.arange(len(y))
    rate = [np.argmin(e, axis=1) for e in loss]
    for i, one in enumerate(thetas):
        smooth = level[i][rows, rate[i]][:, None]
        said.append((1 - 1 / one) * trend[:, length:] + smooth / one)
    best = np.argmin([e[rows, r] for e, r in zip(loss, rate, strict=True)], axis=0)
    return np.asarray(np.array(said)[best, rows])


def ses(y: Array, rates: Array) -> tuple[Array, Array]:
    """Simple exponential smoothing from the first value: (last level, one-step squared error), each (series, rates).

    ``level_t = alpha y_t + (1 - alpha) level_(t-1)``.

    >>> level, error = ses(np.array([[10.0, 12.0, 8.0]]), np.array([0.5]))
    >>> float(level[0, 0]), float(error[0, 0])
    (9.5, 6.5)
    """
    starts = np.isnan(y).sum(axis=1)
    order = np.argsort(starts, kind="stable")
    begins = starts[order]
    columns = np.ascontiguousarray(y[order].T)
    level = np.repeat(columns[begins, np.arange(len(order))][:, None], len(rates), axis=1)
    loss = np.zeros_like(level)
    # A row joins one step after its first value, which is its first level.
    active = np.searchsorted(begins + 1, np.arange(len(columns)), side="right")
    for t, k in enumerate(active):
        if k:
            error = columns[t, :k, None] - level[:k]
            loss[:k] += error * error
            level[:k] += rates * error
    steps = np.maximum(len(columns) - begins - 1, 1)
    back = np.argsort(order, kind="stable")
    return level[back], (loss / steps[:, None])[back]
