"""Rows that tie the cells of a budget together, and whether amounts keep to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.decide.curves import Array


@dataclass(frozen=True)
class Coupling:
    """Rows over cells: least <= matrix @ x <= most."""

    matrix: Array
    least: Array
    most: Array

    @property
    def plain(self) -> bool:
        """Whether only upper limits of sums without negative parts are asked: nothing then needs a search to hold."""
        return bool(np.isneginf(self.least).all() and (self.matrix >= 0).all())

    def holds(self, x: Array) -> bool:
        """Whether amounts keep to the rows, to rounding."""
        sums, size = self.matrix @ x, 1e-7 * (1 + np.abs(self.matrix) @ np.abs(x))
        # a row between amounts that are next to nothing is as rough as the amounts themselves
        size += 2e-9 * np.abs(self.matrix).max(axis=1, initial=0.0) * float(np.abs(x).sum())
        return bool((sums <= self.most + size).all() and (sums >= self.least - size).all())
