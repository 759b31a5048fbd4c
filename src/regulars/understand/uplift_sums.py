"""The sums a linear uplift model is made of: one pass over the people of each arm, added up in any order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class ArmSums:
    """Sums over the people of one arm: n, sum of weights, X'WX, X'Wy, y'Wy.

    Two halves of the people add up to the same model as all at once, wherever they are kept.

    >>> X, y = np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([1.0, 3.0])
    >>> whole, parts = ArmSums.of(X, y), ArmSums.of(X[:1], y[:1]) + ArmSums.of(X[1:], y[1:])
    >>> whole.people == parts.people and bool((whole.xx == parts.xx).all())
    True
    """

    people: int
    weight: float
    xx: Vector
    xy: Vector
    yy: float

    @classmethod
    def of(cls, X: Vector, y: Vector, weight: Vector | None = None) -> ArmSums:
        """Add up the people of one arm; ``weight`` is 1 / propensity where the draw was not even."""
        heavy = X if weight is None else X * weight[:, None]
        total = float(len(y)) if weight is None else float(weight.sum())
        squares = float(y @ y) if weight is None else float((weight * y) @ y)
        return cls(len(y), total, heavy.T @ X, heavy.T @ y, squares)

    def __add__(self, other: ArmSums) -> ArmSums:
        return ArmSums(
            self.people + other.people, self.weight + other.weight, self.xx + other.xx, self.xy + other.xy,
            self.yy + other.yy,
        )  # fmt: skip

    @property
    def mean(self) -> float:
        """Outcome per head (the first column of X is 1)."""
        return float(self.xy[0] / self.weight)

    @property
    def variance(self) -> float:
        """Variance of the outcome among people of the arm."""
        return max(self.yy / self.weight - self.mean**2, 0.0) * self.people / max(self.people - 1, 1)


@dataclass(frozen=True)
class Linear:
    """Coefficients with their covariance, the noise left, and the ridge penalty that was chosen."""

    coef: Vector
    covariance: Vector
    noise: float
    penalty: float


def ridge(
    xx: Vector, xy: Vector, yy: float, people: int, free: NDArray[np.bool_], penalizer: float | None = None
) -> Linear:
    """Least squares where the coefficients that are not ``free`` are drawn towards zero.

    The penalty is the ratio noise variance / variance of the coefficients; where it is not given it is the one
    under which the data are most likely (restricted maximum likelihood), over 10^-2 ... 10^8:
    ``-1/2 [sum ln(1 + L_j / penalty) + (n - q) ln s2]`` with L the eigenvalues of the penalised block after the
    free one is taken out, and s2 the noise. Many people: hardly any shrinking. Few: everybody gets the mean effect.

    Source: Patterson and Thompson, Biometrika 58 (1971) 545-554; Hoerl and Kennard, Technometrics 12 (1970) 55-67.
    """
    tiny = 1e-9 * max(float(np.trace(xx)) / max(len(xx), 1), 1e-12)
    A = xx + tiny * np.eye(len(xx))
    tight = ~free
    base = np.linalg.solve(A[np.ix_(free, free)], np.column_stack([xy[free], A[np.ix_(free, tight)]]))
    left = max(people - int(free.sum()), 1)
    rest = max(yy - float(xy[free] @ base[:, 0]), 1e-12 * max(yy, 1e-12))
    block = A[np.ix_(tight, tight)] - A[np.ix_(tight, free)] @ base[:, 1:]
    values, vectors = np.linalg.eigh((block + block.T) / 2)
    values = np.maximum(values, 0.0)
    pulled = (vectors.T @ (xy[tight] - A[np.ix_(tight, free)] @ base[:, 0])) ** 2
    grid = np.array([penalizer]) if penalizer is not None else np.logspace(-2, 8, 61)
    explained = (pulled[None, :] / (values[None, :] + grid[:, None] + tiny)).sum(axis=1)
    noise = np.maximum(rest - explained, 1e-12 * rest) / left
    likelihood = -0.5 * (np.log1p(values[None, :] / np.maximum(grid[:, None], tiny)).sum(1) + left * np.log(noise))
    best = int(np.argmax(likelihood)) if len(grid) > 1 else 0
    inverse = np.linalg.inv(A + np.diag(np.where(tight, grid[best], 0.0)))
    return Linear(inverse @ xy, noise[best] * inverse, float(noise[best]), float(grid[best]))
