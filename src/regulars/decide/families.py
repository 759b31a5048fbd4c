"""The shapes of saturation, each as functions of z = spend / scale and the shape k, with share(0) = 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Below this a power of z would leave the range of floats.
_TINY = 1e-100


class Family(NamedTuple):
    """One shape of saturation; ``half(k)`` is the z that brings half of the worth. k is 1 where a shape has none."""

    share: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array], Array]
    inverse: Callable[[Array, Array], Array]
    step: Callable[[Array, Array, Array], Array]
    half: Callable[[Array], Array]


def _least(m: Array) -> Array:
    # Slopes of shapes with slope 1 at nothing: a steeper price is met by spending nothing.
    return np.minimum(m, 1.0)


def _tanh_step(z: Array, d: Array, k: Array) -> Array:
    # sinh(d) / (cosh(z) cosh(z + d)) in exponentials that cannot overflow
    top = 2 * (np.exp(-2 * z) - np.exp(-2 * (z + d)))
    return np.asarray(top / ((1 + np.exp(-2 * z)) * (1 + np.exp(-2 * (z + d)))))


def _sech2(z: Array) -> Array:
    e = np.exp(-2 * np.abs(z))
    return np.asarray(4 * e / (1 + e) ** 2)


def _expit(t: Array) -> Array:
    e = np.exp(-np.abs(t))
    return np.asarray(np.where(t >= 0, 1 / (1 + e), e / (1 + e)))


def _even(z: Array, k: Array) -> tuple[Array, Array, Array]:
    """z away from 0, sigma = z^k / (1 + z^k) and 1 - sigma, without overflow."""
    z = np.maximum(z, _TINY)
    t = k * np.log(z)
    return z, _expit(t), _expit(-t)


def _hill_slope(z: Array, k: Array) -> Array:
    z, s, rest = _even(z, k)
    return np.asarray(k * s * rest / z)


def _hill_bend(z: Array, k: Array) -> Array:
    z, s, rest = _even(z, k)
    return np.asarray(k * s * rest / z**2 * (1 + k * (s - rest)))


def _hill_step(z: Array, d: Array, k: Array) -> Array:
    z, _, rest = _even(z, k)
    _, s, _ = _even(z + d, k)
    return np.asarray(s * rest * -np.expm1(-k * np.log1p(d / z)))


def hill_turn(k: Array) -> Array:
    """The z up to which a Hill curve bends upwards: ((k - 1) / (k + 1))^(1 / k), 0 for k <= 1."""
    up = np.maximum((k - 1) / (k + 1), 0.0)
    return np.asarray(up ** (1 / k))


def _hill_inverse(m: Array, k: Array) -> Array:
    """The z beyond the turn where the slope is m; 0 where the curve is nowhere as steep."""
    m, k = np.broadcast_arrays(m, k)
    turn = hill_turn(k)
    steepest = _hill_slope(np.maximum(turn, _TINY), k)
    with np.errstate(divide="ignore", over="ignore"):
        # beyond: slope <= k z^-(k+1), and for k <= 1 also slope <= k z^(k-1)
        low, high = np.log(np.maximum(turn, _TINY)), np.log(k / np.maximum(m, 1e-300)) / (k + 1) + 1e-9
    wanted, high = np.log(np.maximum(m, 1e-300)), np.maximum(high, low)
    t = 0.5 * (low + high)
    for _ in range(80):
        z, s, rest = _even(np.exp(t), k)
        over = np.log(k * s * rest / z) - wanted
        low, high = np.where(over >= 0, t, low), np.where(over <= 0, t, high)
        fall = 1 + k * (s - rest)  # minus the derivative of the log slope in t
        new = t + np.divide(over, fall, out=np.zeros_like(t), where=fall > 0)
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        if np.all(np.abs(new - t) <= 1e-15 * np.maximum(np.abs(t), 1.0)):
            break
        t = new
    return np.asarray(np.where(m >= steepest, np.where((m == steepest) & (k > 1), turn, 0.0), np.exp(t)))


def _power_inverse(m: Array, k: Array) -> Array:
    with np.errstate(divide="ignore", over="ignore"):
        curved = (np.maximum(m, 1e-300) / k) ** (1 / np.minimum(k - 1, -1e-12))
    return np.asarray(np.where(k < 1, np.minimum(curved, 1e250), np.where(m < 1, 1e250, 0.0)))


def _power(z: Array, k: Array) -> Array:
    return np.asarray(np.maximum(z, _TINY) ** k * (z > 0))


# Saturating, concave, without a shape of their own.
FAMILIES: dict[str, Family] = {
    "hyperbolic": Family(
        share=lambda z, k: z / (1 + z),
        slope=lambda z, k: 1 / (1 + z) ** 2,
        bend=lambda z, k: 2 / (1 + z) ** 3,
        inverse=lambda m, k: 1 / np.sqrt(_least(m)) - 1,
        step=lambda z, d, k: d / ((1 + z) * (1 + z + d)),
        half=lambda k: np.ones_like(k),
    ),
    "exponential": Family(
        share=lambda z, k: -np.expm1(-z),
        slope=lambda z, k: np.exp(-z),
        bend=lambda z, k: np.exp(-z),
        inverse=lambda m, k: -np.log(_least(m)),
        step=lambda z, d, k: -np.exp(-z) * np.expm1(-d),
        half=lambda k: np.full_like(k, math.log(2.0)),
    ),
    "tanh": Family(
        share=lambda z, k: np.tanh(z),
        slope=lambda z, k: _sech2(z),
        bend=lambda z, k: 2 * np.tanh(z) * _sech2(z),
        # arccosh(1/sqrt(m)) loses digits near m = 1; arctanh(sqrt(1-m)) does not
        inverse=lambda m, k: np.arctanh(np.sqrt(1 - _least(m))),
        step=_tanh_step,
        half=lambda k: np.full_like(k, math.atanh(0.5)),
    ),
}
# Further shapes: S-shaped (Hill with k > 1), and without a ceiling (the "ceiling" is then what twice-the-half-or-more
# spend brings: half of it is brought by the half in every family).
FORMS: dict[str, Family] = {
    **FAMILIES,
    "hill": Family(
        share=lambda z, k: _even(z, k)[1] * (z > 0),
        slope=_hill_slope,
        bend=_hill_bend,
        inverse=_hill_inverse,
        step=_hill_step,
        half=lambda k: np.ones_like(k),
    ),
    "log": Family(
        share=lambda z, k: np.log1p(z),
        slope=lambda z, k: 1 / (1 + z),
        bend=lambda z, k: 1 / (1 + z) ** 2,
        inverse=lambda m, k: 1 / _least(m) - 1,
        step=lambda z, d, k: np.log1p(d / (1 + z)),
        half=lambda k: np.full_like(k, math.expm1(0.5)),
    ),
    "power": Family(
        share=_power,
        slope=lambda z, k: k * np.maximum(z, _TINY) ** (k - 1),
        bend=lambda z, k: k * (1 - k) * np.maximum(z, _TINY) ** (k - 2),
        inverse=_power_inverse,
        step=lambda z, d, k: np.where(
            z > 0, _power(z, k) * np.expm1(k * np.log1p(d / np.maximum(z, _TINY))), _power(d, k)
        ),
        half=lambda k: np.asarray(0.5 ** (1 / k)),
    ),
}
# Straight pieces between points; it needs the points and so has no entry above.
POINTS = "points"


def points_family(z: Array, g: Array) -> Family:
    """Straight pieces through (z, g), falling in slope, flat beyond the last; the slope at a corner is the next one's.

    >>> float(points_family(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.8, 1.0])).slope(np.array(0.2), np.array(1.0)))
    1.6
    """
    slopes = np.append(np.diff(g) / np.diff(z), 0.0)

    def share(x: Array, k: Array) -> Array:
        return np.asarray(np.interp(x, z, g))

    def slope(x: Array, k: Array) -> Array:
        return np.asarray(slopes[np.clip(np.searchsorted(z, x, side="right") - 1, 0, len(z) - 1)])

    def inverse(m: Array, k: Array) -> Array:
        return np.asarray(z[np.searchsorted(-slopes[:-1], -m, side="right")])

    return Family(
        share, slope, lambda x, k: np.zeros_like(x), inverse, lambda x, d, k: share(x + d, k) - share(x, k),
        lambda k: np.full_like(k, np.interp(0.5 * g[-1], g, z)),
    )  # fmt: skip
