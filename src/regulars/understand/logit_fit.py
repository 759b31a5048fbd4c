"""Logistic regressions on the same features, many at once, with standard errors and calibration."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.special import expit
from scipy.stats import rankdata

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Logit:
    """One fitted logit: weights on standardised features, their covariance, and the calibrating line."""

    mean: Vector
    scale: Vector
    weights: Vector
    covariance: Vector
    shift: float = 0.0
    slope: float = 1.0

    def raw(self, features: Vector) -> Vector:
        """The log-odds before calibration."""
        return np.asarray(self.weights[0] + ((features - self.mean) / self.scale) @ self.weights[1:])

    def line(self, features: Vector) -> Vector:
        """The calibrated log-odds."""
        return np.asarray(self.shift + self.slope * self.raw(features))

    def scored(self, features: Vector) -> tuple[Vector, Vector]:
        """Calibrated log-odds and their standard error."""
        x = np.column_stack([np.ones(len(features)), (features - self.mean) / self.scale])
        error = np.sqrt(np.maximum(np.einsum("ij,ij->i", x @ self.covariance, x), 0.0))
        return self.shift + self.slope * (x @ self.weights), abs(self.slope) * error

    def parts(self, features: Vector) -> Vector:
        """What each feature adds to the log-odds, beside somebody with average features."""
        return np.asarray((features - self.mean) / self.scale * self.weights[1:] * self.slope)


def fit_logits(features: Vector, came: Vector, l2: float) -> list[Logit]:
    r"""Ridge logistic regression for every column of ``came`` by Newton's method.

    Maximises :math:`\sum y z - \ln(1 + e^z) - \tfrac{l2}{2} |w|^2`; the intercept is
    free. A column without a single case, or with cases only, gets the odds of
    half a case more, and no slopes.
    """
    mean = features.mean(axis=0) if len(features) else np.zeros(features.shape[1])
    scale = features.std(axis=0) if len(features) else np.ones(features.shape[1])
    scale = np.where(scale > 1e-9, scale, 1.0)
    x = np.column_stack([np.ones(len(features)), (features - mean) / scale])
    return [Logit(mean, scale, *newton_logit(x, came[:, j], l2)) for j in range(came.shape[1])]


def newton_logit(x: Vector, y: Vector, l2: float, max_iter: int = 30) -> tuple[Vector, Vector]:
    """Weights and covariance; the first column of x is the intercept, which is not held back."""
    n, k = x.shape
    penalty = np.full(k, l2)
    penalty[0] = 0.0
    w = np.zeros(k)
    share = (y.sum() + 0.5) / (n + 1.0)
    w[0] = np.log(share / (1.0 - share))
    if not 0 < y.sum() < n:
        return w, np.diag(np.concatenate(([1.0 / max((n + 1.0) * share * (1 - share), 1e-9)], np.zeros(k - 1))))
    value = -np.inf
    for _ in range(max_iter):
        z = x @ w
        p = expit(z)
        hessian = (x.T * (p * (1.0 - p))) @ x + np.diag(penalty + 1e-9)
        step = linalg.solve(hessian, x.T @ (y - p) - penalty * w, assume_a="pos")
        before, length = value if np.isfinite(value) else _likelihood(z, y, w, penalty), 1.0
        while length > 1e-4:
            value = _likelihood(x @ (w + length * step), y, w + length * step, penalty)
            if value >= before - 1e-9 * abs(before):
                break
            length /= 2.0
        w = w + length * step
        if float(np.abs(step).max()) < 1e-5:
            break
    p = expit(x @ w)
    return w, np.asarray(linalg.inv((x.T * (p * (1.0 - p))) @ x + np.diag(penalty + 1e-9)))


def calibrate(models: list[Logit], features: Vector, came: Vector, least: int = 30) -> list[Logit]:
    """Lay a line through each model's log-odds so that later cases fit (Platt).

    With fewer than ``least`` cases only the level is moved, and with none the
    model stays as it is.
    """
    out = []
    for j, model in enumerate(models):
        y, z = came[:, j], model.raw(features)
        cases = min(float(y.sum()), float(len(y) - y.sum()))
        if cases < 1:
            out.append(model)
            continue
        if cases >= least and z.std() > 1e-9:
            (shift, slope), _ = newton_logit(np.column_stack([np.ones(len(z)), z]), y, 0.0)
            # A line that falls says the model learnt nothing that lasts: keep the level only.
            if slope > 0:
                out.append(replace(model, shift=float(shift), slope=float(slope)))
                continue
        out.append(replace(model, shift=_level(z, y)))
    return out


def _level(z: Vector, y: Vector) -> float:
    """The shift that makes the expected number of cases the number seen (one unknown, monotone)."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if expit(z + middle).sum() < y.sum() else (low, middle)
    return (low + high) / 2.0


def _likelihood(z: Vector, y: Vector, w: Vector, penalty: Vector) -> float:
    return float((y * z - np.logaddexp(0.0, z)).sum() - 0.5 * (penalty * w * w).sum())


def ranking_area(score: Vector, came: Vector) -> float:
    """The chance that a case scores above a non-case (AUC), ties counting half.

    >>> ranking_area(np.array([0.1, 0.4, 0.4]), np.array([0.0, 0.0, 1.0]))
    0.75
    """
    cases = came > 0
    n, m = int(cases.sum()), int((~cases).sum())
    if not n or not m:
        return 0.5
    return float((rankdata(score)[cases].sum() - n * (n + 1) / 2) / (n * m))
