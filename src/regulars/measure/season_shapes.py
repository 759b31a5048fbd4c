"""What repeats every week or every year, taken out of many series at once and put back into their forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulars.measure.short_seasons import two_seasons

Array = NDArray[np.float64]
# One-sided 95 % point of the normal: the seasonality test of the M4 benchmarks.
CRITICAL: Final = 1.645
# Longer seasons are drawn smooth, by waves: one value a day of the year would be learnt from two or three days.
SMOOTH_FROM: Final = 100
# From here on a season has waves that can be told from its spikes.
WAVES_FROM: Final = 24
WAVES: Final = 6
# A smallest ratio below this would blow up what is divided by it.
LEAST_RATIO: Final = 0.05
# A shape that noise explains but for this share is none.
LEAST_KEPT: Final = 0.1


@dataclass(frozen=True)
class SeasonShape:
    """One repeating shape: ``shape`` (series, period), the first place follows the last value.

    ``ratio`` says to divide, not subtract; ``clear`` marks the series that have it, others carry a flat shape.
    """

    period: int
    shape: Array
    ratio: NDArray[np.bool_]
    clear: NDArray[np.bool_]

    def without(self, y: Array) -> Array:
        """The series with the shape taken out."""
        return self._laid(y, self.shape[:, (np.arange(y.shape[1]) - y.shape[1]) % self.period], out=True)

    def ahead(self, horizon: int) -> Array:
        """The shape under the next periods."""
        return np.asarray(self.shape[:, np.arange(horizon) % self.period])

    def back(self, ahead: Array) -> Array:
        """A forecast made without the shape, with it."""
        return self._laid(ahead, self.ahead(ahead.shape[1]), out=False)

    def _laid(self, y: Array, under: Array, out: bool) -> Array:
        ratio = self.ratio[:, None]
        safe = np.where(ratio, under, 1.0)
        return np.asarray(np.where(ratio, y / safe if out else y * safe, y - under if out else y + under))


def season_shape(y: Array, period: int, divide: bool | None = None) -> SeasonShape:
    """Find the shape that repeats every ``period`` values in each row, where it is clear.

    Classical decomposition: the centred moving average is the trend; what is left is averaged by
    place in the season (ratios where every value is positive) and shrunk towards flat by the share
    of its variance that sampling noise explains. Clear means three full seasons and an
    autocorrelation at one season above the 90 % band of the M4 benchmarks, or, for long and smooth seasons
    where that band has no power, waves of the newest season that correlate with those of the one before. A year of
    weeks is seen from two years on (``short_seasons``).

    Args:
        y: (series, time), in order, NaN before a series begins, none after.
        period: values in a season, at least 2.
        divide: whether seasons multiply; None: where every value is positive.

    Source: Miller & Williams (2003), IJF 19:669 (shrinkage); Makridakis et al. (2020), IJF 36:54 (test).

    >>> found = season_shape(np.tile([2.0, 4.0, 6.0], (1, 8)), 3)
    >>> found.shape.round(6).tolist()
    [[0.5, 1.0, 1.5]]
    """
    known = np.isfinite(y)
    count = known.sum(axis=1)
    positive = np.where(known, y, np.inf).min(axis=1, initial=np.inf) > 0
    ratio = positive if divide is None else np.full(len(y), divide)
    neutral = np.where(ratio, 1.0, 0.0)[:, None]
    flat = np.repeat(neutral, period, axis=1)
    enough = count >= 3 * period
    twice = (count >= 2 * period) & ~enough & (period >= WAVES_FROM) & (period < SMOOTH_FROM)
    if not enough.any() and not twice.any():
        return SeasonShape(period, flat, ratio, enough)
    trend = _moving_average(y, period)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = np.where(ratio[:, None], y / trend, y - trend)
    mean, noise = _by_place(rest, period)
    mean = mean - mean.mean(axis=1, keepdims=True)
    if period < WAVES_FROM:
        clear = enough & _repeats(rest, period)
        lift, kept = _shrunk(mean, noise)
    else:
        clear = enough & (_returns(rest, period) | (_repeats(rest, period) if period < SMOOTH_FROM else False))
        # Waves are learnt from many values each and keep more than the spikes between them.
        waves = _smooth(mean, period)
        lift, kept = _shrunk(waves, noise * 2 * WAVES / period)
        if period < SMOOTH_FROM:
            lift = lift + _shrunk(mean - waves, noise * (1 - 2 * WAVES / period))[0]
    shape = neutral + lift
    clear &= kept > LEAST_KEPT
    if twice.any():
        seen = np.where(ratio[twice, None], np.log(np.where(ratio[twice, None], y[twice], 1.0)), y[twice])
        waves, clear[twice] = two_seasons(seen, period)
        shape[twice] = np.where(ratio[twice, None], np.exp(waves), waves)
    clear &= ~ratio | (shape.min(axis=1) > LEAST_RATIO)
    return SeasonShape(period, np.where(clear[:, None], shape, flat), ratio, clear)


def _shrunk(lift: Array, noise: Array) -> tuple[Array, Array]:
    """(the part of a shape that noise does not explain, the share kept)."""
    signal = np.maximum((lift**2).mean(axis=1), 1e-300)
    keep = np.clip(1 - noise / signal, 0.0, 1.0)
    return keep[:, None] * lift, keep


def _moving_average(y: Array, period: int) -> Array:
    """Centred over one season; NaN where the window does not fit."""
    half = period // 2
    known = np.nan_to_num(y)
    sums = np.cumsum(np.concatenate([np.zeros((len(y), 1)), known], axis=1), axis=1)
    whole = 2 * half + 1
    out = np.full(y.shape, np.nan)
    if y.shape[1] < whole:
        return out
    window = sums[:, whole:] - sums[:, :-whole]
    if period % 2 == 0:
        window = window - 0.5 * (known[:, : y.shape[1] - whole + 1] + known[:, whole - 1 :])
    out[:, half : half + window.shape[1]] = window / period
    starts = np.isnan(y).sum(axis=1)
    out[np.arange(y.shape[1])[None, :] < (starts + half)[:, None]] = np.nan
    return out


def _repeats(rest: Array, period: int) -> NDArray[np.bool_]:
    """Whether the autocorrelation at one season stands out from what the shorter lags explain."""
    known = np.isfinite(rest)
    n = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, rest, 0.0).sum(axis=1) / n
    centred = np.where(known, rest - mean[:, None], 0.0)
    size = 1 << int(2 * rest.shape[1] - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size, axis=1)) ** 2
    acf = np.fft.irfft(power, size, axis=1)[:, : period + 1]
    total = acf[:, 0]
    acf = acf / np.where(total > 0, total, 1.0)[:, None]
    band = CRITICAL * np.sqrt((1 + 2 * (acf[:, 1:period] ** 2).sum(axis=1)) / n)
    return np.asarray((total > 1e-12) & (acf[:, period] > band))


def _returns(rest: Array, period: int) -> NDArray[np.bool_]:
    """Whether the newest season goes like the one before: two sets of waves correlate beyond luck."""
    inner = rest[:, : rest.shape[1] - period // 2]
    pair = [_smooth(inner[:, -(i + 1) * period : inner.shape[1] - i * period], period) for i in (0, 1)]
    new, old = (one - one.mean(axis=1, keepdims=True) for one in pair)
    below = np.sqrt((new**2).sum(axis=1) * (old**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((new * old).sum(axis=1) / below > CRITICAL / np.sqrt(2 * WAVES))


def _by_place(rest: Array, period: int) -> tuple[Array, Array]:
    """(mean of each place in the season, sampling variance of those means), places counted back from the end."""
    n, length = rest.shape
    seasons = -(-length // period)
    padded = np.full((n, seasons * period), np.nan)
    padded[:, seasons * period - length :] = rest
    cube = padded.reshape(n, seasons, period)
    known = np.isfinite(cube)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, cube, 0.0).sum(axis=1) / count
    apart = np.where(known, cube - mean[:, None, :], 0.0)
    freedom = np.maximum(known.sum(axis=(1, 2)) - period, 1)
    noise = (apart**2).sum(axis=(1, 2)) / freedom * (1.0 / count).mean(axis=1)
    return mean, noise


def _smooth(shape: Array, period: int) -> Array:
    """The first waves of the shape."""
    waves = np.fft.rfft(shape, axis=1)
    waves[:, WAVES + 1 :] = 0
    return np.asarray(np.fft.irfft(waves, period, axis=1))
