"""One logistic model for both arms: everybody gets the same effect on the log odds unless the data say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Vector = NDArray[np.float64]
# From hardly pulled to held at one common effect.
PULLS: Final = tuple(np.logspace(1.5, 5, 8).tolist())
FOLDS: Final = 5
BASE: Final = 1.0  # the pull on what both arms share


@dataclass(frozen=True)
class PooledEffect:
    """Uplift = logistic(x'b + x'd) - logistic(x'b), with the covariance of b and d and the pull that was chosen."""

    base: Vector
    more: Vector
    covariance: Vector
    pull: float

    def effect(self, X: Vector) -> tuple[Vector, Vector]:
        """Uplift of each row and its standard error by the delta method."""
        p0, p1 = expit(X @ self.base), expit(X @ (self.base + self.more))
        slope0, slope1 = p0 * (1 - p0), p1 * (1 - p1)
        gradient = np.concatenate([X * (slope1 - slope0)[:, None], X * slope1[:, None]], axis=1)
        spread = np.einsum("ij,jk,ik->i", gradient, self.covariance, gradient, optimize=True)
        return p1 - p0, np.sqrt(np.maximum(spread, 0.0))


def pooled_logistic(
    X: Vector, got: NDArray[np.bool_], y: Vector, weight: Vector | None = None, penalizer: float | None = None,
    seed: int = 0,
) -> PooledEffect:  # fmt: skip
    """Fit log odds of y = x'b + T x'd, ridge on the slopes of d; its strength told by people not fitted on.

    An effect that is one number on the log odds grows with the readiness of a person up to one half, so where nothing
    else is known those more ready gain more. How far single features may change that is chosen by cross-validation:
    the strongest pull whose log likelihood on left-out people is within one standard error of the best, since slopes
    of an effect are an order of size less sure than those of an outcome, and their noise ranks the wrong people first.

    Source: Breiman, Friedman, Olshen and Stone, Classification and Regression Trees (1984), section 3.4.3, for the one
    standard error; le Cessie and van Houwelingen, Applied Statistics 41 (1992) 191-201, for ridge in logistic models.
    """
    w = np.ones(len(y)) if weight is None else weight
    pull = _chosen(X, got, y, w, seed) if penalizer is None else max(penalizer, 1e-6)
    coef, hessian = _fit(X, got, y, w, pull, None, 1e-8)
    k = X.shape[1]
    return PooledEffect(coef[:k], coef[k:], np.asarray(np.linalg.inv(hessian), dtype=np.float64), pull)


def _chosen(X: Vector, got: NDArray[np.bool_], y: Vector, w: Vector, seed: int) -> float:
    fold = np.empty(len(y), dtype=np.int64)
    # even in arm and outcome
    order = np.lexsort((np.random.default_rng(seed).random(len(y)), y, got))
    fold[order] = np.arange(len(y)) % FOLDS
    likely, k = np.zeros((len(PULLS), len(y))), X.shape[1]
    for part in range(FOLDS):
        learn, told = fold != part, fold == part
        start: Vector | None = None
        for i in reversed(range(len(PULLS))):
            start, _ = _fit(X[learn], got[learn], y[learn], w[learn], PULLS[i], start, 1e-3)
            odds = X[told] @ start[:k] + got[told] * (X[told] @ start[k:])
            likely[i, told] = w[told] * (y[told] * odds - np.logaddexp(0.0, odds))
    best = int(likely.mean(axis=1).argmax())
    behind = likely[best] - likely
    close = behind.mean(axis=1) <= behind.std(axis=1) / np.sqrt(len(y))
    return float(PULLS[int(np.flatnonzero(close).max())])


def _fit(
    X: Vector, got: NDArray[np.bool_], y: Vector, w: Vector, pull: float, start: Vector | None, near: float
) -> tuple[Vector, Vector]:
    """Newton steps on the penalised likelihood; the coefficients and the Hessian."""
    k = X.shape[1]
    both = np.concatenate([X, X * got[:, None]], axis=1)
    pulls = np.concatenate([[0.0], np.full(k - 1, BASE), [0.0], np.full(k - 1, pull)]) + 1e-9
    coef = np.zeros(2 * k) if start is None else start.copy()
    if start is None:
        mean = float(np.clip(np.average(y, weights=w), 1e-4, 1 - 1e-4))
        coef[0] = np.log(mean / (1 - mean))
    hessian = np.eye(2 * k)
    for _ in range(25):
        chance = expit(both @ coef)
        hessian = (both * (w * chance * (1 - chance))[:, None]).T @ both + np.diag(pulls)
        step = np.linalg.solve(hessian, both.T @ (w * (y - chance)) - pulls * coef)
        longest = float(np.abs(step).max(initial=0.0))
        coef = coef + step * min(1.0, 3.0 / max(longest, 1e-12))
        if longest < near:
            break
    return coef, hessian
