"""The shape of a model card: what a model learnt from, how well it foretold what it had not seen, and its limits."""

from __future__ import annotations

from dataclasses import dataclass


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
class Group:
    """How a model treats one group of people: how many, mean forecast and mean of what came.

    ``gap`` is forecast - actual and ``low`` to ``high`` its 95 % interval: a group
    whose interval leaves out 0 is foretold too high or too low.
    """

    by: str
    group: str
    n: int
    forecast: float
    actual: float
    gap: float
    low: float
    high: float


@dataclass(frozen=True)
class ModelCard:
    """What an owner should know before believing a model.

    ``parameters`` holds (name, estimate, standard error); ``metrics`` (name,
    value, low, high) of the held-out part; ``calibration`` bins of forecasts
    beside what came; ``groups`` the fairness by group; ``data`` the tables it
    learnt from; ``limits`` are codes such as ``too_few_customers``; the words
    are made where they are shown.
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
    metrics: tuple[tuple[str, float, float | None, float | None], ...] = ()
    calibration: tuple[Decile, ...] = ()
    groups: tuple[Group, ...] = ()
    data: str = ""
