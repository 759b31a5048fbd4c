"""The likelihood of the Pareto/NBD as sums over customers, with exact derivatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, polygamma, psi

from regulars.understand.distinct_rows import distinct_rows
from regulars.understand.time_of_leaving import TimeOfLeaving

Vector = NDArray[np.float64]
# Cells worked on at once: nodes times cells stay in the processor's cache.
BLOCK = 2048


@dataclass(frozen=True)
class ParetoSums:
    r"""Log-likelihood, gradient and Hessian in (r, alpha, s, beta).

    One customer adds

    .. math::
        \ln\Gamma(r+x) - \ln\Gamma(r) + r\ln\alpha + s\ln\beta + c + \ln(1 + e^{d}), \qquad
        c = -(r+x)\ln(\alpha+T) - s\ln(\beta+T)

    where :math:`e^d` are the odds of having left (see ``TimeOfLeaving``).
    Additive over customers, so shards can be summed anywhere.

    Cost: gamma functions on distinct x; for each distinct (x, t_x, T) some 8 to
    12 quadrature nodes, each an exponential and two logarithms.

    Source: Schmittlein, Morrison and Colombo (1987); the log-space form of
    Fader and Hardie's note 009 before the integral is turned into a 2F1.
    """

    x: Vector
    tx: Vector
    T: Vector
    weight: Vector
    distinct_x: Vector
    x_weight: Vector

    @classmethod
    def of(cls, frequency: Vector, recency: Vector, T: Vector, weights: Vector | None) -> Self:
        """Tabulate customers by their distinct (frequency, recency, age)."""
        (x, tx, ages), at = distinct_rows(frequency, recency, T)
        weight = np.bincount(at, weights, minlength=len(x)).astype(np.float64)
        # Neighbours then need equally many nodes, and share a block.
        order = np.argsort(tx - ages, kind="stable")
        x, tx, ages, weight = x[order], tx[order], ages[order], weight[order]
        distinct_x, at_x = np.unique(x, return_inverse=True)
        return cls(x, tx, ages, weight, distinct_x, np.bincount(at_x, weight, len(distinct_x)).astype(np.float64))

    def __call__(self, parameters: Vector) -> tuple[float, Vector, Vector]:
        """The value, gradient (4,) and Hessian (4, 4) at (r, alpha, s, beta)."""
        value, g, h = 0.0, np.zeros(4), np.zeros((4, 4))
        for some in blocks(len(self.x)):
            each, slope, bend = pareto_rows(parameters, self.x[some], self.tx[some], self.T[some])
            weight = self.weight[some]
            value += float(each @ weight)
            g += slope @ weight
            h += bend @ weight
        r = float(parameters[0])
        n, x = self.x_weight, self.distinct_x
        value += float(n @ (gammaln(r + x) - gammaln(r)))
        first = float(n @ (psi(r + x) - psi(r)))
        g[0] += r * first
        h[0, 0] += r * first + r * r * float(n @ (polygamma(1, r + x) - polygamma(1, r)))
        # From logarithms back to the parameters themselves.
        return value, g / parameters, (h - np.diag(g)) / np.outer(parameters, parameters)


def pareto_rows(p: Vector, x: Vector, tx: Vector, T: Vector) -> tuple[Vector, Vector, Vector]:
    """Value (n,), gradient (4, n) and Hessian (4, 4, n) in the logarithms of the parameters, customer by customer.

    ``p`` is (4,) or (4, n); the gamma functions of r and x are left to the caller.
    """
    r, alpha, s, beta = p
    left = TimeOfLeaving.of(p, x, tx, T)
    far_a, far_b = np.log(alpha + T), np.log(beta + T)
    log_a, log_b = np.log(alpha) - far_a, np.log(beta) - far_b
    near_a, near_b = alpha / (alpha + T), beta / (beta + T)
    rx = r + x
    alive_share, gone = expit(-left.log_odds), expit(left.log_odds)
    value = r * log_a + s * log_b - x * far_a + np.logaddexp(0.0, left.log_odds)
    g = gone * left.slope
    h = gone * left.bend + (gone * alive_share) * (left.slope[:, None] * left.slope[None, :])
    g[0] += r * log_a
    g[1] += r - rx * near_a
    g[2] += s * log_b
    g[3] += s * (1.0 - near_b)
    h[0, 0] += r * log_a
    h[1, 1] -= rx * near_a * (1.0 - near_a)
    h[2, 2] += s * log_b
    h[3, 3] -= s * near_b * (1.0 - near_b)
    for i, j, cross in ((0, 1, r * (1.0 - near_a)), (2, 3, s * (1.0 - near_b))):
        h[i, j] += cross
        h[j, i] += cross
    return value, g, h


def blocks(n: int) -> Iterator[slice]:
    """Stretches of customers worked on at once."""
    return (slice(begin, begin + BLOCK) for begin in range(0, n, BLOCK))
