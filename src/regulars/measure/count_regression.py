"""How a count moves with what stands beside it: Poisson regression with room for more scatter than Poisson's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class CountFit:
    """Coefficients on the log scale, their covariance (scatter included) and the degrees of freedom left."""

    coefficients: Vector
    covariance: Vector
    scatter: float
    left: int

    def interval(self, place: int, level: float = 0.9) -> tuple[float, float, float]:
        """A coefficient with its interval."""
        value, se = float(self.coefficients[place]), float(np.sqrt(self.covariance[place, place]))
        wide = float(student.ppf(0.5 + level / 2, max(self.left, 1))) * se
        return value, value - wide, value + wide


def count_regression(counts: ArrayLike, design: ArrayLike, max_iter: int = 60) -> CountFit | None:
    """Fit ``log E[count] = design @ b`` by iterated weighted least squares; ``var = scatter * mean``.

    None where the data do not pin it down: fewer rows than columns, columns that repeat one another, or no counts.
    Source: McCullagh and Nelder 1989, chapters 2 and 6.

    >>> fit = count_regression([2, 4, 8, 16, 32], [[1, 0], [1, 1], [1, 2], [1, 3], [1, 4]])
    >>> round(float(fit.coefficients[1]), 6)
    0.693147
    """
    y, x = np.asarray(counts, dtype=np.float64), np.asarray(design, dtype=np.float64)
    n, k = x.shape
    if n <= k or y.sum() <= 0 or np.linalg.matrix_rank(x) < k:
        return None
    mean: Any = np.maximum(y, 0.0) + max(float(y.mean()), 0.1) * 0.5
    b: Any = np.zeros(k)
    for _ in range(max_iter):
        eta = np.log(mean)
        information = x.T @ (mean[:, None] * x)
        try:
            new = np.linalg.solve(information, x.T @ (mean * eta + y - mean))
        except np.linalg.LinAlgError:
            return None
        done = bool(np.max(np.abs(new - b)) < 1e-10 * (1 + np.max(np.abs(new))))
        b, mean = new, np.exp(np.clip(x @ new, -30, 30))
        if done:
            break
    else:
        return None
    scatter = max(float((((y - mean) ** 2) / np.maximum(mean, 1e-12)).sum() / (n - k)), 1.0)
    inverse = np.linalg.pinv(x.T @ (mean[:, None] * x))
    return CountFit(b, scatter * inverse, scatter, n - k)
