"""Whether several shares could be one and the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


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
