"""Model cards: what a model learnt from, how well it foretold what it had not seen, and its limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.tables.cards import Decile, Group, Holdout, ModelCard

Vector = NDArray[np.float64]

MBG_NBD, BG_NBD = "mbg_nbd", "bg_nbd"
__all__ = ["BG_NBD", "MBG_NBD", "Decile", "Group", "Holdout", "ModelCard", "compare", "fairness"]


def fairness(by: str, group: ArrayLike, forecast: ArrayLike, actual: ArrayLike, least: int = 30) -> tuple[Group, ...]:
    """Forecast beside actual for each group of at least ``least`` people, largest first.

    The interval is the normal one of the mean difference, gap -/+ 1.96 s / sqrt(n).

    >>> [one] = fairness("language", ["zh"] * 40, [0.5] * 40, [1, 0] * 20)
    >>> one.n, one.gap, one.low < 0 < one.high
    (40, 0.0, True)
    """
    names, at = np.unique(np.asarray(group, dtype=str), return_inverse=True)
    said, came = np.asarray(forecast, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    found = []
    for i, name in enumerate(names.tolist()):
        rows = np.flatnonzero(at == i)
        if len(rows) < least:
            continue
        gaps = said[rows] - came[rows]
        half = 1.96 * float(gaps.std(ddof=1)) / len(rows) ** 0.5
        gap = float(gaps.mean())
        found.append(
            Group(by, name, len(rows), float(said[rows].mean()), float(came[rows].mean()), gap, gap - half, gap + half)
        )
    return tuple(sorted(found, key=lambda g: (-g.n, g.group)))


def compare(forecast: Vector, actual: Vector, naive: Vector, days: int) -> Holdout:
    """Lay a forecast per customer beside what came.

    >>> result = compare(np.array([1.0, 3.0]), np.array([1.0, 4.0]), np.array([0.0, 9.0]), days=30)
    >>> round(result.bias, 2), result.mae, result.naive_mae
    (-0.2, 0.5, 3.0)
    """
    order = np.argsort(-forecast, kind="stable")
    deciles = tuple(
        Decile(len(rows), float(forecast[rows].mean()), float(actual[rows].mean()))
        for rows in np.array_split(order, 10)
        if len(rows)
    )
    total, came = float(forecast.sum()), float(actual.sum())
    return Holdout(
        days=days,
        customers=len(forecast),
        forecast=total,
        actual=came,
        bias=total / came - 1.0 if came else float("nan"),
        mae=float(np.abs(forecast - actual).mean()),
        naive_mae=float(np.abs(naive - actual).mean()),
        deciles=deciles,
    )
