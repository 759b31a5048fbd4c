"""Shares of small groups, pulled towards what all have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import betaln

Array = NDArray[np.float64]


def shrunk_shares(came: ArrayLike, of: ArrayLike) -> tuple[Array, Array]:
    r"""Shares pulled towards what all have in common, and their standard errors.

    .. math:: \hat p_i = (x_i + a) / (n_i + a + b)

    with a, b of the beta-binomial that makes the counts likeliest: three buyers
    out of three are no market of 100 %. Without any spread the common share stands.

    >>> share, _ = shrunk_shares([3, 300], [3, 1000])
    >>> bool(share[0] < 0.9)
    True
    """
    x, n = np.asarray(came, dtype=np.float64), np.asarray(of, dtype=np.float64)
    if np.any(x < 0) or np.any(x > n):
        raise ValueError("more came than there are")
    total = n.sum()
    mean = float((x.sum() + 0.5) / (total + 1.0)) if total else 0.5
    strength = 1e6
    if len(n) > 1 and total:

        def cost(theta: Array) -> float:
            a, b = np.exp(theta)
            return -float(np.sum(betaln(x + a, n - x + b) - betaln(a, b)))

        start = np.log([mean * 10, (1 - mean) * 10])
        fit = minimize(cost, start, method="L-BFGS-B", bounds=[(-7, 14)] * 2)
        a, b = np.exp(fit.x)
        mean, strength = float(a / (a + b)), float(a + b)
    a, b = x + mean * strength, n - x + (1 - mean) * strength
    share = a / (a + b)
    return share, np.sqrt(share * (1 - share) / (a + b + 1))
