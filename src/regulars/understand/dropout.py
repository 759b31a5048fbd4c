"""Expected purchases before a customer leaves, when leaving follows a purchase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma, psi

Vector = NDArray[np.float64]


def purchases_before_leaving(shape: Vector, ratio: Vector, a: float | Vector, b: Vector) -> Vector:
    r"""The mean number of purchases in a stretch of time of a customer who is alive at its start.

    A customer buys at rate ``lambda ~ Gamma(shape)`` and leaves after each
    purchase with probability ``p ~ Beta(a, b)``; ``ratio = t / (alpha + T)`` is
    the stretch in units of the rate's scale:

    .. math::
        E\left[\frac{1 - (1 + p\,u)^{-s}}{p}\right]
        = \frac{a+b-1}{a-1}\left[1 - {}_2F_1(s, a-1; a+b-1; -u)\right]

    The hypergeometric form of the papers is 0/0 at a = 1 and overflows for
    large counts. The expectation on the left has neither fault: it is computed
    by a trapezoid rule in ``logit(p) = m + w sinh(z)`` (double-exponential
    decay, so the error falls geometrically), with m and w the mean and standard
    deviation of logit(p). Never negative, never not-a-number.

    When a is small nearly all of p is at 0, where f(p) = (1 - (1 + p u)^-s) / p
    is f(0) = s u. Then only the difference is integrated, over Beta(a + 1, b):
    ``E f = f(0) - a / (a + b) E[(f(0) - f(p)) / p]``.

    All four broadcast; the result has their shape.

    Source: derived from Fader, Hardie and Lee (2005), eq. 9-10, by integrating
    over lambda first; rule of Takahasi and Mori (1974).
    """
    shape, ratio, a, b = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (shape, ratio, a, b)))
    flat = [v.ravel() for v in (shape, ratio, a, b)]
    out = np.empty(shape.size)
    near_zero = flat[2] < 0.5
    for small in (False, True):
        rows = np.flatnonzero(near_zero == small)
        if rows.size:
            s, u, here_a, here_b = (v if rows.size == v.size else v[rows] for v in flat)
            out[rows] = _mean(s, u, here_a, here_b, small)
    return out.reshape(shape.shape)


def _mean(shape: Vector, ratio: Vector, a: Vector, b: Vector, near_zero: bool) -> Vector:
    if np.all(a == a[0]):
        kinds, at = np.unique(b, return_inverse=True)
        distinct_a, distinct_b = np.full(len(kinds), a[0]), kinds
    else:
        pairs, at = np.unique(np.stack([a, b]), axis=1, return_inverse=True)
        distinct_a, distinct_b = pairs
    p, weight = _nodes(distinct_a + near_zero, distinct_b)
    out = np.empty(shape.size)
    # 2^14 rows of about 100 nodes stay inside the processor's cache.
    for begin in range(0, shape.size, 1 << 14):
        rows = slice(begin, begin + (1 << 14))
        node, mass = p[at[rows]], weight[at[rows]]
        gone = np.log1p(node * ratio[rows, None])
        gone *= -shape[rows, None]
        np.expm1(gone, out=gone)
        if near_zero:
            start = shape[rows, None] * ratio[rows, None]
            lost = ((start + gone / node) * mass).sum(axis=1)
            out[rows] = np.maximum(start[:, 0] - a[rows] / (a[rows] + b[rows]) * lost, 0.0)
        else:
            gone *= mass
            out[rows] = -gone.sum(axis=1)
    return out


def _nodes(a: Vector, b: Vector) -> tuple[Vector, Vector]:
    """Nodes p and weights / p of Beta(a, b), one row per pair."""
    width = np.sqrt(polygamma(1, a) + polygamma(1, b))[:, None]
    middle = (psi(a) - psi(b))[:, None]
    # A wide logit(p), which a small a gives, needs closer nodes to stay inside the strip of analyticity.
    half = int(40 * max(1.0, float(width.max()) / 2.0))
    z = np.linspace(-4.6, 4.6, 2 * half + 1)
    y = middle + width * np.sinh(z)
    log_one_minus = -np.logaddexp(0.0, y)
    log_p = y + log_one_minus
    log_weight = a[:, None] * log_p + b[:, None] * log_one_minus + np.log(np.cosh(z))
    log_weight -= log_weight.max(axis=1, keepdims=True)
    weight = np.exp(log_weight)
    weight /= weight.sum(axis=1, keepdims=True)
    p = np.exp(np.maximum(log_p, -700.0))
    return p, weight / p
