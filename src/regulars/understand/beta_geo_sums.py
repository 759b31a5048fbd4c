"""The likelihood of BG/NBD and MBG/NBD as fifteen sums over customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, polygamma, psi

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class BetaGeoSums:
    r"""Log-likelihood, gradient and Hessian in (r, alpha, a, b).

    With ``s = 0`` for BG/NBD and ``s = 1`` for MBG/NBD (where a customer may
    leave right after the first purchase), one customer adds

    .. math::
        \ln\Gamma(r+x) - \ln\Gamma(r) + r\ln\alpha
        + \ln\frac{B(a, b+x+s)}{B(a, b)} - (r+x)\ln(\alpha+T) + \ln(1 + e^{d}),
        \qquad d = \ln\frac{a}{b+x+s-1} + (r+x)\ln\frac{\alpha+T}{\alpha+t_x}

    the last term only where x + s > 0: e^d are the odds of having left.
    Everything is additive over customers, so shards can be summed anywhere.

    Cost: gamma functions on distinct x, logarithms on distinct T and t_x, one
    exponential and two logarithms for each customer who could have left.

    Sources: Fader, Hardie and Lee (2005), Marketing Science 24, eq. 6 in the
    log-space form of Hardie's note 004; Batislam, Denizel and Filiztekin
    (2007), IJRM 24, for s = 1.
    """

    shift: int
    x: Vector
    x_weight: Vector
    T: Vector
    T_weight: Vector
    T_purchases: Vector
    leaver_x: NDArray[np.int64]
    leaver_age: NDArray[np.int64]
    leaver_tx: NDArray[np.int64]
    leaver_weight: Vector | None
    tx: Vector

    @classmethod
    def of(cls, frequency: Vector, recency: Vector, T: Vector, weights: Vector | None, shift: int) -> Self:
        """Tabulate customers by their distinct frequencies, ages and recencies."""
        x, at_x = np.unique(frequency, return_inverse=True)
        ages, at_T = np.unique(T, return_inverse=True)
        could_leave = slice(None) if shift else np.flatnonzero(frequency > 0)
        tx, at_tx = np.unique(recency[could_leave], return_inverse=True)
        return cls(
            shift,
            x,
            np.bincount(at_x, weights, minlength=len(x)).astype(np.float64),
            ages,
            np.bincount(at_T, weights, minlength=len(ages)).astype(np.float64),
            np.bincount(at_T, frequency if weights is None else weights * frequency, len(ages)).astype(np.float64),
            at_x[could_leave],
            at_T[could_leave],
            at_tx,
            None if weights is None else weights[could_leave],
            tx,
        )

    def __call__(self, parameters: Vector) -> tuple[float, Vector, Vector]:
        """The value, gradient (4,) and Hessian (4, 4) at (r, alpha, a, b)."""
        r, alpha, a, b = (float(p) for p in parameters)
        value, g, h = self._purchases(r, alpha, a, b)
        more, dg, dh = self._leavers(r, alpha, a, b)
        h = h + dh
        return value + more, g + dg, h + h.T - np.diag(np.diag(h))

    def _purchases(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Vector, Vector]:
        x, n, s = self.x, self.x_weight, self.shift
        N = float(n.sum())
        log_T, one_over = np.log(alpha + self.T), 1.0 / (alpha + self.T)
        rx = r * self.T_weight + self.T_purchases
        value = (
            float(n @ (gammaln(r + x) + gammaln(b + x + s) - gammaln(a + b + x + s)))
            + N * (gammaln(a + b) - gammaln(b) - gammaln(r) + r * np.log(alpha))
            - float(rx @ log_T)
        )
        slope_ab = N * psi(a + b) - float(n @ psi(a + b + x + s))
        g = np.array(
            [
                float(n @ psi(r + x)) - N * psi(r) + N * np.log(alpha) - float(self.T_weight @ log_T),
                N * r / alpha - float(rx @ one_over),
                slope_ab,
                slope_ab + float(n @ psi(b + x + s)) - N * psi(b),
            ]
        )
        bend_ab = N * polygamma(1, a + b) - float(n @ polygamma(1, a + b + x + s))
        h = np.zeros((4, 4))
        h[0, 0] = float(n @ polygamma(1, r + x)) - N * polygamma(1, r)
        h[0, 1] = N / alpha - float(self.T_weight @ one_over)
        h[1, 1] = -N * r / alpha**2 + float(rx @ one_over**2)
        h[2, 2] = h[2, 3] = bend_ab
        h[3, 3] = bend_ab + float(n @ polygamma(1, b + x + s)) - N * polygamma(1, b)
        return float(value), g, h

    def _leavers(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Vector, Vector]:
        """The sums of ln(1 + e^d); upper triangle of the Hessian only."""
        i, j, k, weight = self.leaver_x, self.leaver_age, self.leaver_tx, self.leaver_weight
        rx = (r + self.x)[i]
        one_b = (1.0 / np.maximum(b + self.x + self.shift - 1.0, 1e-300))[i]
        log_ratio = np.log(alpha + self.T)[j] - np.log(alpha + self.tx)[k]
        u, v = (1.0 / (alpha + self.T))[j], (1.0 / (alpha + self.tx))[k]
        gap = u - v
        d = np.log(a * one_b) + rx * log_ratio
        p = expit(d)
        value = np.logaddexp(0.0, d)
        q = p * (1.0 - p)
        if weight is not None:
            p, q, value = p * weight, q * weight, value * weight
        d_alpha = rx * gap
        q_ratio, q_alpha, q_b = q * log_ratio, q * d_alpha, q * one_b
        P, Q = float(p.sum()), float(q.sum())
        g = np.array([float(p @ log_ratio), float(p @ d_alpha), P / a, -float(p @ one_b)])
        h = np.zeros((4, 4))
        h[0, 0] = q_ratio @ log_ratio
        h[0, 1] = q_ratio @ d_alpha + p @ gap
        h[0, 2] = q_ratio.sum() / a
        h[0, 3] = -(q_ratio @ one_b)
        h[1, 1] = q_alpha @ d_alpha - (p * d_alpha) @ (u + v)
        h[1, 2] = q_alpha.sum() / a
        h[1, 3] = -(q_alpha @ one_b)
        h[2, 2] = (Q - P) / a**2
        h[2, 3] = -q_b.sum() / a
        h[3, 3] = (q + p) @ one_b**2
        return float(value.sum()), g, h
