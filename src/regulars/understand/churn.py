"""Who is leaving: the chance that a customer has gone already."""

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
