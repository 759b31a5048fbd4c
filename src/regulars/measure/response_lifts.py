"""Experiments of one channel as observations of its response curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def spent_and_won(ran: Any, own: Any) -> Array:
    """Rows (spend a week, tested part of it, conversions a week it brought, se) of the experiments of one channel."""
    weeks = own["week"].to_numpy("datetime64[ns]")
    rows = []
    for test in ran.itertuples():
        inside = (weeks >= np.datetime64(test.start) - np.timedelta64(6, "D")) & (weeks <= np.datetime64(test.end))
        usual = float(own["spend"][inside].mean()) if inside.any() else float(own["spend"].mean())
        part = usual if not test.spend > 0 else test.spend / test.weeks
        rows.append((max(usual, part), part, test.delta / test.weeks, test.se / test.weeks))
    return np.array(rows)


def observed(tests: Array, halves: Array, centre: float, size: int) -> tuple[Array, Array, Array]:
    """Experiments as rows (grid, tests, p) of the linear model, their outcomes and standard errors."""
    with_it, without = tests[:, 0], tests[:, 0] - tests[:, 1]
    h = halves[:, None]
    rows = np.zeros((len(halves), len(tests), size))
    rows[:, :, 1] = (with_it / (with_it + h) - without / (without + h)) * (centre + h) / centre
    return rows, tests[:, 2], tests[:, 3]
