"""Figures made comparable: skewed ones as logarithms, outliers pulled in, one unit of spread each."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

Vector = NDArray[np.float64]
# Of a normal distribution, one in 2,000 lies outside.
REACH = 3.5


class RobustLogs(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    r"""Standardise figures so that neither units nor a few whales decide who is alike.

    A figure that is never negative and skewed to the right (skewness above 1)
    is replaced by log(1 + x): "twice as much" is then the same step for small
    and large. Then

    .. math:: z = \frac{\mathrm{clip}(x, \tilde x \pm 3.5\,s) - \bar x}{sd}

    with the median and s = 1.4826 median absolute deviation (the standard
    deviation where most values are equal), so that an outlier stays outside
    without stretching the unit.

    Parameters
    ----------
    logs : "auto", True or False
        Which figures become logarithms: the skewed ones, all that are never negative, none.

    Attributes
    ----------
    logged_ : ndarray of bool
    low_, high_, mean_, scale_ : ndarray

    References
    ----------
    Huber and Ronchetti (2009), "Robust Statistics", chapter 5, for the scale.
    """

    def __init__(self, *, logs: str | bool = "auto") -> None:
        self.logs = logs

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn which figures to log, their limits and units."""
        X = validate_data(self, X, dtype=np.float64)
        positive = X.min(axis=0) >= 0
        self.logged_ = positive & (_skewness(X) > 1.0) if self.logs == "auto" else positive & bool(self.logs)
        values = self._logs(X)
        middle = np.median(values, axis=0)
        away = 1.4826 * np.median(np.abs(values - middle), axis=0)
        spread = np.where(away > 1e-12, away, values.std(axis=0))
        self.low_, self.high_ = middle - REACH * spread, middle + REACH * spread
        inside = np.clip(values, self.low_, self.high_)
        self.mean_, scale = inside.mean(axis=0), inside.std(axis=0)
        self.scale_ = np.where(scale > 1e-9, scale, 1.0)
        return self

    def transform(self, X: Any) -> Vector:
        """The standardised figures."""
        check_is_fitted(self, "scale_")
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray((np.clip(self._logs(X), self.low_, self.high_) - self.mean_) / self.scale_)

    def _logs(self, X: Vector) -> Vector:
        return np.where(self.logged_, np.log1p(np.maximum(X, 0.0)), X)


def _skewness(X: Vector) -> Vector:
    centred = X - X.mean(axis=0)
    spread = X.std(axis=0)
    return np.asarray((centred**3).mean(axis=0) / np.where(spread > 0, spread, 1.0) ** 3)
