"""Purchases still to come, discounted: integrals over the future of a customer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
# exp(-40) is 4e-18: nothing later than that counts in double precision.
FAR = 40.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def discounted(mean: Callable[[Vector], Vector], rate: float, horizon: float, scale: Vector) -> Vector:
    r"""The discounted purchases over a horizon, from their undiscounted mean by time t.

    .. math:: \int_0^H e^{-\delta t}\,dm(t) = e^{-\delta H} m(H) + \delta \int_0^H e^{-\delta t} m(t)\,dt

    ``mean(t)`` takes times of shape (n, k) and ``scale`` (n,) says on what scale
    m bends: the nodes are Gauss-Legendre in ln(1 + t / scale).
    """
    if rate == 0:
        return mean(np.full((len(scale), 1), horizon))[:, 0]
    end = min(horizon, FAR / rate)
    longest = np.log1p(end / scale)[:, None]
    u = 0.5 * longest * (_NODES + 1.0)
    t = scale[:, None] * np.expm1(u)
    density = np.exp(-rate * t) * (t + scale[:, None]) * (0.5 * longest * _WEIGHTS)
    later = np.exp(-rate * end) * mean(np.full((len(scale), 1), end))[:, 0]
    return np.asarray(later + rate * np.sum(density * mean(t), axis=1))


def discounted_lifetime(s: Vector | float, start: Vector, rate: float, horizon: float) -> Vector:
    r"""The discounted time a customer will still be there, when leaving follows Gamma-mixed exponentials.

    .. math::
        \int_0^H e^{-\delta t} \Big(\frac{B}{B+t}\Big)^{s} dt, \qquad
        H = \infty: \quad \delta^{s-1} B^s\, \Psi(s, s; \delta B)

    with B = ``start`` and the confluent hypergeometric function of the second
    kind. Its integral is computed in ln(1 + t / B), where it is smooth for all
    s and B; the library functions for it lose digits or overflow at both ends.

    Source: Fader, Hardie and Lee (2005), "RFM and CLV", JMR 42, eq. 4.
    """
    start = np.asarray(start, dtype=np.float64)[..., None]
    end = min(horizon, FAR / rate) if rate > 0 else horizon
    longest = np.log1p(end / start)
    u = 0.5 * longest * (_NODES + 1.0)
    stay = np.exp((1.0 - np.asarray(s)[..., None]) * u - rate * start * np.expm1(u))
    return np.asarray(start[..., 0] * np.sum(0.5 * longest * _WEIGHTS * stay, axis=-1))
