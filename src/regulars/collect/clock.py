"""Wall-clock times into instants, and instants into the company's days."""

from __future__ import annotations

import numpy as np
import pandas as pd

_DAY = 86_400 * 1_000_000


def to_utc(wall: np.ndarray, sure: np.ndarray, file_zone: str, zone: str) -> tuple[np.ndarray, np.ndarray]:
    """Turn wall-clock microseconds into UTC, and into days since 1970 in the company's zone.

    >>> at, day = to_utc(np.array([0]), np.array([False]), "Asia/Shanghai", "Asia/Shanghai")
    >>> int(at[0]) // 3_600_000_000, int(day[0])
    (-8, 0)
    """
    at = wall.copy()
    if (~sure).any():
        local = pd.DatetimeIndex(wall[~sure].astype("datetime64[us]"))
        moved = local.tz_localize(file_zone, ambiguous=np.ones(len(local), bool), nonexistent="shift_forward")
        at[~sure] = moved.tz_convert("UTC").tz_localize(None).as_unit("us").asi8
    shown = pd.DatetimeIndex(at.astype("datetime64[us]")).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    days: np.ndarray = shown.as_unit("us").asi8 // _DAY
    return at, days
