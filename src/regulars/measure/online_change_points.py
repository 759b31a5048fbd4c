"""Change points as the values come in: how likely is it that a new level began, and when (Bayesian online)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy.special import gammaln, logsumexp

from regulars.measure.change_costs import Array
from regulars.measure.change_points import _matrix

# Runs less likely than this are forgotten while the values come in.
_FORGET: Final = -35.0


class OnlineChangePoints:
    r"""Follow the time since the last change of level or scatter, one value at a time.

    With run length r, hazard h = 1 / ``every`` and the Student t predictive of a normal-inverse-gamma prior,

    .. math::
        P(r_t = r + 1, y_{1:t}) = P(r_{t-1} = r, y_{1:t-1})\, p(y_t | r)\, (1 - h), \qquad
        P(r_t = 0, y_{1:t}) = \sum_r P(r_{t-1} = r, y_{1:t-1})\, p(y_t | r)\, h

    written so that a run of length 0 begins with the next value.

    Parameters
    ----------
    every : float
        How many values you expect between two changes.
    mean, strength, shape, rate : float
        Prior of a stretch, in units of the whole series' own spread (or of ``scale``): level ``mean`` worth
        ``strength`` values, variance about ``rate / shape``.
    center, scale : float, optional
        What to take off and divide by first; None takes mean and standard deviation of the series. Give them
        where the answer must not know later values.

    Attributes
    ----------
    change_points_ : ndarray of int
        Most likely split of the whole series, all stretches together (Viterbi).
    run_length_ : ndarray of int, one a value
        Most likely number of values since the last change, the value itself included.
    recent_ : ndarray of float, one a value
        Probability that the last change is at most ``window`` values back.
    log_evidence_ : float
        Log probability of all values, changes summed over.

    Examples
    --------
    >>> model = OnlineChangePoints(every=50).fit([0.1, -0.1, 0, 0.2, -0.2, 0.1, 5, 5.1, 4.9, 5, 5.2, 4.8])
    >>> model.change_points_.tolist(), int(model.run_length_[-1])
    ([6], 6)

    References
    ----------
    Adams and MacKay (2007), "Bayesian Online Changepoint Detection"; Fearnhead and Liu (2007).
    """

    def __init__(
        self, *, every: float = 200.0, mean: float = 0.0, strength: float = 1.0, shape: float = 1.0, rate: float = 1.0,
        center: float | None = None, scale: float | None = None, window: int = 7,
    ) -> None:  # fmt: skip
        self.every = every
        self.mean = mean
        self.strength = strength
        self.shape = shape
        self.rate = rate
        self.center = center
        self.scale = scale
        self.window = window

    def fit(self, values: Any, y: Any = None) -> OnlineChangePoints:
        """Take in one series; raises ``ValueError`` for what is not a number or a prior that is not positive."""
        if self.every <= 1 or min(self.strength, self.shape, self.rate) <= 0:
            raise ValueError("every must be above 1, and strength, shape and rate above 0")
        raw = _matrix(values)[:, 0]
        spread = raw.std() if self.scale is None else self.scale
        self.scale_ = float(spread) if spread > 0 else 1.0
        self.center_ = float(raw.mean() if self.center is None else self.center)
        self._run((raw - self.center_) / self.scale_)
        # A density is per unit of the value: on the original scale each is divided by the scale.
        self.log_evidence_ -= len(raw) * float(np.log(self.scale_))
        return self

    def _run(self, z: Array) -> None:
        n = len(z)
        log_h, log_stay = -np.log(self.every), np.log1p(-1 / self.every)
        start = np.zeros(1, dtype=np.int64)
        joint = np.zeros(1)
        path = np.zeros(1)  # best log probability of any split whose last stretch began at ``start``
        mu, size, half, rest = (np.full(1, v) for v in (self.mean, self.strength, self.shape, self.rate))
        self.run_length_ = np.zeros(n, dtype=np.int64)
        self.recent_ = np.zeros(n)
        began: list[int] = []
        back = np.zeros(n + 1, dtype=np.int64)
        for t in range(n):
            told = _student(z[t], mu, size, half, rest)
            joint, path = joint + told, path + told
            total = float(logsumexp(joint))
            began.append(int(start[int(path.argmax())]))
            self.run_length_[t] = t + 1 - start[int(joint.argmax())]
            new = start > t - self.window
            self.recent_[t] = float(np.exp(logsumexp(joint[new]) - total)) if new.any() else 0.0
            rest = rest + size * (z[t] - mu) ** 2 / (2 * (size + 1))
            mu = (size * mu + z[t]) / (size + 1)
            size, half = size + 1, half + 0.5
            if t == n - 1:
                self.log_evidence_ = total
                break
            kept = (joint > total + _FORGET) | (path > path.max() + _FORGET)
            start, mu, size, half, rest = (
                np.append(a[kept], b)
                for a, b in ((start, t + 1), (mu, self.mean), (size, self.strength), (half, self.shape),
                             (rest, self.rate))
            )  # fmt: skip
            joint = np.append(joint[kept] + log_stay, total + log_h)
            path = np.append(path[kept] + log_stay, path.max() + log_h)
        back[1:] = began
        points, t = [], n
        while (t := int(back[t])) > 0:
            points.append(t)
        self.change_points_ = np.array(points[::-1], dtype=np.int64)


def _student(value: float, mu: Array, size: Array, half: Array, rest: Array) -> Array:
    """Log density of the next value after a run: Student t with 2a degrees of freedom."""
    df = 2 * half
    scale2 = rest * (size + 1) / (half * size)
    return np.asarray(
        gammaln((df + 1) / 2) - gammaln(half) - 0.5 * np.log(np.pi * df * scale2)
        - (df + 1) / 2 * np.log1p((value - mu) ** 2 / (df * scale2))
    )  # fmt: skip
