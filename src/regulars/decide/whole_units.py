"""From a continuous split to whole minor units."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from regulars.decide.curves import Array, Curves

Whole = NDArray[np.int64]


def whole_units(curves: Curves, spend: Array, low: Whole, high: Array, total: int) -> Whole:
    """Whole minor units near the continuous optimum, adding up exactly, that no exchange of units improves."""
    units = np.maximum(np.floor(spend), low).astype(np.int64)
    left = min(total, round(math.fsum(spend.tolist()))) - int(units.sum())
    while left > 0:
        gain = np.where(units < high, curves.step(units), -1.0)
        best = np.argsort(-gain, kind="stable")[: min(left, int((gain >= 0).sum()))]
        if not best.size:
            break
        units[best] += 1
        left -= best.size
    for _ in range(1000):
        up = np.where(units < high, curves.step(units), -np.inf)
        down = np.where(units > low, curves.step(np.maximum(units - 1, 0)), np.inf)
        ups, downs = np.argsort(-up, kind="stable"), np.argsort(down, kind="stable")
        better = up[ups] > down[downs] * (1 + 1e-12)
        count = int(np.argmin(better)) if not better.all() else better.size
        if count == 0:
            break
        units[ups[:count]] += 1
        units[downs[:count]] -= 1
    units.flags.writeable = False
    return units
