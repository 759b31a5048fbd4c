"""How sure a chance is: what really came among held-out cases that were told about the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.tables.shares import wilson

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class NearShares:
    """Held-out cases sorted by the chance they were told, and how many of the first k came true.

    >>> told = NearShares.of([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], most=200)
    >>> low, high = told.interval(np.array([0.85]), level=0.9)
    >>> bool(low[0] < 0.85 <= high[0])
    True
    """

    told: Vector
    came: Vector
    most: int

    @classmethod
    def of(cls, told: ArrayLike, came: ArrayLike, most: int) -> NearShares:
        """From chances and what came of them; up to ``most`` neighbours on either side are looked at."""
        chance = np.asarray(told, dtype=np.float64)
        order = np.argsort(chance, kind="stable")
        return cls(chance[order], np.r_[0.0, np.cumsum(np.asarray(came, dtype=np.float64)[order])], most)

    def interval(self, chance: Vector, level: float) -> tuple[Vector, Vector]:
        """Wilson's interval of the share that came true near each chance, wide enough to hold the chance itself."""
        n = len(self.told)
        half = max(min(self.most, n // 5), 1)
        at = np.searchsorted(self.told, chance)
        first, last = np.clip(at - half, 0, max(n - 2 * half, 0)), np.clip(at + half, min(2 * half, n), n)
        low, high = wilson(self.came[last] - self.came[first], last - first, level)
        return np.minimum(low, chance), np.maximum(high, chance)
