"""Shares of a count with their intervals, and the difference of two shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Vector = NDArray[np.float64]


def wilson(hits: ArrayLike, n: ArrayLike, level: float = 0.9) -> tuple[Vector, Vector]:
    """Wilson's interval of ``hits / n``: right for small counts, never outside 0 to 1; n = 0 gives 0 to 1.

    ``(p + z2/2n -+ z * sqrt(p(1-p)/n + z2/4n^2)) / (1 + z2/n)``. Source: Wilson 1927.

    >>> [round(float(x), 4) for x in wilson(10, 100, 0.95)]
    [0.0552, 0.1744]
    """
    n = np.asarray(n, dtype=np.float64)
    some = np.maximum(n, 1e-300)
    p = np.where(n > 0, np.asarray(hits, dtype=np.float64) / some, 0.5)
    z = float(ndtri(0.5 + level / 2))
    wide = z * np.sqrt(p * (1 - p) / some + z * z / (4 * some * some))
    low, high = ((p + z * z / (2 * some) + sign * wide) / (1 + z * z / some) for sign in (-1, 1))
    known = n > 0
    # Rounding may put an end of 0 or 1 a hair inside.
    return np.where(known, np.clip(low, 0, p), 0.0), np.where(known, np.clip(high, p, 1), 1.0)


def newcombe(hits: float, n: float, hits_before: float, n_before: float, level: float = 0.9) -> tuple[float, float]:
    """Interval of the difference of two independent shares, ``hits/n - hits_before/n_before``.

    Squares the distances to the Wilson ends of both. Source: Newcombe 1998, method 10.

    >>> [round(x, 4) for x in newcombe(56, 70, 48, 80, 0.95)]
    [0.0524, 0.3339]
    """
    p, q = hits / n, hits_before / n_before
    (low, high), (low_before, high_before) = (
        tuple(float(x) for x in wilson(h, m, level)) for h, m in ((hits, n), (hits_before, n_before))
    )
    down = np.hypot(p - low, high_before - q)
    up = np.hypot(high - p, q - low_before)
    return float(p - q - down), float(p - q + up)


def alike(hits: ArrayLike, n: ArrayLike) -> float:
    """Chance of shares at least this far apart if all groups were alike (Pearson's chi-square).

    >>> round(alike([30, 30], [100, 100]), 3), alike([10, 90], [100, 100]) < 1e-9
    (1.0, True)
    """
    from scipy.special import chdtrc

    h, m = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    share = h.sum() / m.sum() if m.sum() else 0.0
    if len(h) < 2 or share in (0.0, 1.0):
        return 1.0
    square: Any = (((h - m * share) ** 2) / (m * share * (1 - share))).sum()
    return float(chdtrc(len(h) - 1, square))
