"""Model cards: what a model learnt from, how well it foretold what it had not seen, and its limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

MBG_NBD, BG_NBD = "mbg_nbd", "bg_nbd"


@dataclass(frozen=True)
class Decile:
    """A tenth of the customers, by forecast: what was foretold and what came, both per customer."""

    customers: int
    forecast: float
    actual: float


@dataclass(frozen=True)
class Holdout:
    """A forecast of days the model had not seen, next to what came.

    ``bias`` is total forecast / total actual - 1; ``mae`` the mean absolute error
    per customer; ``naive_mae`` that of "everybody goes on at the pace of the past",
    the forecast to beat.
    """

    days: int
    customers: int
    forecast: float
    actual: float
    bias: float
    mae: float
    naive_mae: float
    deciles: tuple[Decile, ...]


@dataclass(frozen=True)
class ModelCard:
    """What an owner should know before believing a model.

    ``parameters`` holds (name, estimate, standard error); ``limits`` are codes
    such as ``too_few_customers``; the words are made where they are shown.
    """

    model: str
    version: str
    trained_from: str | None
    trained_to: str | None
    n: int
    features: tuple[str, ...]
    parameters: tuple[tuple[str, float, float | None], ...]
    holdout: Holdout | None
    limits: tuple[str, ...]


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
