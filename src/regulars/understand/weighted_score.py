"""One number from 0 to 100 by the owner's own weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.base import BaseEstimator

from regulars.lake.frames import to_arrow

Vector = NDArray[np.float64]
DEFAULT = {"days_since_last": -1.0, "orders": 1.0, "spent": 1.0}


class WeightedScore(BaseEstimator):  # type: ignore[misc]
    r"""Rank customers by what the owner finds important.

    .. math::
        score = 100\,\frac{\sum_j |w_j|\,F_j}{\sum_j |w_j|}

    F_j is the share of customers who do no better in figure j (ties count half),
    so no figure's unit or outliers matter. A negative weight says "less is
    better". 50 is the customer in the middle of everything.

    Parameters
    ----------
    weights : mapping of column name to weight, or None
        None weighs recency, orders and money alike.

    Examples
    --------
    >>> from regulars.understand import WeightedScore
    >>> WeightedScore(weights={"spent": 2, "days_since_last": -1}).score_customers(
    ...     {"spent": [10, 20, 30, 40], "days_since_last": [1, 2, 3, 4]}).round(1).tolist()
    [37.5, 45.8, 54.2, 62.5]
    """

    def __init__(self, *, weights: Mapping[str, float] | None = None) -> None:
        self.weights = weights

    def score_customers(self, figures: Any) -> Vector:
        """The score of every row of a table that has the weighted columns; a missing value counts as the middle."""
        table = to_arrow(figures)
        weights = dict(DEFAULT if self.weights is None else self.weights)
        total = sum(abs(w) for w in weights.values())
        if not weights or not total > 0:
            raise ValueError("at least one weight must differ from zero")
        if missing := [name for name in weights if name not in table.column_names]:
            raise KeyError(f"no column {', '.join(missing)} to weigh; there are {', '.join(table.column_names)}")
        score = np.zeros(table.num_rows)
        for name, weight in weights.items():
            values = np.asarray(table.column(name).to_numpy(), dtype=np.float64) * np.sign(weight)
            known = np.isfinite(values)
            share = np.full(len(values), 0.5)
            if known.any():
                share[known] = (rankdata(values[known]) - 0.5) / known.sum()
            score += abs(weight) * share
        return score * (100.0 / total)
