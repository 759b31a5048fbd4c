"""Word of mouth over time and between groups: what each month's people bring, and whether being brought matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulars.understand.viral import rate, viral

Vector = NDArray[np.float64]
HORIZON: Final = 180.0
WINDOW: Final = 90.0
MONTHS: Final = 18
Z90: Final = 1.6448536269514722


@dataclass(frozen=True)
class Month:
    """Those who joined in a month and whom they brought within 90 days; ``complete`` when all had their 90 days."""

    month: str
    joined: int
    brought: int
    value: float
    low: float
    high: float
    complete: bool


@dataclass(frozen=True)
class Compared:
    """Something of people who were brought beside the same of all others, each with its interval."""

    brought: float
    brought_low: float
    brought_high: float
    others: float
    others_low: float
    others_high: float
    code: str


def months(joined: Vector, host: NDArray[np.int64], brought: Vector, now: float) -> tuple[Month, ...]:
    """The newest eighteen months of joining; days since 1970."""
    within = brought - joined[host] <= WINDOW
    counts = np.bincount(host[within], minlength=len(joined))
    month = np.floor(joined).astype("datetime64[D]").astype("datetime64[M]")
    out = []
    for one in np.unique(month)[-MONTHS:]:
        own = month == one
        value, low, high = rate(counts[own])
        whole = bool(joined[own].max() + WINDOW <= now)
        out.append(Month(str(one), int(own.sum()), int(counts[own].sum()), value, low, high, whole))
    return tuple(out)


def again(
    joined: Vector, host: NDArray[np.int64], brought: Vector, referred: NDArray[np.bool_], now: float
) -> Compared:
    """Do people who were brought bring others more often?"""
    both = []
    for group in (referred, ~referred):
        place = np.cumsum(group) - 1
        own = group[host]
        both.append(viral(joined[group], place[host[own]], brought[own], now=now, horizon_days=HORIZON))
    a, b = both
    return compared((a.value, a.low, a.high), (b.value, b.low, b.high))


def worth(value: Vector, referred: NDArray[np.bool_]) -> Compared:
    """Are people who were brought worth more? Means with their intervals."""
    both = []
    for group in (value[referred], value[~referred]):
        mean = float(group.mean()) if group.size else 0.0
        half = Z90 * float(group.std(ddof=1)) / np.sqrt(group.size) if group.size > 1 else abs(mean)
        both.append((mean, mean - half, mean + half))
    return compared(*both)


def compared(a: tuple[float, float, float], b: tuple[float, float, float]) -> Compared:
    """Two estimates with intervals of the same sureness; they differ where the gap is beyond both spreads joined."""
    gap = a[0] - b[0]
    half = float(np.hypot((a[2] - a[1]) / 2, (b[2] - b[1]) / 2))
    code = "cannot_tell" if abs(gap) <= half else "brought_more" if gap > 0 else "brought_less"
    return Compared(*a, *b, code)
