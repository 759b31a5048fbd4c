"""Who is leaving: the chance that a customer has gone, and the share of customers lost."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from regulars.understand.bgnbd import BetaGeo


def churn_probability(
    model: BetaGeo, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, level: float = 0.9
) -> tuple[Any, Any, Any]:
    """The chance that each customer has already left: 1 - P(alive), with the limits of its interval.

    Use a fitted ``ModifiedBetaGeo``: by ``BetaGeo`` a one-time buyer never leaves.
    """
    low, high = model.p_alive_interval(frequency, recency, T, level)
    return 1.0 - model.p_alive(frequency, recency, T), 1.0 - high, 1.0 - low


def churn_rate(lost: float, at_start: float) -> float:
    """The share of the customers at the start of a period who were lost in it.

    Customers won in the period belong in neither number.

    >>> churn_rate(100, 1000)
    0.1
    """
    if at_start <= 0 or not 0 <= lost <= at_start:
        raise ValueError(f"{lost} lost of {at_start} customers cannot be: 0 <= lost <= at start must hold")
    return lost / at_start
