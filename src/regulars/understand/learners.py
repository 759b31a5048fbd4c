"""The models that compete to foretell yes or no, behind one face: a chance, and what each feature added to it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

LOGISTIC, BOOSTING, FOREST, NEURAL, BLEND = "logistic", "boosting", "forest", "neural", "blend"
LEARNERS: Final = (LOGISTIC, BOOSTING, FOREST, NEURAL, BLEND)
# Further from 0 and 1 than this no margin is read: the odds of what was never seen are not infinite.
EDGE = 1e-6


def lightgbm_here() -> bool:
    """Whether the optional LightGBM (extra ``ml``) is installed."""
    return find_spec("lightgbm") is not None


def learner(name: str, seed: int = 0, C: float = 1.0) -> Any:
    """An unfitted model of this name; raises ``ValueError`` for a name that is none.

    ``boosting`` is LightGBM with 150 trees of depth 3 (shallow trees foretell
    leaving best: few rows a leaf, few interactions), each on 70 % of the rows and half of the
    features; without LightGBM scikit-learn's histogram boosting of the same size.
    """
    if name == BLEND:
        return Blend(seed=seed, C=C)
    if name == LOGISTIC:
        from sklearn.linear_model import LogisticRegression

        # Newton needs a handful of passes where lbfgs needs hundreds; without a penalty columns may be collinear.
        return LogisticRegression(C=C, max_iter=2000, solver="newton-cholesky" if C <= 1e3 else "lbfgs")
    if name == BOOSTING:
        return _boosting(seed)
    if name == FOREST:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(60, min_samples_leaf=15, max_features="sqrt", random_state=seed, n_jobs=1)
    if name == NEURAL:
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier((16,), alpha=0.1, batch_size=64, learning_rate_init=0.003, max_iter=25, random_state=seed,
                             early_stopping=True, n_iter_no_change=4)  # fmt: skip
    raise ValueError(f"no model is called {name!r}; there are {', '.join(LEARNERS)}")


def _boosting(seed: int) -> Any:
    if lightgbm_here():
        from lightgbm import LGBMClassifier

        return LGBMClassifier(
            max_depth=3, num_leaves=8, learning_rate=0.05, n_estimators=150, min_child_samples=40, reg_lambda=5.0,
            subsample=0.7, subsample_freq=1, colsample_bytree=0.5, random_state=seed, n_jobs=1, verbose=-1,
            deterministic=True, force_row_wise=True,
        )  # fmt: skip
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_depth=3, learning_rate=0.05, max_iter=150, min_samples_leaf=40, l2_regularization=5.0, random_state=seed,
        early_stopping=False,
    )  # fmt: skip


class Blend:
    """The mean of the margins of logistic regression and boosting: the one extrapolates, the other bends."""

    def __init__(self, *, seed: int = 0, C: float = 1.0) -> None:
        self.seed = seed
        self.C = C

    def fit(self, X: Matrix, y: Vector) -> Blend:
        """Fit both."""
        self.parts_ = [learner(name, self.seed, self.C).fit(X, y) for name in (LOGISTIC, BOOSTING)]
        return self

    def predict_proba(self, X: Matrix) -> Matrix:
        """The chance of no and of yes."""
        chance = 1.0 / (1.0 + np.exp(-np.mean([margin(m, X) for m in self.parts_], axis=0)))
        return np.stack([1.0 - chance, chance], axis=1)


def chance(model: Any, X: Matrix) -> Vector:
    """The chance of yes."""
    return np.asarray(model.predict_proba(X)[:, 1], dtype=np.float64)


def margin(model: Any, X: Matrix) -> Vector:
    """The log odds of yes."""
    return np.asarray(logit(np.clip(chance(model, X), EDGE, 1.0 - EDGE)))


def contributions(model: Any, X: Matrix) -> tuple[Matrix, float]:
    """What each feature adds to the log odds, and the log odds it adds to.

    A linear model: coefficient times distance from the mean (features are
    standardised, so the mean is 0). LightGBM: exact tree SHAP values. Both sum to the
    margin. Another model: the margin less the margin with that one feature at its mean;
    these need not sum.
    """
    if isinstance(model, Blend):
        parts = [contributions(m, X) for m in model.parts_]
        return np.mean([p for p, _base in parts], axis=0), float(np.mean([base for _p, base in parts]))
    if hasattr(model, "coef_"):
        return X * model.coef_[0], float(model.intercept_[0])
    if hasattr(model, "booster_"):
        shap = np.asarray(model.booster_.predict(X, pred_contrib=True))
        return shap[:, :-1], float(shap[0, -1]) if len(shap) else 0.0
    whole = margin(model, X)
    added = np.empty_like(X)
    for place in range(X.shape[1]):
        without = X.copy()
        without[:, place] = 0.0
        added[:, place] = whole - margin(model, without)
    return added, float(margin(model, np.zeros((1, X.shape[1])))[0])
