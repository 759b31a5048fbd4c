"""What is believed of a mix before the data, as densities of unconstrained coordinates with their slopes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]

KINDS: Final = ("normal", "beta", "gamma_inverse", "half_normal_log", "half_normal", "log_normal")


@dataclass(frozen=True)
class MixPriors:
    """Beliefs of a mix model; sales in units of their mean, spend in units of the mean week with spend.

    Args:
        on: ``roas`` (belief on return on spend) or ``effect`` (on the most a channel can bring in a week).
        effect_sd: of the half-normal on ``effect``.
        decay: (a, b) of the Beta of the weekly carry-over.
        peak, scale, shape: (median, log sd) of the peak week (delayed), of scale and shape (weibull).
        half: (median, log sd) of the half-saturation spend.
        rate: (shape, rate, units) instead: Gamma of lambda = ln 3 * units / half, the form others use.
        slope: (median, log sd) of Hill's slope.
        geo_sd: of the half-normal on how differently geos answer (log scale).
        noise_sd: of the half-normal on the noise.
        base: (mean, sd) of the base level; the others are deviations of single effects.
    """

    on: str = "roas"
    effect_sd: float = 1.0
    decay: tuple[float, float] = (1.0, 2.5)
    peak: tuple[float, float] = (1.0, 0.6)
    scale: tuple[float, float] = (2.0, 0.6)
    shape: tuple[float, float] = (1.0, 0.4)
    half: tuple[float, float] = (2.0, 1.0)
    rate: tuple[float, float, tuple[float, ...]] | None = None
    slope: tuple[float, float] = (1.3, 0.4)
    geo_sd: float = 0.4
    noise_sd: float = 0.5
    base: tuple[float, float] = (0.6, 0.6)
    trend_sd: float = 0.5
    bend_sd: float = 0.15
    season_sd: float = 0.3
    control_sd: float = 0.3
    event_sd: float = 0.5
    geo_base_sd: float = 0.3


@dataclass(frozen=True)
class Beliefs:
    """Independent densities of coordinates: each of a kind with two parameters.

    ``normal`` (mean, sd) of u; ``beta`` (a, b) of expit(u); ``gamma_inverse`` (shape, c) of exp(c - u) with rate 1;
    ``half_normal_log`` (sd, -) of exp(u); ``half_normal`` (-, -) of softplus(u), unit sd; ``log_normal`` (mean of
    the log, sd) of softplus(u). Jacobians are included.
    """

    kind: tuple[str, ...]
    p: Array
    q: Array

    def log_density(self, u: Array) -> tuple[Array, Array]:
        """Log density (rows,) up to a constant and its gradient (rows, D) at coordinates (rows, D)."""
        value, slope = np.empty_like(u), np.empty_like(u)
        for kind, at, p, q in self._runs:
            value[:, at], slope[:, at] = _term(kind, u[:, at], p, q)
        return value.sum(axis=1), slope

    @cached_property
    def _runs(self) -> list[tuple[str, slice, Array, Array]]:
        """Neighbours of one kind, as slices: a call costs what its overhead costs."""
        ends = [i for i in range(1, len(self.kind)) if self.kind[i] != self.kind[i - 1]]
        cuts = [slice(a, b) for a, b in pairwise([0, *ends, len(self.kind)])]
        return [(self.kind[c.start], c, self.p[c], self.q[c]) for c in cuts]

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """Draws (n, D) of the coordinates."""
        out = np.empty((n, len(self.kind)))
        for kind, at, p, q in self._runs:
            out[:, at] = _drawn(kind, p, q, (n, len(p)), rng)
        return out


def softplus_inverse(x: Array) -> Array:
    """The u of which x is the softplus."""
    return np.asarray(x + np.log(-np.expm1(-np.maximum(x, 1e-300))))


def _term(kind: str, u: Array, p: Array, q: Array) -> tuple[Array, Array]:
    if kind == "normal":
        z = (u - p) / q
        return -0.5 * z * z, -z / q
    if kind == "beta":
        return p * special.log_expit(u) + q * special.log_expit(-u), p - (p + q) * special.expit(u)
    if kind == "gamma_inverse":
        rate = np.exp(q - u)
        return p * (q - u) - rate, rate - p
    if kind == "half_normal_log":
        square = np.exp(2 * u) / p**2
        return u - 0.5 * square, 1 - square
    r, up = np.logaddexp(0, u), special.expit(u)
    if kind == "half_normal":
        return -0.5 * r * r + special.log_expit(u), (1 - up) - r * up
    z = (np.log(np.maximum(r, 1e-300)) - p) / q
    return (
        -0.5 * z * z - np.log(np.maximum(r, 1e-300)) + special.log_expit(u),
        (1 - up) - up / np.maximum(r, 1e-300) * (1 + z / q),
    )


def _drawn(kind: str, p: Array, q: Array, size: tuple[int, int], rng: np.random.Generator) -> Array:
    if kind == "normal":
        return rng.normal(p, q, size)
    if kind == "beta":
        return np.asarray(special.logit(np.clip(rng.beta(p, q, size), 1e-12, 1 - 1e-12)))
    if kind == "gamma_inverse":
        return np.asarray(q - np.log(rng.gamma(p, 1.0, size)))
    if kind == "half_normal_log":
        return np.asarray(np.log(np.abs(rng.normal(0, p, size))))
    value = np.abs(rng.normal(size=size)) if kind == "half_normal" else np.exp(rng.normal(p, q, size))
    return softplus_inverse(value)
