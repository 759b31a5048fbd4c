"""The interval of a share and of the difference of two: the one way every step reports a count out of a count."""

from __future__ import annotations

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
    some = np.maximum(n, 1e-9)
    p = np.where(n > 0, np.asarray(hits, dtype=np.float64) / some, 0.5)
    z = float(ndtri(0.5 + level / 2))
    wide = z * np.sqrt(p * (1 - p) / some + z * z / (4 * some * some))
    low, high = ((p + z * z / (2 * some) + sign * wide) / (1 + z * z / some) for sign in (-1, 1))
    known = n > 0
    # Rounding may put an end of 0 or 1 a hair inside.
    return np.where(known, np.clip(low, 0, p), 0.0), np.where(known, np.clip(high, p, 1), 1.0)


def newcombe(hits: float, n: float, hits_before: float, n_before: float, level: float = 0.9) -> tuple[float, float]:
    """Interval of the difference of two independent shares, ``hits/n - hits_before/n_before``.

    Squares the distances to the Wilson ends of both; -1 to 1 where one of them is out of nobody.
    Source: Newcombe 1998, method 10.

    >>> [round(x, 4) for x in newcombe(56, 70, 48, 80, 0.95)]
    [0.0524, 0.3339]
    """
    if not n or not n_before:
        return -1.0, 1.0
    p, q = hits / n, hits_before / n_before
    (low, high), (low_before, high_before) = (
        tuple(float(x) for x in wilson(h, m, level)) for h, m in ((hits, n), (hits_before, n_before))
    )
    down = np.hypot(p - low, high_before - q)
    up = np.hypot(high - p, q - low_before)
    return float(p - q - down), float(p - q + up)
