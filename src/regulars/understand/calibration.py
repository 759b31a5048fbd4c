"""Chances put right: bent only when that foretells better what was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.validation import check_is_fitted

Vector = NDArray[np.float64]
EDGE = 1e-6


class Calibration(BaseEstimator):  # type: ignore[misc]
    """Put chances right by what happened to people given the same chance.

    Three ways compete on the log loss of held-out folds: leave them (``none``),
    a line on the log odds (``platt``, two numbers), any rising step curve
    (``isotonic``). Bending is kept only when it beats leaving them by more than
    one standard error of the difference: bending to noise makes chances worse.

    Fit it on chances of people the model had not learnt from.

    Parameters
    ----------
    method : "auto", "none", "platt" or "isotonic"
        How; ``auto`` lets them compete.
    folds, seed : int
        Of the competition.

    Attributes
    ----------
    method_ : str
        The one kept.
    losses_ : dict
        Mean log loss of each on held-out folds (``auto`` only).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(4000)
    >>> too_sure = expit(3 * logit(np.clip(p, 1e-6, 1 - 1e-6)))
    >>> fixed = Calibration().fit(too_sure, rng.random(4000) < p)
    >>> fixed.method_ != "none", abs(float(fixed.predict([0.97])[0]) - 0.76) < 0.05
    (True, True)

    Source: Platt (1999); Zadrozny and Elkan (2002), KDD.
    """

    def __init__(self, *, method: str = "auto", folds: int = 5, seed: int = 0) -> None:
        self.method = method
        self.folds = folds
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from chances and outcomes."""
        p, came = np.asarray(X, dtype=np.float64).ravel(), np.asarray(y, dtype=np.float64).ravel()
        if self.method not in ("auto", "none", "platt", "isotonic"):
            raise ValueError(f"method {self.method!r}: choose auto, none, platt or isotonic")
        self.losses_: dict[str, float] = {}
        self.method_ = self._chosen(p, came) if self.method == "auto" else self.method
        self.map_ = _map(self.method_, p, came)
        return self

    def predict(self, X: ArrayLike) -> Vector:
        """Chances put right."""
        check_is_fitted(self, "method_")
        return _applied(self.map_, np.asarray(X, dtype=np.float64))

    def _chosen(self, p: Vector, y: Vector) -> str:
        if min(y.sum(), (1 - y).sum()) < 10 * self.folds:
            return "none"
        losses = {m: np.empty(len(p)) for m in ("none", "platt", "isotonic")}
        for learn, held in StratifiedKFold(self.folds, shuffle=True, random_state=self.seed).split(p, y):
            for method, loss in losses.items():
                told = np.clip(_applied(_map(method, p[learn], y[learn]), p[held]), 1e-4, 1 - 1e-4)
                loss[held] = -(y[held] * np.log(told) + (1 - y[held]) * np.log1p(-told))
        self.losses_ = {m: float(v.mean()) for m, v in losses.items()}
        best = min(("platt", "isotonic"), key=lambda m: self.losses_[m])
        better = losses["none"] - losses[best]
        return best if better.mean() > better.std() / np.sqrt(len(p)) else "none"


def cross_fitted(calibration: Calibration, told: Vector, came: Vector, folds: Sequence[tuple[Any, Any]]) -> Vector:
    """Chances bent by a curve learnt on the other folds, so that what is judged was not seen."""
    if calibration.method_ == "none":
        return told
    bent = told.copy()
    for learn, held in folds:
        bent[held] = Calibration(method=calibration.method_).fit(told[learn], came[learn]).predict(told[held])
    return bent


def _map(method: str, p: Vector, y: Vector) -> Any:
    if method == "none" or len(np.unique(y)) < 2:
        return None
    if method == "isotonic":
        return IsotonicRegression(out_of_bounds="clip").fit(p, y)
    return LogisticRegression(C=1e6).fit(_odds(p), y)


def _applied(model: Any, p: Vector) -> Vector:
    if model is None:
        return p
    if isinstance(model, IsotonicRegression):
        return np.asarray(np.clip(model.predict(p), EDGE, 1 - EDGE))
    return np.asarray(expit(model.decision_function(_odds(p))))


def _odds(p: Vector) -> NDArray[np.float64]:
    return np.asarray(logit(np.clip(p, EDGE, 1 - EDGE)))[:, None]
