"""Quiet shifts: a figure that moved to another level and stays there, though no single day was out of line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import t as student

from regulars.measure.change_points import level_shifts, long_run_scale
from regulars.measure.series import Array

DAYS: Final = 182
RECENT: Final = 28
FEWEST: Final = 7
# How many independent looks four weeks of possible starting days are worth, measured on white and AR(1) noise.
_LOOKS: Final = 4


@dataclass(frozen=True)
class Shift:
    """Column ``column`` stands since row ``since`` at another level than the line and weekdays let one expect."""

    column: int
    since: int
    z: float
    p: float


def shifts(values: Array, p: Array) -> tuple[list[Shift], Array]:
    """Shifts of the newest four weeks, and what was to be expected of every row (n, m).

    The line (Theil-Sen over weekly medians) and the weekdays are learnt from the days before those four weeks, so a
    shift cannot hide itself. The place is found by exact splitting, the size judged against the long-run
    scatter of the days before, which is wide where one day resembles the next.

    Parameters
    ----------
    values : ndarray of shape (n, m)
        Daily, on the scale where scatter is even; the last row is the newest whole day.
    p : ndarray of shape (m,)
        How improbable a shift must be in a quiet company to be told.
    """
    n, many = values.shape
    past = min(n, DAYS) - RECENT
    if past < 2 * RECENT or not many:
        return [], np.full_like(values, np.nan)
    own = values[-(past + RECENT) :]
    weeks = past // 7
    early = own[past - 7 * weeks : past].reshape(weeks, 7, many)
    middle = np.median(early, axis=1)
    i, j = np.triu_indices(weeks, 1)
    slope = np.median((middle[j] - middle[i]) / (j - i)[:, None], axis=0) / 7
    clock = np.arange(-past, RECENT)[:, None]
    flat = own - slope * clock
    place = (np.arange(-past, RECENT) % 7)[:, None]
    weekday = np.stack([np.median(flat[past - 7 * weeks : past][place[past - 7 * weeks : past, 0] == d], axis=0)
                        for d in range(7)])  # fmt: skip
    told = slope * clock + weekday[place[:, 0]]
    rest = own - told
    noise = np.minimum(long_run_scale(rest[:past]), 1.5 * rest[:past].std(axis=0))
    noise = np.maximum(noise, 1e-9)
    wander = np.median(rest[past - 7 * weeks : past].reshape(weeks, 7, many), axis=1).std(axis=0)
    found = []
    penalty = 3 * np.log(len(own))
    for k, points in enumerate(level_shifts(rest / noise, penalty, FEWEST)):
        if points and points[-1] >= past:
            since = points[-1]
            after = rest[since:, k]
            # The line's own error over four weeks is about a fifth of a week's scatter; what weekly medians (whose
            # variance is 1.57 / 7) wander beyond that does not average out, however long the shift lasts.
            wanders = max(wander[k] ** 2 - 1.57 / 7 * noise[k] ** 2, 0.0)
            error = np.sqrt(noise[k] ** 2 * (1.57 / len(after) + 1 / past + 0.04) + wanders)
            z = float(np.median(after) / error)
            chance = min(1.0, _LOOKS * 2 * float(student.sf(abs(z), weeks - 2)))
            if chance < p[k]:
                found.append(Shift(k, n - len(own) + since, z, chance))
    return found, np.concatenate([np.full((n - len(own), many), np.nan), told])
