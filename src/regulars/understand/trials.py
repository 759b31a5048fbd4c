"""Models compared on the same folds: each row is foretold by models that had not seen it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.model_selection import GroupKFold, StratifiedKFold

from regulars.understand.feature_matrix import FeatureMatrix
from regulars.understand.gains import auc_interval, brier_interval, calibration_error, calibration_noise
from regulars.understand.learners import BLEND, BOOSTING, EDGE, LOGISTIC, chance, learner

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
# Standard errors of a difference in log loss up to which two models are called equal.
DRAW = 2.0
Folds = Sequence[tuple[Ints, Ints]]


@dataclass(frozen=True)
class Trial:
    """How one model did on rows it had not seen, with 90 % intervals.

    ``log_loss`` decides; ``behind`` is how much worse it is than the best and ``behind_se``
    the standard error of that difference, row by row: less than two of those is a draw.
    ``calibration_noise`` is the calibration error that the truth itself would show.
    """

    model: str
    n: int
    auc: float
    auc_low: float
    auc_high: float
    brier: float
    brier_low: float
    brier_high: float
    log_loss: float
    behind: float
    behind_se: float
    calibration_error: float
    calibration_noise: float


def folds_of(y: Vector, folds: int, seed: int, groups: Any = None) -> Folds:
    """Rows to learn from and rows held out, each row held out once; a group is never torn."""
    if groups is None:
        split = StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y)
    else:
        split = GroupKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y, groups)
    return list(split)


def out_of_fold(names: Sequence[str], table: Any, y: Vector, folds: Folds, fresh: Callable[[], FeatureMatrix],
                seed: int = 0, C: float = 1.0) -> dict[str, Vector]:  # fmt: skip
    """The chance each model gives each row when it learnt from the other folds alone.

    The feature matrix (levels, medians, scales) is learnt again in every fold too.
    """
    told = {name: np.zeros(len(y)) for name in names}
    for learn, held in folds:
        matrix = fresh().fit(table.take(learn))
        X, Z = matrix.transform(table.take(learn)), matrix.transform(table.take(held))
        if len(np.unique(y[learn])) < 2:
            for name in names:
                told[name][held] = y[learn].mean()
            continue
        own: dict[str, Vector] = {}
        for name in (n for n in names if n != BLEND):
            own[name] = told[name][held] = chance(learner(name, seed, C).fit(X, y[learn]), Z)
        if BLEND in names:
            both = [own[n] if n in own else chance(learner(n, seed, C).fit(X, y[learn]), Z)
                    for n in (LOGISTIC, BOOSTING)]  # fmt: skip
            told[BLEND][held] = expit(np.mean([logit(np.clip(p, EDGE, 1 - EDGE)) for p in both], axis=0))
    return told


def judge(told: dict[str, Vector], y: Vector) -> tuple[Trial, ...]:
    """The models by log loss on held-out rows, the best first."""
    losses = {name: _loss(y, p) for name, p in told.items()}
    best = min(losses, key=lambda n: float(losses[n].mean()))
    trials = []
    for name, p in told.items():
        gap = losses[name] - losses[best]
        trials.append(
            Trial(name, len(y), *auc_interval(y, p), *brier_interval(y, p), float(losses[name].mean()),
                  float(gap.mean()), float(gap.std() / np.sqrt(max(len(gap), 1))), calibration_error(y, p),
                  calibration_noise(p))
        )  # fmt: skip
    return tuple(sorted(trials, key=lambda t: t.log_loss))


def _loss(y: Vector, p: Vector) -> Vector:
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)))
