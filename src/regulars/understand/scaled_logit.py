"""Multinomial logistic regression on standardised features, with the terms behind every answer."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Vector = NDArray[np.float64]


class ScaledLogit(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    r"""The chance of each class from a linear score per class.

    .. math:: P(c) = \frac{e^{z_c}}{\sum_d e^{z_d}}, \qquad z_c = b_c + \sum_j w_{cj}\,\frac{x_j - \bar x_j}{s_j}

    The features are standardised first: with money in cents beside shares
    between 0 and 1 the score would be so large that every chance is 0 or 1
    (see ``logit_probability``), and the penalty would not weigh them alike.

    Parameters
    ----------
    C : float
        Inverse of the ridge penalty on the standardised weights; large is none.
    max_iter : int
        Steps of L-BFGS.

    Attributes
    ----------
    classes_ : ndarray
    coef_ : ndarray of shape (classes, features)
        Weights of the standardised features; two classes have one row each, of opposite sign.
    intercept_, mean_, scale_ : ndarray

    Examples
    --------
    >>> model = ScaledLogit(C=1e6).fit([[1.0], [2.0], [3.0], [4.0]] * 5, ["a", "b", "a", "b"] * 5)
    >>> model.predict_proba([[2.5]]).round(2).tolist()
    [[0.5, 0.5]]

    References
    ----------
    McFadden (1974), "Conditional logit analysis"; Hastie, Tibshirani and
    Friedman (2009), section 4.4.
    """

    def __init__(self, *, C: float = 1.0, max_iter: int = 200) -> None:
        self.C = C
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows whose class is known."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        self.mean_, self.scale_ = X.mean(axis=0), X.std(axis=0)
        self.scale_ = np.where(self.scale_ < 1e-12 * (1.0 + np.abs(self.mean_)), 1.0, self.scale_)
        if len(self.classes_) == 1:
            self.coef_, self.intercept_, self.n_iter_ = np.zeros((1, X.shape[1])), np.zeros(1), 1
            return self
        # On one machine's cores the threads of BLAS wait for each other at this size.
        with threadpool_limits(limits=1):
            found = LogisticRegression(C=self.C, max_iter=self.max_iter, tol=1e-5).fit(self._scaled(X), y)
        self.n_iter_ = int(np.max(found.n_iter_))
        if len(self.classes_) == 2:
            half = found.coef_[0] / 2.0
            self.coef_ = np.stack([-half, half])
            self.intercept_ = np.array([-found.intercept_[0], found.intercept_[0]]) / 2.0
        else:
            self.coef_, self.intercept_ = found.coef_, found.intercept_
        return self

    def predict_proba(self, X: Any) -> Vector:
        """The chance of every class, columns in the order of ``classes_``; rows sum to 1."""
        check_is_fitted(self, "coef_")
        X = validate_data(self, X, dtype=np.float64, reset=False)
        z = self._scaled(X) @ self.coef_.T + self.intercept_
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        return np.asarray(z / z.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of every row."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def terms(self, X: Any, classes: NDArray[np.int64]) -> Vector:
        """What each feature adds to the score of one class per row, against the mean of the other classes.

        Shape (rows, features). Positive speaks for the class; a row at the
        mean of all features has only zeros.
        """
        check_is_fitted(self, "coef_")
        X = validate_data(self, X, dtype=np.float64, reset=False)
        k = len(self.classes_)
        against = self.coef_ if k == 1 else (self.coef_ - self.coef_.mean(axis=0)) * k / (k - 1)
        return np.asarray(self._scaled(X) * against[classes])

    def _scaled(self, X: Vector) -> Vector:
        return np.asarray((X - self.mean_) / self.scale_)


def log_loss_rows(chances: Vector, at: NDArray[np.int64]) -> Vector:
    """Minus the logarithm of the chance given to what came, row by row; 36 at most."""
    return np.asarray(-np.log(np.maximum(chances[np.arange(len(at)), at], 2.3e-16)))
