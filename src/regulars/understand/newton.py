"""Newton's method for likelihoods of a few positive parameters."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

Vector = NDArray[np.float64]
Sums = Callable[[Vector], tuple[float, Vector, Vector]]

# A parameter a million times its natural size is not an estimate: the data do not pin it down.
WIDEST = np.log(1e6)


@dataclass(frozen=True)
class Maximum:
    """The maximum found: parameters, log-likelihood, covariance and how it was reached."""

    parameters: Vector
    log_likelihood: float
    covariance: Vector
    n_iter: int
    converged: bool


def maximise(
    sums: Sums,
    start: Vector,
    *,
    penalizer: float = 0.0,
    centre: Vector | float = 1.0,
    max_iter: int = 100,
    tol: float = 1e-12,
) -> Maximum:
    """Maximise ``l(p) - penalizer * |ln(p / centre)|^2`` over positive parameters p.

    ``sums(p)`` gives the log-likelihood, its gradient and Hessian in p. The
    steps are taken in ``u = ln p``, where ``g_u = p g`` and
    ``H_u = diag(p g) + p p' H``; a step that does not climb is halved, and
    directions of positive curvature are reversed. It stops when the Newton
    decrement ``g' (-H)^-1 g``, twice the gain still to be had, is below
    ``tol * max(1, |l|)``, after one more polishing step.

    ``covariance`` is the inverse of the observed information in p, not-a-number
    where the data do not pin a parameter down.
    """
    pull = np.log(np.asarray(centre, dtype=np.float64)) * np.ones(len(start))
    begin = np.log(np.asarray(start, dtype=np.float64))
    top = climb(lambda u: _in_logs(sums, u, penalizer, pull), begin, max_iter=max_iter, tol=tol)
    u, parameters = top.place, np.exp(top.place)
    plain = top.value + penalizer * float((u - pull) @ (u - pull))
    covariance = top.covariance * np.outer(parameters, parameters)
    return Maximum(parameters, plain, covariance, top.n_iter, top.converged)


def best_of(climbs: Iterable[Maximum]) -> Maximum:
    """The first climb that converged, or the highest of all; later starts are climbed only as long as none has."""
    best: Maximum | None = None
    for found in climbs:
        if best is None or found.converged or found.log_likelihood > best.log_likelihood:
            best = found
        if best.converged:
            break
    assert best is not None
    return best


def keep(model: Any, best: Maximum, n: float, whose: str) -> None:
    """Put an estimate into a model: its parameters by name, their errors, and a warning where they are not pinned."""
    for name, value in zip(model.PARAMETERS, best.parameters, strict=True):
        setattr(model, f"{name}_", float(value))
    model.log_likelihood_, model.covariance_ = best.log_likelihood, best.covariance
    model.standard_errors_ = dict(zip(model.PARAMETERS, np.sqrt(np.diag(best.covariance)).tolist(), strict=True))
    model.converged_, model.n_iter_, model.n_customers_ = best.converged, best.n_iter, n
    if not best.converged:
        warnings.warn(
            f"no interior maximum: these {whose} do not pin the parameters down; use penalizer=1",
            ConvergenceWarning,
            stacklevel=3,
        )


@dataclass(frozen=True)
class Top:
    """Where a climb over real numbers ended, and the inverse of the curvature there."""

    place: Vector
    value: float
    covariance: Vector
    n_iter: int
    converged: bool


def climb(objective: Sums, start: Vector, *, max_iter: int = 100, tol: float = 1e-12) -> Top:
    """Newton's method as in ``maximise``, on a function of real numbers with its gradient and Hessian."""
    u = np.asarray(start, dtype=np.float64)
    value, gradient, hessian = objective(u)
    converged = False
    n_iter = 0
    while n_iter < max_iter:
        n_iter += 1
        curvature, axes = np.linalg.eigh(-hessian)
        floor = 1e-10 * max(1.0, float(np.abs(curvature).max()))
        along = axes.T @ gradient
        step = axes @ (along / np.maximum(np.abs(curvature), floor))
        decrement = float(np.sum(along**2 / np.maximum(np.abs(curvature), floor)))
        longest = float(np.abs(step).max(initial=0.0))
        if longest > 2.0:
            step *= 2.0 / longest
        done = bool(curvature.min() > floor) and decrement <= tol * max(1.0, abs(value))
        moved = False
        for _ in range(1 if done else 30):
            trial = np.clip(u + step, -WIDEST, WIDEST)
            candidate = objective(trial)
            if np.isfinite(candidate[0]) and candidate[0] >= value - 1e-12 * abs(value) * done:
                u, (value, gradient, hessian) = trial, candidate
                moved = True
                break
            step = step / 2.0
        if done or not moved:
            converged = done
            break
    pinned = bool(np.all(np.abs(u) < WIDEST))
    information = -hessian
    try:
        covariance: Vector = np.asarray(np.linalg.inv(information), dtype=np.float64)
        if not np.all(np.linalg.eigvalsh(information) > 0):
            raise np.linalg.LinAlgError
    except np.linalg.LinAlgError:
        covariance = np.full((len(u), len(u)), np.nan)
    return Top(u, value, covariance, n_iter, converged and pinned)


def _in_logs(sums: Sums, u: Vector, penalizer: float, pull: Vector) -> tuple[float, Vector, Vector]:
    p = np.exp(u)
    value, gradient, hessian = sums(p)
    slope = p * gradient
    return (
        value - penalizer * float((u - pull) @ (u - pull)),
        slope - 2.0 * penalizer * (u - pull),
        np.outer(p, p) * hessian + np.diag(slope) - 2.0 * penalizer * np.eye(len(u)),
    )


def in_logs(covariance: Vector, parameters: Vector) -> Vector:
    """Covariance of the logarithms of positive parameters.

    An estimate near the edge (standard error above itself) would get limits in
    the millions by exp(); its spread is set so that the upper 95 % limit is the
    one on the plain scale: ln(1 + 1.645 se) / 1.645.
    """
    spread = np.asarray(covariance / np.outer(parameters, parameters))
    error = np.sqrt(np.maximum(np.diag(spread), 0.0))
    shrink = np.where(error > 1.0, np.log1p(1.645 * error) / (1.645 * np.maximum(error, 1.0)), 1.0)
    return np.asarray(spread * np.outer(shrink, shrink))
