"""Exponential smoothing of many series at once: level, trend and damped trend, the form chosen by AICc."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Name: (smoothing parameters + initial states + variance, states estimated).
FORMS: Final = {"level": (3, 1), "trend": (5, 2), "damped": (6, 2)}
_ALPHA: Final = (0.05, 0.2, 0.4, 0.7, 0.95)
_SHARE: Final = (0.02, 0.15, 0.5)
_PHI: Final = (0.97, 0.9, 0.8)
_BOUNDS: Final = ((0.001, 0.9999), (0.0001, 0.9999), (0.8, 0.98))


@dataclass(frozen=True)
class Smoothed:
    """One fitted form for every series.

    ``alpha, share, phi`` (series,): rates of level and trend (``beta = alpha * share``) and damping; ``level, trend``
    the last states, ``first`` (series, 2) the initial ones; ``sse`` of the one-step errors, ``aicc`` the criterion.
    """

    form: str
    alpha: Array
    share: Array
    phi: Array
    first: Array
    level: Array
    trend: Array
    sse: Array
    aicc: Array

    def ahead(self, horizon: int) -> Array:
        """Point forecasts (series, horizon): ``level + (phi + ... + phi^h) trend``."""
        powers = np.cumsum(self.phi[:, None] ** np.arange(1, horizon + 1)[None, :], axis=1)
        return np.asarray(self.level[:, None] + powers * self.trend[:, None])


def ets(y: Array) -> dict[str, Smoothed]:
    """Fit simple, Holt's and damped exponential smoothing to every row.

    ``f_t = l_(t-1) + phi b_(t-1)``, ``e_t = y_t - f_t``, ``l_t = f_t + alpha e_t``, ``b_t = phi b_(t-1) + beta e_t``:
    ETS(A,N,N), ETS(A,A,N) and ETS(A,Ad,N). The errors are linear in the first states, so these are
    solved exactly for every trial of the rates; the rates come from a grid refined twice around each
    series' best. ``AICc = n log(SSE / n) + 2k + 2k(k+1)/(n-k-1)``; too short for a form means infinite.

    Args:
        y: (series, time), NaN only before a series begins; at least one value each.

    Source: Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing, chapters 3, 5 and 7.

    >>> found = ets(np.array([[1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]]))
    >>> best(found)[0].tolist(), found["trend"].ahead(2).round(6).tolist()
    (['trend'], [[11.0, 12.0]])
    """
    starts = np.isnan(y).sum(axis=1)
    order = np.argsort(starts, kind="stable")
    scale = np.nanmax(np.abs(y), axis=1)[order]
    scale = np.where(scale > 0, scale, 1.0)
    columns = np.ascontiguousarray((y[order] / scale[:, None]).T)
    begins = starts[order]
    found = {form: _fit(form, columns, begins) for form in FORMS}
    back = np.argsort(order, kind="stable")
    return {form: _rescaled(one, scale, back) for form, one in found.items()}


def best(found: dict[str, Smoothed]) -> tuple[NDArray[np.str_], Array]:
    """(name of the form with the smallest AICc, by series; index of it in the order of ``found``)."""
    at = np.argmin(np.array([one.aicc for one in found.values()]), axis=0)
    return np.array(list(found))[at], at


def _grid(form: str) -> Array:
    """Trials of (alpha, share, phi), shared by all series in the first round."""
    if form == "level":
        rates = [(a, 0.0, 0.0) for a in (0.02, 0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)]
    else:
        rates = [(a, s, p) for a in _ALPHA for s in _SHARE for p in (_PHI if form == "damped" else (1.0,))]
    return np.array(rates)


def _around(form: str, middle: Array, width: float) -> Array:
    """Trials around each series' best: (series, trials, 3)."""
    if form == "level":
        offsets = np.array([(d, 0.0, 0.0) for d in (-1.0, -0.5, 0.0, 0.5, 1.0)])
    else:
        plane = [(a, s, 0.0) for a in (-1.0, 0.0, 1.0) for s in (-1.0, 0.0, 1.0)]
        offsets = np.array(plane + ([(0.0, 0.0, -1.0), (0.0, 0.0, 1.0)] if form == "damped" else []))
    out = middle[:, None, :] + offsets[None] * np.array([0.15, 0.15, 0.04]) * width
    for place, (low, high) in enumerate(_BOUNDS):
        if offsets[:, place].any():
            out[..., place] = np.clip(out[..., place], low, high)
    return np.asarray(out)


def _fit(form: str, columns: Array, begins: NDArray[np.int64]) -> Smoothed:
    rows = columns.shape[1]
    n = columns.shape[0] - begins
    free, states = FORMS[form]
    trials = np.broadcast_to(_grid(form), (rows, *_grid(form).shape))
    for width in (1.0, 0.4, 0.15, 0.0):
        sse, first, last = _run(columns, begins, trials, states)
        at = np.arange(rows), np.argmin(sse, axis=1)
        middle = trials[at]
        if width:
            trials = _around(form, middle, width)
    won, one = np.maximum(sse[at], 0.0), first[at]
    level = last[0][at] - one[:, 0] * last[1][at] - one[:, 1] * last[3][at]
    trend = last[2][at] - one[:, 0] * last[4][at] - one[:, 1] * last[5][at]
    room = n - free - 1
    # A perfect fit has no variance; the floor keeps the comparison of forms finite.
    with np.errstate(divide="ignore"):
        aicc = n * np.log(np.maximum(won, 1e-20) / n) + 2 * free + 2 * free * (free + 1) / np.where(room > 0, room, 1)
    aicc = np.where((room > 0) | (form == "level"), aicc, np.inf)
    return Smoothed(form, middle[:, 0], middle[:, 1], middle[:, 2], one, level, trend, won, aicc)


def _run(
    columns: Array, begins: NDArray[np.int64], trials: Array, states: int
) -> tuple[Array, Array, tuple[Array, ...]]:
    """Filter every series with every trial; solve for the first states; return (sse, first states, last states).

    Three filters run side by side: the data from zero states, and minus the answer to a first
    level and a first trend of one. Their errors give the best first states by least squares.
    """
    alpha, beta, phi = trials[..., 0], trials[..., 0] * trials[..., 1], trials[..., 2]
    shape = alpha.shape
    level, trend = np.zeros(shape), np.zeros(shape)
    level_1, level_2 = np.full(shape, -1.0), np.zeros(shape)
    trend_1, trend_2 = np.zeros(shape), np.full(shape, -1.0)
    yy, y1, y2 = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    s11, s12, s22 = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    active = np.searchsorted(begins, np.arange(len(columns)), side="right")
    with_trend = states == 2
    for t, k in enumerate(active):
        if not k:
            continue
        a, b, p = alpha[:k], beta[:k], phi[:k]
        if with_trend:
            ahead = level[:k] + p * trend[:k]
            error = columns[t, :k, None] - ahead
            level[:k] = ahead + a * error
            trend[:k] = p * trend[:k] + b * error
            ahead = level_1[:k] + p * trend_1[:k]
            e1 = -ahead
            level_1[:k] = ahead + a * e1
            trend_1[:k] = p * trend_1[:k] + b * e1
            ahead = level_2[:k] + p * trend_2[:k]
            e2 = -ahead
            level_2[:k] = ahead + a * e2
            trend_2[:k] = p * trend_2[:k] + b * e2
            y2[:k] += error * e2
            s12[:k] += e1 * e2
            s22[:k] += e2 * e2
        else:
            error = columns[t, :k, None] - level[:k]
            level[:k] += a * error
            e1 = -level_1[:k]
            level_1[:k] += a * e1
        yy[:k] += error * error
        y1[:k] += error * e1
        s11[:k] += e1 * e1
    first = _first(y1, y2, s11, s12, s22, with_trend)
    sse = yy - 2 * (first[..., 0] * y1 + first[..., 1] * y2)
    sse += first[..., 0] ** 2 * s11 + 2 * first[..., 0] * first[..., 1] * s12 + first[..., 1] ** 2 * s22
    return sse, first, (level, level_1, trend, level_2, trend_1, trend_2)


def _first(y1: Array, y2: Array, s11: Array, s12: Array, s22: Array, with_trend: bool) -> Array:
    if not with_trend:
        return np.stack([y1 / np.maximum(s11, 1e-300), np.zeros_like(y1)], axis=-1)
    determinant = s11 * s22 - s12 * s12
    whole = determinant > 1e-12 * s11 * s22
    safe = np.where(whole, determinant, 1.0)
    return np.stack(
        [np.where(whole, (y1 * s22 - y2 * s12) / safe, y1 / np.maximum(s11, 1e-300)),
         np.where(whole, (y2 * s11 - y1 * s12) / safe, 0.0)], axis=-1
    )  # fmt: skip


def _rescaled(one: Smoothed, scale: Array, back: NDArray[np.int64]) -> Smoothed:
    n_scale = scale
    return Smoothed(
        one.form, one.alpha[back], one.share[back], one.phi[back], (one.first * n_scale[:, None])[back],
        (one.level * n_scale)[back], (one.trend * n_scale)[back], (one.sse * n_scale**2)[back], one.aicc[back],
    )  # fmt: skip
