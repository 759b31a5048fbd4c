"""What is still to come, discounted: integrals over the future of a customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
# exp(-40) is 4e-18: nothing later than that counts in double precision.
FAR = 40.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


class Residual(Protocol):
    """Any fitted model of repeat buying."""

    def dert(self, rate: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: float = ...) -> Any:
        """Discounted expected residual transactions."""


def residual_clv(
    model: Residual,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    value: ArrayLike,
    *,
    margin: float = 1.0,
    discount_rate: float = 0.10,
    year: float = 365.0,
    horizon: float = np.inf,
) -> Any:
    r"""The worth today of everything a customer will still bring; what it brought so far is not in it.

    .. math:: margin \cdot E[M] \cdot DERT(\delta), \qquad \delta = \ln(1 + i) / year

    ``value`` is the expected money of one purchase (``GammaGamma``),
    ``discount_rate`` is a year's, ``year`` the length of a year in the unit of
    ``T`` (365 for days, 52.18 for weeks), ``horizon`` in that unit too.

    Raises ``ValueError`` for a discount rate below 0, or of 0 without a horizon.

    >>> from regulars.understand import ParetoNBD
    >>> seen = {"frequency": [0, 0, 2, 5, 1], "recency": [0, 0, 20, 33, 9], "T": [38.0, 35, 30, 37, 36]}
    >>> model = ParetoNBD(penalizer=1).fit(seen)
    >>> year, ever = (residual_clv(model, 5, 33, 37, 1000, year=52.18, horizon=h) for h in (52.18, float("inf")))
    >>> bool(0 < year < ever)
    True
    """
    if discount_rate < 0:
        raise ValueError("a discount rate is 0 or above (0.10 is 10 % a year)")
    rate = float(np.log1p(discount_rate)) / year
    return margin * np.asarray(value, dtype=np.float64) * model.dert(rate, frequency, recency, T, horizon)


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
