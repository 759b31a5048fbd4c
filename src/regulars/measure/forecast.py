"""Where a figure is going: simple methods, chosen by how they did on the past, with intervals from their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
METHODS: Final = ("naive", "seasonal_naive", "ses", "damped", "theta", "average")
# Older history costs time and rarely says more.
MOST_POINTS: Final = 520
_ALPHAS: Final = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])


@dataclass(frozen=True)
class Forecast:
    """The expected values, a 90 % interval, the method chosen and its backtest error beside the naive one's."""

    value: Array
    low: Array
    high: Array
    method: str
    mae: float
    mae_naive: float


def ses_level(y: Array, alphas: Array) -> tuple[Array, Array]:
    """Simple exponential smoothing for many rates at once: (one-step squared error, last level) by rate.

    ``level_t = alpha y_t + (1 - alpha) level_(t-1)``, from the first value.
    """
    level, loss = np.full(len(alphas), y[0]), np.zeros(len(alphas))
    for value in y[1:]:
        error = value - level
        loss += error * error
        level = level + alphas * error
    return loss / max(len(y) - 1, 1), level


def naive(y: Array, horizon: int, season: int) -> Array:
    """The last value, again and again."""
    return np.full(horizon, y[-1])


def seasonal_naive(y: Array, horizon: int, season: int) -> Array:
    """The value one season ago."""
    if season < 2 or len(y) < season:
        return naive(y, horizon, season)
    return np.resize(y[-season:], horizon)


def ses(y: Array, horizon: int, season: int) -> Array:
    """Simple exponential smoothing with the rate that would have done best."""
    errors, levels = ses_level(y, _ALPHAS)
    return np.full(horizon, levels[int(errors.argmin())])


def theta(y: Array, horizon: int, season: int) -> Array:
    """The Theta method: exponential smoothing with half the slope of the linear trend as drift.

    Source: Assimakopoulos & Nikolopoulos (2000), IJF 16:521; the form of Hyndman & Billah (2003).
    """
    slope = float(np.polyfit(np.arange(len(y)), y, 1)[0]) if len(y) > 2 else 0.0
    errors, levels = ses_level(y, _ALPHAS)
    best = int(errors.argmin())
    alpha = _ALPHAS[best]
    steps = np.arange(horizon) + (1 - (1 - alpha) ** len(y)) / alpha
    return np.asarray(levels[best] + 0.5 * slope * steps, dtype=float)


def damped(y: Array, horizon: int, season: int) -> Array:
    """Holt's linear trend, damped, with rates that would have done best on one-step errors.

    Source: Gardner & McKenzie (1985), Management Science 31:1237.
    """
    if len(y) < 6:
        return ses(y, horizon, season)
    alpha, share, phi = (g.ravel() for g in np.meshgrid(
        [0.1, 0.3, 0.5, 0.7, 0.85, 0.99], [0.02, 0.1, 0.3, 0.6], [0.8, 0.9, 0.98], indexing="ij"))  # fmt: skip
    beta = alpha * share
    level, trend = np.full(len(alpha), y[0]), np.full(len(alpha), float(np.median(np.diff(y[: min(len(y), 12)]))))
    loss = np.zeros(len(alpha))
    for value in y[1:]:
        ahead = level + phi * trend
        error = value - ahead
        loss += error * error
        level, trend = ahead + alpha * error, phi * trend + beta * error
    best = int(loss.argmin())
    powers = np.cumsum(phi[best] ** np.arange(1, horizon + 1))
    return np.asarray(level[best] + powers * trend[best], dtype=float)


_RULES: Final = {"naive": naive, "seasonal_naive": seasonal_naive, "ses": ses, "damped": damped, "theta": theta}


def seasonal_shape(y: Array, season: int) -> Array | None:
    """Additive seasonal pattern of one period, where the figure repeats itself clearly; else nothing.

    Clearly: the autocorrelation at one season of the detrended figure passes the 90 % test of the M4 benchmarks.
    """
    if season < 2 or len(y) < 3 * season:
        return None
    window = np.ones(season) / season
    if season % 2 == 0:
        window = np.r_[0.5, np.ones(season - 1), 0.5] / season
    half = len(window) // 2
    smooth = np.convolve(y, window, mode="valid")
    rest = y[half : half + len(smooth)] - smooth
    centred = rest - rest.mean()
    total = float(centred @ centred)
    if total <= 0 or len(rest) <= 2 * season:
        return None
    acf = np.array([float(centred[k:] @ centred[:-k]) / total for k in range(1, season + 1)])
    if acf[-1] <= 1.645 * np.sqrt((1 + 2 * (acf[:-1] ** 2).sum()) / len(rest)):
        return None
    place = (np.arange(len(rest)) + half) % season
    shape = np.array([rest[place == s].mean() for s in range(season)])
    return np.asarray(shape - shape.mean(), dtype=float)


def candidates(y: Array, horizon: int, season: int) -> dict[str, Array]:
    """What every method says, deseasonalised first where the season is clear."""
    shape = seasonal_shape(y, season)
    plain, back = y, np.zeros(horizon)
    if shape is not None:
        plain = y - np.resize(shape, len(y))
        back = shape[(len(y) + np.arange(horizon)) % season]
    said = {name: _RULES[name](plain, horizon, season) + back for name in ("naive", "ses", "damped", "theta")}
    said["average"] = np.mean([said["ses"], said["damped"], said["theta"]], axis=0)
    said["seasonal_naive"] = seasonal_naive(y, horizon, season)
    return said


def forecast(y: ArrayLike, horizon: int, *, season: int = 1, origins: int = 4, positive: bool = True) -> Forecast:
    """Forecast a figure with the method that did best when started at ``origins`` earlier moments.

    Args:
        y: the history in order, at least two values.
        horizon: how many periods ahead.
        season: periods in a season: 7 for days, 52 for weeks, 12 for months, 1 for none.
        origins: how many earlier starts to compare the methods on.
        positive: keep the forecast at or above zero.

    The interval holds 90 % of the chosen method's own past errors at each distance, never narrower with distance.
    Raises ``ValueError`` for fewer than two values or a horizon below one.

    >>> f = forecast([10.0, 12.0, 11.0, 13.0, 12.0, 11.0, 12.0, 13.0, 11.0, 12.0, 12.0, 11.0], 2)
    >>> bool(f.low[0] < f.value[0] < f.high[0]), f.mae <= f.mae_naive
    (True, True)
    """
    history = np.asarray(y, dtype=float)[-MOST_POINTS:]
    if len(history) < 2 or horizon < 1:
        raise ValueError("a forecast needs at least two values and one period ahead")
    starts = _origins(len(history), horizon, season, origins)
    errors: dict[str, list[Array]] = {name: [] for name in METHODS}
    for start in starts:
        truth = history[start : start + horizon]
        for name, said in candidates(history[:start], horizon, season).items():
            errors[name].append(np.pad(truth - said[: len(truth)], (0, horizon - len(truth)), constant_values=np.nan))
    mae = {name: float(np.nanmean(np.abs(e))) if e else np.inf for name, e in errors.items()}
    # The average is hard to beat: another method must be clearly better on the past to be chosen.
    best = min(mae, key=lambda name: mae[name] * (1.0 if name == "average" else 1.05)) if starts else "average"
    said = candidates(history, horizon, season)[best]
    half = _spread(np.array(errors[best]) if starts else np.diff(history)[:, None], horizon)
    low, high = said - half, said + half
    if positive and history.min() >= 0:
        said, low, high = np.maximum(said, 0), np.maximum(low, 0), np.maximum(high, 0)
    return Forecast(said, low, high, best, mae[best], mae["naive"])


def _origins(n: int, horizon: int, season: int, most: int) -> list[int]:
    """Where to stand in the past: the last horizon's start and earlier, each with enough history before it."""
    step = max(1, horizon // 2)
    least = max(8, 2 * season if season > 1 and n > 3 * season else 8)
    return [s for s in (n - horizon - i * step for i in range(most)) if s >= least]


def _spread(errors: Array, horizon: int) -> Array:
    """Half-width of the 90 % interval at each distance: pooled errors scaled to grow with the square root of it."""
    distance = np.sqrt(np.arange(1, errors.shape[1] + 1))
    scaled = np.abs(errors) / distance
    pooled = scaled[~np.isnan(scaled)]
    level = min(1.0, 0.9 * (1 + 1 / max(len(pooled), 1)))
    return np.asarray(np.quantile(pooled, level) * np.sqrt(np.arange(1, horizon + 1)), dtype=float)


def mase(truth: ArrayLike, said: ArrayLike, history: ArrayLike, season: int = 1) -> float:
    """Mean absolute scaled error: the error over the in-sample error of the seasonal naive forecast.

    Source: Hyndman & Koehler (2006), IJF 22:679.

    >>> mase([3.0], [2.0], [1.0, 2.0, 3.0])
    1.0
    """
    past = np.asarray(history, dtype=float)
    scale = float(np.abs(past[season:] - past[:-season]).mean())
    return float(np.abs(np.asarray(truth, float) - np.asarray(said, float)).mean()) / scale if scale else float("nan")
