"""How long customers stay in a state, when some have not left it yet: Kaplan-Meier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Staying:
    """The share still there after each time, with its interval; the median is None where half have not left yet."""

    times: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n: int
    left: int
    median: float | None
    median_low: float | None
    median_high: float | None


def kaplan_meier(durations: ArrayLike, left: ArrayLike, level: float = 0.9) -> Staying:
    r"""The product-limit estimate of staying.

    .. math:: S(t) = \prod_{t_i \le t} \Big(1 - \frac{d_i}{n_i}\Big)

    with :math:`n_i` still there just before and :math:`d_i` leaving at
    :math:`t_i`. ``left`` is False for whoever is still there (censored): they
    count until then. Intervals are Greenwood's on the log-log scale; the
    median's are where these cross one half (Brookmeyer and Crowley 1982).

    The remission times of Gehan (1965), group 6-MP:

    >>> weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    >>> ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    >>> found = kaplan_meier(weeks, ended)
    >>> [round(s, 3) for s in found.share], found.median
    ([0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448], 23.0)
    """
    t, ended = np.asarray(durations, dtype=np.float64), np.asarray(left, dtype=bool)
    if t.shape != ended.shape:
        raise ValueError(f"{t.size} durations do not fit {ended.size} marks of leaving")
    if t.size and (not np.all(np.isfinite(t)) or t.min() < 0):
        raise ValueError("durations are numbers of 0 or more")
    times, d = np.unique(t[ended], return_counts=True)
    there = t.size - np.searchsorted(np.sort(t), times, side="left")
    share = np.cumprod(1.0 - d / there) if times.size else np.empty(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(d / (there * (there - d)))
        wide = float(ndtri(0.5 + level / 2.0)) * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = share ** np.exp(wide), share ** np.exp(-wide)
    gone = share <= 0
    low, high = np.where(gone, 0.0, np.nan_to_num(low)), np.where(gone, 0.0, np.nan_to_num(high))

    def half(curve: NDArray[Any]) -> float | None:
        under = np.flatnonzero(curve <= 0.5 + 1e-12)
        return float(times[under[0]]) if under.size else None

    curves = [tuple(float(v) for v in c) for c in (times, share, low, high)]
    return Staying(
        curves[0], curves[1], curves[2], curves[3], int(t.size), int(ended.sum()), half(share), half(low), half(high)
    )


def spells(codes: NDArray[np.int8], fresh: NDArray[np.bool_]) -> tuple[NDArray[np.int8], Vector, NDArray[np.bool_]]:
    """Stays whose beginning was seen: state, points in time spent there, and whether it was left.

    ``codes`` has one row per customer and one column per month end, -1 before
    the first purchase; ``fresh`` marks the customers whose first purchase came
    in the first month shown. A stay that had begun before the table begins is
    left out: its length is not known.
    """
    n, m = codes.shape
    if m == 0 or n == 0:
        return np.empty(0, np.int8), np.empty(0), np.empty(0, np.bool_)
    begins = np.empty((n, m), dtype=bool)
    begins[:, 0] = codes[:, 0] >= 0
    begins[:, 1:] = (codes[:, 1:] >= 0) & (codes[:, 1:] != codes[:, :-1])
    place = np.flatnonzero(begins.ravel())
    row, column = np.divmod(place, m)
    follows = np.append(row[1:] == row[:-1], False)
    until = np.where(follows, np.append(column[1:], 0), m)
    seen = (column > 0) | fresh[row]
    return codes.ravel()[place][seen], (until - column)[seen].astype(np.float64), follows[seen]
