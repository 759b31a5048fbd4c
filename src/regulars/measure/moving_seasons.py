"""Exponential smoothing with a season that moves, added or multiplied: the form chosen by AICc."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulars.measure.season_shapes import SeasonShape, season_shape

Array = NDArray[np.float64]
# Longer seasons have a state for every place and one value a year to learn it from; those are drawn by waves.
LONGEST: Final = 24
_ALPHA: Final = (0.02, 0.1, 0.3, 0.6, 0.9)
_GAMMA: Final = (0.0, 0.05, 0.15, 0.35)
_TREND: Final = ((0.02, 0.9), (0.2, 0.9), (0.02, 0.98), (0.2, 0.98))
_STEP: Final = (0.08, 0.05)


@dataclass(frozen=True)
class MovingSeason:
    """Fitted rows: rates ``alpha, beta, phi, gamma``, first ``level`` and ``trend``, ``sse`` of the one-step errors and
    ``aicc`` on the scale of the data; ``times`` says which rows multiply; ``ahead`` (series, horizon)."""

    alpha: Array
    beta: Array
    phi: Array
    gamma: Array
    first: Array
    sse: Array
    aicc: Array
    times: NDArray[np.bool_]
    ahead: Array


def moving_season(y: Array, period: int, horizon: int) -> MovingSeason:
    r"""Level, damped trend and season of every row, all three smoothed.

    .. math:: e_t = y_t - l_{t-1} - \varphi b_{t-1} - s_{t-m}, \quad l_t = l_{t-1} + \varphi b_{t-1} + \alpha e_t, \quad
        b_t = \varphi b_{t-1} + \beta e_t, \quad s_t = s_{t-m} + \gamma e_t

    ETS(A,N,A) and ETS(A,Ad,A) on the values and, where all are positive, on their logarithms, which is a season that
    multiplies; the criteria of both are brought to one scale by the Jacobian :math:`2 \sum \log y`. The first season is
    that of the classical decomposition, first level and trend are solved exactly, the rates come from a grid
    refined around each row's best.

    Args:
        y: (series, time), NaN only before a series begins; three seasons at least are of use.
        period: values in a season, 2 to 24.
        horizon: steps ahead.

    Source: Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing, chapters 3, 5 and 7.

    >>> y = np.tile([10.0, 20.0, 30.0], 12)[None] + np.arange(36) % 2 / 100
    >>> moving_season(y, 3, 3).ahead.round(0).tolist()
    [[10.0, 20.0, 30.0]]
    """
    plain = _fitted(y, season_shape(y, period, divide=False), period, horizon)
    times = np.where(np.isfinite(y), y, np.inf).min(axis=1) > 0
    if not times.any():
        return plain
    logs = np.log(np.where(times[:, None], y, 1.0))
    logs[~np.isfinite(y)] = np.nan
    scaled = _fitted(logs, season_shape(logs, period, divide=False), period, horizon)
    other = scaled.aicc + 2 * np.where(np.isfinite(logs), logs, 0.0).sum(axis=1)
    won = times & (other < plain.aicc)

    def pick(name: str) -> Array:
        a, b = getattr(scaled, name), getattr(plain, name)
        return np.asarray(np.where(won[:, None] if b.ndim == 2 else won, a, b))

    ahead = np.where(won[:, None], np.exp(np.minimum(scaled.ahead, 700.0)), plain.ahead)
    return MovingSeason(
        pick("alpha"), pick("beta"), pick("phi"), pick("gamma"), pick("first"), pick("sse"),
        np.where(won, other, plain.aicc), won, ahead,
    )  # fmt: skip


def _fitted(y: Array, shape: SeasonShape, period: int, horizon: int) -> MovingSeason:
    """The best rates of every row around a first season, which is the shape of the decomposition."""
    flat = shape.without(y)
    starts = np.isnan(y).sum(axis=1)
    order = np.argsort(starts, kind="stable")
    columns, begins = np.ascontiguousarray(flat[order].T), starts[order]
    n = (y.shape[1] - begins).astype(float)
    level = [(a, 0.0, 0.0, g * (1 - a)) for a, g in product(_ALPHA, _GAMMA)]
    damped = [(a, a * s, p, g * (1 - a)) for a, g, (s, p) in product(_ALPHA, _GAMMA, _TREND)]
    trials = np.broadcast_to(np.array(level + damped), (len(y), len(level) + len(damped), 4))
    for last in (False, True):
        sse, first, ends = _run(columns, begins, trials, period)
        k = _parameters(trials, period)
        room = np.maximum(n[:, None] - k - 1, 0.5)
        with np.errstate(divide="ignore"):
            aicc = n[:, None] * np.log(np.maximum(sse, 1e-20) / n[:, None]) + 2 * k + 2 * k * (k + 1) / room
        at = np.arange(len(y)), np.argmin(aicc, axis=1)
        if not last:
            trials = _around(trials[at])
    alpha, beta, phi, gamma = trials[at].T
    level_, trend, season = (e[at] for e in ends)
    powers = np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1)
    ahead = level_[:, None] + powers * trend[:, None] + season[:, np.arange(horizon) % period]
    back = np.argsort(order, kind="stable")
    return MovingSeason(
        alpha[back], beta[back], phi[back], gamma[back], first[at][back], sse[at][back], aicc[at][back],
        np.zeros(len(y), dtype=bool), ahead[back] + shape.ahead(horizon),
    )  # fmt: skip


def _parameters(trials: Array, period: int) -> Array:
    """Rates, first states and variance that each trial estimates; a season that stands still has no rate."""
    with_trend = trials[..., 2] > 0
    return np.asarray(2.0 + period + 3.0 * with_trend + (trials[..., 3] > 0))


def _around(best: Array) -> Array:
    out = np.repeat(best[:, None, :], 9, axis=1)
    share = np.divide(best[:, 1], best[:, 0])
    for i, (a, g) in enumerate(product((-1, 0, 1), (-1, 0, 1))):
        out[:, i, 0] = np.clip(best[:, 0] + a * _STEP[0], 0.005, 0.995)
        out[:, i, 1] = out[:, i, 0] * share
        out[:, i, 3] = np.clip(best[:, 3] + g * _STEP[1], 0.0, 1 - out[:, i, 0])
    return out


def _run(
    columns: Array, begins: NDArray[np.int64], trials: Array, period: int
) -> tuple[Array, Array, tuple[Array, Array, Array]]:
    """Filter every row with every trial; solve for first level and trend; (sse, firsts, last level, trend, season).

    Three filters side by side as in ``ets``: the data from zero states, and minus the answers to a first level and a
    first trend of one. The seasons that come back begin with the place after the last value.
    """
    shape = trials.shape[:2]
    alpha, beta, phi, gamma = (trials[..., i] for i in range(4))
    level, trend = np.zeros((3, *shape)), np.zeros((3, *shape))
    season = np.zeros((period, 3, *shape))
    level[1], trend[2] = -1.0, -1.0
    cross = np.zeros((3, 3, *shape))
    total = len(columns)
    active = np.searchsorted(begins, np.arange(total), side="right")
    data = np.zeros((3, shape[0], 1))
    for t, k in enumerate(active):
        if not k:
            continue
        place = (t - total) % period
        data[0, :k, 0] = columns[t, :k]
        ahead = level[:, :k] + phi[:k] * trend[:, :k]
        error = data[:, :k] - ahead - season[place, :, :k]
        level[:, :k] = ahead + alpha[:k] * error
        trend[:, :k] = phi[:k] * trend[:, :k] + beta[:k] * error
        season[place, :, :k] += gamma[:k] * error
        for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)):
            cross[i, j, :k] += error[i] * error[j]
    first = _first(cross, phi > 0)
    weights = np.concatenate([np.ones((1, *shape)), -first])
    sse = sum((weights[i] * weights[j] * cross[min(i, j), max(i, j)] for i, j in product(range(3), range(3))),
              np.zeros(shape))  # fmt: skip
    ends = [(weights * part).sum(axis=0) for part in (level, trend)]
    last = (weights * season).sum(axis=1)
    return np.maximum(sse, 0.0), np.moveaxis(first, 0, -1), (*ends, np.moveaxis(last, 0, -1))


def _first(cross: Array, with_trend: NDArray[np.bool_]) -> Array:
    """First level and trend (2, series, trials) that leave least."""
    y1, y2, s11, s12, s22 = cross[0, 1], cross[0, 2], cross[1, 1], cross[1, 2], cross[2, 2]
    alone = y1 / np.maximum(s11, 1e-300)
    determinant = s11 * s22 - s12 * s12
    whole = with_trend & (determinant > 1e-12 * s11 * s22)
    safe = np.where(whole, determinant, 1.0)
    return np.stack([np.where(whole, (y1 * s22 - y2 * s12) / safe, alone),
                     np.where(whole, (y2 * s11 - y1 * s12) / safe, 0.0)])  # fmt: skip
