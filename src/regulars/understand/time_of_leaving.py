"""When a customer of the Pareto/NBD left: the integral over the time since the last purchase."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
# Nodes of Gauss-Legendre rules tried, and the falls of the integrand that each bears.
ORDERS = (6, 8, 12, 16, 24, 32, 48, 64)
# exp(-38) is 3e-17: what comes after such a fall does not count in double precision.
DEEPEST = 38.0


@dataclass(frozen=True)
class TimeOfLeaving:
    r"""The log-odds of having left and their derivatives in the logarithms of (r, alpha, s, beta).

    Whoever bought last at t_x and is gone left at some y between t_x and T:

    .. math::
        e^{d} = s \int_{t_x}^{T}
        \Big(\frac{\alpha+T}{\alpha+y}\Big)^{r+x} \Big(\frac{\beta+T}{\beta+y}\Big)^{s} \frac{dy}{\beta+y}

    The papers write this as a difference of two hypergeometric functions 2F1,
    which cancel, overflow and have no simple parameter derivatives. Here the
    positive integrand itself is summed, by a Gauss-Legendre rule in
    :math:`v = \ln(\min(\alpha, \beta) + y)`, where it is analytic in a strip of
    half-width pi. Its derivatives are moments under the same weights: with
    :math:`\ell` the logarithm of the integrand,
    :math:`\nabla d = E\nabla\ell` and
    :math:`\nabla^2 d = E\nabla^2\ell + Cov\,\nabla\ell`. Nothing cancels, for
    any x and T.
    """

    log_odds: Vector
    slope: Vector
    bend: Vector

    @classmethod
    def of(cls, p: Vector, x: Vector, tx: Vector, T: Vector, derivatives: bool = True) -> Self:
        """For customers (n,) at parameters (4,) or (4, n); slope (4, n), bend (4, 4, n)."""
        x, tx, T = (np.asarray(v, dtype=np.float64) for v in (x, tx, T))
        wide = p.ndim > 1
        base = np.minimum(p[1], p[3])
        span, fall = _span(p, x, tx, T, base)
        order = _order(span, fall)
        log_odds, slope, bend = np.empty(len(x)), np.zeros((4, len(x))), np.zeros((4, 4, len(x)))
        for k in np.unique(order):
            rows = np.flatnonzero(order == k) if not np.all(order == k) else slice(None)
            here = p[:, rows] if wide else p
            start = (base[rows] if wide else base) + tx[rows]
            nodes = _Nodes.of(here, x[rows], T[rows], start, span[rows], int(k))
            log_odds[rows] = nodes.log_odds
            if derivatives:
                slope[:, rows], bend[:, :, rows] = nodes.derivatives(here, x[rows], T[rows])
        return cls(log_odds, slope, bend)


@dataclass(frozen=True)
class _Nodes:
    """The integrand at k nodes of n customers; weights sum to 1 over the nodes."""

    log_odds: Vector
    weight: Vector
    alpha_y: Vector
    beta_y: Vector
    later_a: Vector
    later_b: Vector

    @classmethod
    def of(cls, p: Vector, x: Vector, T: Vector, start: Vector, span: Vector, order: int) -> Self:
        r, alpha, s, beta = p
        place, share = _legendre(order)
        v = place[:, None] * span
        base_y = np.exp(v) * start
        alpha_y, beta_y = base_y + (alpha - np.minimum(alpha, beta)), base_y + (beta - np.minimum(alpha, beta))
        # The logarithm of the nearer base is the node itself: one logarithm less to take.
        v += np.log(start)
        other = np.log(np.where(alpha <= beta, beta_y, alpha_y))
        log_a, log_b = np.where(alpha <= beta, v, other), np.where(alpha <= beta, other, v)
        later_a, later_b = np.log(alpha + T) - log_a, np.log(beta + T) - log_b
        # dy = base_y dv
        log_f = (r + x) * later_a + s * later_b + (v - log_b)
        top = log_f.max(axis=0)
        log_f -= top
        weight = np.exp(log_f, out=log_f)
        weight *= share[:, None]
        total = weight.sum(axis=0)
        weight /= total
        with np.errstate(divide="ignore"):
            log_odds = np.log(s * span) + np.log(total) + top
        return cls(log_odds, weight, alpha_y, beta_y, later_a, later_b)

    def derivatives(self, p: Vector, x: Vector, T: Vector) -> tuple[Vector, Vector]:
        r, alpha, s, beta = p
        w, rx, near_a, near_b = self.weight, r + x, alpha / (alpha + T), beta / (beta + T)
        # The slope of ln f in each ln parameter, but for factors that do not depend on y.
        f = (self.later_a, alpha / self.alpha_y, self.later_b, beta / self.beta_y)
        scale = (r, -rx, s, -(s + 1.0))
        wf = [w * v for v in f]
        mean = [v.sum(axis=0) for v in wf]
        n = len(x)
        slope, bend = np.empty((4, n)), np.empty((4, 4, n))
        for i in range(4):
            for j in range(i, 4):
                both = np.einsum("kn,kn->n", wf[i], f[j]) - mean[i] * mean[j]
                bend[i, j] = bend[j, i] = scale[i] * scale[j] * both
        slope[0] = r * mean[0]
        slope[1] = rx * (near_a - mean[1])
        slope[2] = 1.0 + s * mean[2]
        slope[3] = s * near_b - (s + 1.0) * mean[3]
        second_a = np.einsum("kn,kn->n", wf[1], f[1])
        second_b = np.einsum("kn,kn->n", wf[3], f[3])
        bend[0, 0] += slope[0]
        bend[1, 1] += rx * (near_a * (1.0 - near_a) - mean[1] + second_a)
        bend[2, 2] += slope[2] - 1.0
        bend[3, 3] += s * near_b * (1.0 - near_b) - (s + 1.0) * (mean[3] - second_b)
        for i, j, cross in ((0, 1, r * (near_a - mean[1])), (2, 3, s * (near_b - mean[3]))):
            bend[i, j] += cross
            bend[j, i] += cross
        return slope, bend


def _span(p: Vector, x: Vector, tx: Vector, T: Vector, base: Vector) -> tuple[Vector, Vector]:
    """How far to integrate in v, and how far ln f falls on the way.

    ln f is concave in v, so Newton's method from the right finds from outside where it has fallen by ``DEEPEST``.
    """
    r, alpha, s, beta = p

    def fall(v: Vector) -> Vector:
        y = np.expm1(v) * (base + tx)
        return np.asarray(
            (r + x) * np.log1p(y / (alpha + tx)) + (s + 1.0) * np.log1p(y / (beta + tx)) - np.log1p(y / (base + tx))
        )

    span = np.asarray(np.log1p((T - tx) / (base + tx)))
    depth = fall(span)
    deep = depth > DEEPEST
    for _ in range(8 if deep.any() else 0):
        y = np.exp(span) * (base + tx)
        steep = y * ((r + x) / (y + alpha - base) + (s + 1.0) / (y + beta - base)) - 1.0
        step = np.where(deep, (depth - DEEPEST) / np.where(deep, steep, 1.0), 0.0)
        span = np.maximum(span - step, 0.0)
        depth = fall(span)
    return span, np.asarray(np.maximum(depth, 0.0))


def _order(span: Vector, fall: Vector) -> NDArray[np.int64]:
    """How many nodes give twelve digits: measured over a grid of parameters, with a margin."""
    need = 5.0 + 1.1 * np.sqrt(fall) + 2.2 * span + 0.25 * fall
    return np.asarray(np.array(ORDERS)[np.minimum(np.searchsorted(ORDERS, need), len(ORDERS) - 1)])


@cache
def _legendre(order: int) -> tuple[Vector, Vector]:
    node, weight = np.polynomial.legendre.leggauss(order)
    return (node + 1.0) / 2.0, weight / 2.0
