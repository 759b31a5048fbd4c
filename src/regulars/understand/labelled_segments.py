"""Segments the owner has labelled on some customers, carried over to all by multinomial logistic regression."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from regulars.lake.frames import to_arrow
from regulars.tables.shares import wilson
from regulars.understand.robust_logs import RobustLogs
from regulars.understand.scaled_logit import ScaledLogit, log_loss_rows

Vector = NDArray[np.float64]


class LabelledSegments(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Learn the owner's labels from figures, and label everybody else with a probability and reasons.

    Figures are logged where skewed, robustly standardised (``RobustLogs``) and
    given to a multinomial logistic regression (``ScaledLogit``). Before that a
    part of the labelled customers, drawn from every label alike, is held out:
    ``accuracy_`` is the share of them named right, with its interval, beside
    ``guess_``, the share a guess of the largest label would get.

    Parameters
    ----------
    C : float
        Inverse of the ridge penalty; smaller is more cautious.
    hold_out : float
        Share of the labelled customers kept for the test.
    seed : int
        Same seed, same test.

    Attributes
    ----------
    classes_ : ndarray
    accuracy_, accuracy_low_, accuracy_high_, guess_, log_loss_ : float or None
        On customers held out; None with fewer than 10 of them.
    limits_ : tuple of str
        ``too_few_labels``, or ``no_better_than_guessing`` when the interval of
        the accuracy reaches down to the guess.

    Examples
    --------
    >>> figures = {"orders": [1, 2, 9, 10] * 20, "spent": [50, 90, 900, 999] * 20}
    >>> model = LabelledSegments().fit(figures, ["small", "small", "big", "big"] * 20)
    >>> model.predict({"orders": [8], "spent": [800]}).tolist(), model.accuracy_
    (['big'], 1.0)

    References
    ----------
    McFadden (1974), "Conditional logit analysis of qualitative choice behavior".
    """

    def __init__(self, *, C: float = 1.0, hold_out: float = 0.25, seed: int = 0) -> None:
        self.C = C
        self.hold_out = hold_out
        self.seed = seed

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Learn from labelled customers: a table of figures or a matrix, and a label each."""
        rows = _matrix(X)
        names = _names(X)
        if names is None:
            rows, y = validate_data(self, rows, y, dtype=np.float64)
        else:
            rows, y = validate_data(self, np.asarray(rows), np.asarray(y), dtype=np.float64)
            self.names_ = names
        check_classification_targets(y)
        self.classes_, at = np.unique(y, return_inverse=True)
        self.limits_: tuple[str, ...] = ()
        self.accuracy_: float | None = None
        self.accuracy_low_: float | None = None
        self.accuracy_high_: float | None = None
        self.guess_: float | None = None
        self.log_loss_: float | None = None
        held = self._held(at)
        if held.sum() >= 10 and len(self.classes_) > 1:
            self._test(rows, at, held)
        else:
            self.limits_ = ("too_few_labels",)
        self.scaler_, self.logit_ = self._learn(rows, at)
        return self

    def predict_proba(self, X: Any) -> Vector:
        """The probability of every label, columns in the order of ``classes_``."""
        check_is_fitted(self, "logit_")
        return np.asarray(self.logit_.predict_proba(self.scaler_.transform(self._rows(X))))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable label of every customer."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def reasons(self, X: Any, most: int = 2) -> list[tuple[tuple[str, float], ...]]:
        """The figures that speak most for each customer's label, with their terms of the linear score."""
        best = self.predict_proba(X).argmax(axis=1)
        terms = self.logit_.terms(self.scaler_.transform(self._rows(X)), best)
        names = getattr(self, "names_", None) or [f"x{j}" for j in range(terms.shape[1])]
        order = np.argsort(-terms, axis=1, kind="stable")[:, :most]
        return [
            tuple((names[j], float(row[j])) for j in top if row[j] > 0) for row, top in zip(terms, order, strict=True)
        ]

    def _rows(self, X: Any) -> Vector:
        names = getattr(self, "names_", None)
        if names is not None and _names(X) is not None:
            table = to_arrow(X)
            if missing := [n for n in names if n not in table.column_names]:
                raise KeyError(f"the labels were learnt from {', '.join(names)}; missing: {', '.join(missing)}")
            X = table.select(names)
        return np.asarray(validate_data(self, _matrix(X), dtype=np.float64, reset=False))

    def _learn(self, rows: Vector, at: NDArray[np.int64]) -> tuple[RobustLogs, ScaledLogit]:
        scaler = RobustLogs().fit(rows)
        return scaler, ScaledLogit(C=self.C).fit(scaler.transform(rows), at)

    def _held(self, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """From every label the same share, drawn; a label of one customer is never held out."""
        rng = np.random.default_rng(self.seed)
        held = np.zeros(len(at), dtype=np.bool_)
        for c in range(len(self.classes_)):
            rows = rng.permutation(np.flatnonzero(at == c))
            held[rows[: int(self.hold_out * len(rows))]] = True
        return held

    def _test(self, rows: Vector, at: NDArray[np.int64], held: NDArray[np.bool_]) -> None:
        scaler, logit = self._learn(rows[~held], at[~held])
        said = logit.predict_proba(scaler.transform(rows[held]))
        right, n = int((said.argmax(axis=1) == at[held]).sum()), int(held.sum())
        self.accuracy_ = right / n
        low, high = (float(v) for v in wilson(right, n))
        guess = float(np.bincount(at[~held]).max() / (~held).sum())
        self.accuracy_low_, self.accuracy_high_, self.guess_ = low, high, guess
        self.log_loss_ = float(log_loss_rows(said, at[held]).mean())
        if low <= guess:
            self.limits_ = ("no_better_than_guessing",)


def _names(X: Any) -> list[str] | None:
    """The columns of a table of figures; None for a matrix."""
    if isinstance(X, dict) and not hasattr(X, "tocsr"):
        return [str(n) for n in X]
    if hasattr(X, "column_names"):
        return [str(n) for n in X.column_names]
    if hasattr(X, "to_pyarrow") or (hasattr(X, "columns") and all(isinstance(n, str) for n in X.columns)):
        return [str(n) for n in X.columns]
    return None


def _matrix(X: Any) -> Any:
    names = _names(X)
    if names is None:
        return X
    table = to_arrow(X)
    return np.stack([np.asarray(table.column(n).to_numpy(), dtype=np.float64) for n in names], axis=1)
