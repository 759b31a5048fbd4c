"""What a customer spends in the coming days if they buy at all."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow
from regulars.understand.feature_matrix import FeatureMatrix

Vector = NDArray[np.float64]
FEWEST = 20


class OrderValue(BaseEstimator):  # type: ignore[misc]
    r"""Money spent by those who buy: a line on the logarithm, brought back without bias.

    .. math:: E[m | x] = e^{x'b} \cdot \frac{\sum m_i}{\sum e^{x_i'b}}

    The factor makes the total right (Duan's smearing in its ratio form); no forecast exceeds the largest sum
    ever seen. With fewer than 20 buyers everybody gets the mean.

    Parameters
    ----------
    alpha : float
        How hard the line is drawn to flat.

    Examples
    --------
    >>> x = {"value_per_order": [10.0 * i for i in range(1, 41)]}
    >>> told = OrderValue(alpha=0.01).fit(x, [20.0 * i for i in range(1, 41)]).predict({"value_per_order": [200.0]})
    >>> bool(abs(told[0] - 400) < 80)
    True

    Source: Duan (1983), JASA 78, "Smearing estimate".
    """

    def __init__(self, *, alpha: float = 10.0) -> None:
        self.alpha = alpha

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Learn from those who bought (money above 0)."""
        money = np.asarray(y, dtype=np.float64)
        bought = np.flatnonzero(money > 0)
        self.most_ = float(money.max(initial=0.0))
        self.mean_ = float(money[bought].mean()) if bought.size else 0.0
        self.line_ = None
        if bought.size >= FEWEST:
            table = to_arrow(X).take(bought)
            self.matrix_ = FeatureMatrix().fit(table)
            Z = self.matrix_.transform(table)
            self.line_ = Ridge(alpha=self.alpha).fit(Z, np.log(money[bought]))
            self.factor_ = float(money[bought].sum() / np.exp(self.line_.predict(Z)).sum())
        return self

    def predict(self, X: Any) -> Vector:
        """Money of each if they buy."""
        check_is_fitted(self, "mean_")
        table = to_arrow(X)
        if self.line_ is None:
            return np.full(table.num_rows, self.mean_)
        told = np.exp(np.minimum(self.line_.predict(self.matrix_.transform(table)), 60.0)) * self.factor_
        return np.asarray(np.minimum(told, self.most_))
