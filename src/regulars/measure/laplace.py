"""The top of a log density and the normal that fits it there: a preview, and where a sampler starts from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]
Density = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Laplace:
    """The highest point found, (D,), its log density, and the covariance (D, D) of the normal there."""

    mode: Array
    top: float
    covariance: Array

    def draw(self, n: int, rng: np.random.Generator, *, stretch: float = 1.0) -> Array:
        """Draws (n, D), deviations stretched."""
        return self.mode + stretch * rng.normal(size=(n, len(self.mode))) @ np.linalg.cholesky(self.covariance).T


def laplace(density: Density, starts: Array, *, widest: float = 2.0) -> Laplace:
    r"""Climb from every start (rows), and curve the highest top: covariance :math:`(-\nabla^2 \ln p)^{-1}`.

    The Hessian is taken by central differences of the gradient, in one batch of 2 D points. Directions in which
    the density does not fall get the deviation ``widest``.
    Raises ``ValueError`` when no start has a finite density.
    """
    best, top = None, -np.inf

    def down(u: Array) -> tuple[float, Array]:
        value, slope = density(u[None])
        return (-float(value[0]), -slope[0]) if np.isfinite(value[0]) else (1e300, np.zeros_like(u))

    for start in starts:
        found = optimize.minimize(down, start, jac=True, method="L-BFGS-B", options={"maxiter": 400, "maxcor": 20})
        if -found.fun > top and found.fun < 1e299:
            best, top = found.x, -float(found.fun)
    if best is None:
        raise ValueError("the density is not finite at any start")
    step = 1e-4 * np.eye(len(best))
    slopes = density(np.concatenate([best + step, best - step]))[1]
    hessian = (slopes[: len(best)] - slopes[len(best) :]) / 2e-4
    curvature, axes = np.linalg.eigh(-0.5 * (hessian + hessian.T))
    variance = 1 / np.maximum(curvature, widest**-2)
    return Laplace(best, top, (axes * variance) @ axes.T)
