"""Four ways to learn what a treatment changes, all linear ones from the same sums of the two arms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from regulars.understand.uplift_sums import ArmSums, Linear, ridge

Vector = NDArray[np.float64]
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class LinearEffect:
    """Uplift = x'coef, with the covariance of the coefficients."""

    coef: Vector
    covariance: Vector
    penalty: float

    def effect(self, X: Vector) -> tuple[Vector, Vector]:
        """Uplift of each row and its standard error."""
        spread = np.einsum("ij,jk,ik->i", X, self.covariance, X, optimize=True)
        return X @ self.coef, np.sqrt(np.maximum(spread, 0.0))


@dataclass(frozen=True)
class LogisticEffect:
    """Uplift = logistic(x'b1) - logistic(x'b0): a share stays between 0 and 1."""

    treated: Linear
    control: Linear

    def effect(self, X: Vector) -> tuple[Vector, Vector]:
        """Uplift of each row and its standard error by the delta method."""
        p1, p0 = expit(X @ self.treated.coef), expit(X @ self.control.coef)
        var = np.zeros(len(X))
        for p, part in ((p1, self.treated), (p0, self.control)):
            var += (p * (1 - p)) ** 2 * np.einsum("ij,jk,ik->i", X, part.covariance, X, optimize=True)
        return p1 - p0, np.sqrt(np.maximum(var, 0.0))


@dataclass(frozen=True)
class BoostedEffect:
    """Uplift as the mean of several models, each grown on people drawn with replacement."""

    models: tuple[Callable[[Vector], Vector], ...]

    def effect(self, X: Vector) -> tuple[Vector, Vector]:
        """Uplift of each row and the spread of the models' answers."""
        answers = np.stack([model(X[:, 1:]) for model in self.models])
        return answers.mean(axis=0), answers.std(axis=0, ddof=1)


def s_linear(treated: ArmSums, control: ArmSums, share: float, penalizer: float | None) -> LinearEffect:
    """One model: y = x'b + (T - e) x'd; the slopes of d are drawn towards a constant effect."""
    c1, c0 = 1.0 - share, -share
    G = treated.xx + control.xx
    cross, inner = c1 * treated.xx + c0 * control.xx, c1**2 * treated.xx + c0**2 * control.xx
    k = len(G)
    free = np.ones(2 * k, dtype=np.bool_)
    free[k + 1 :] = False
    xy = np.concatenate([treated.xy + control.xy, c1 * treated.xy + c0 * control.xy])
    people = treated.people + control.people
    fit = ridge(np.block([[G, cross], [cross, inner]]), xy, treated.yy + control.yy, people, free, penalizer)
    return LinearEffect(fit.coef[k:], fit.covariance[k:, k:], fit.penalty)


def t_linear(treated: ArmSums, control: ArmSums, share: float, penalizer: float | None) -> LinearEffect:
    """Two models, one per arm; uplift is the difference of their answers."""
    one, zero = arm_model(treated, penalizer), arm_model(control, penalizer)
    return LinearEffect(one.coef - zero.coef, one.covariance + zero.covariance, max(one.penalty, zero.penalty))


def x_linear(treated: ArmSums, control: ArmSums, share: float, penalizer: float | None) -> LinearEffect:
    """Fill in each person's missing outcome by the other arm's model, learn the difference, weigh both arms.

    D1 = y - x'b0 among the treated, D0 = x'b1 - y among the others; uplift = e x'd0 + (1 - e) x'd1.

    Source: Kuenzel, Sekhon, Bickel and Yu, PNAS 116 (2019) 4156-4165.
    """
    parts = []
    for own, other, sign in ((treated, control, 1.0), (control, treated, -1.0)):
        base = arm_model(other, penalizer)
        xy = sign * (own.xy - own.xx @ base.coef)
        yy = own.yy - 2.0 * float(base.coef @ own.xy) + float(base.coef @ own.xx @ base.coef)
        fit = ridge(own.xx, xy, yy, own.people, _slopes(own), penalizer)
        drag = np.linalg.solve(own.xx + np.diag(np.where(_slopes(own), 1e-9, fit.penalty)), own.xx)
        parts.append(LinearEffect(fit.coef, fit.covariance + drag @ base.covariance @ drag.T, fit.penalty))
    d1, d0 = parts
    return LinearEffect(
        share * d0.coef + (1 - share) * d1.coef,
        share**2 * d0.covariance + (1 - share) ** 2 * d1.covariance,
        max(d1.penalty, d0.penalty),
    )


def class_linear(treated: ArmSums, control: ArmSums, share: float, penalizer: float | None) -> LinearEffect:
    """Learn the transformed outcome z = y (T - e) / (e (1 - e)), whose mean is the uplift.

    Source: Jaskowski and Jaroszewicz, ICML 2012 workshop on clinical data analysis; Athey and Imbens,
    PNAS 113 (2016) 7353-7360.
    """
    w1, w0 = 1.0 / share, -1.0 / (1.0 - share)
    yy = w1**2 * treated.yy + w0**2 * control.yy
    people = treated.people + control.people
    xx = treated.xx + control.xx
    fit = ridge(xx, w1 * treated.xy + w0 * control.xy, yy, people, _slopes(treated), penalizer)
    return LinearEffect(fit.coef, fit.covariance, fit.penalty)


LINEAR = {"s": s_linear, "t": t_linear, "x": x_linear, "class": class_linear}


def _slopes(sums: ArmSums) -> NDArray[np.bool_]:
    """What is free of shrinking: the constant only."""
    free = np.zeros(len(sums.xx), dtype=np.bool_)
    free[0] = True
    return free


def arm_model(sums: ArmSums, penalizer: float | None = None) -> Linear:
    """What the people of one arm do, from its sums."""
    return ridge(sums.xx, sums.xy, sums.yy, sums.people, _slopes(sums), penalizer)


def logistic_arm(X: Vector, y: Vector, sums: ArmSums, weight: Vector | None, penalizer: float | None) -> Linear:
    """Penalised logistic regression of one arm by iteratively reweighted least squares.

    Each pass needs only sums over the people (gradient and Hessian), so it can run where the people are kept. The
    penalty comes from the linear model: a slope's variance there is (p (1 - p))^2 times the one on the logit scale.
    """
    start = arm_model(sums, penalizer)
    p = float(np.clip(sums.mean, 1e-4, 1 - 1e-4))
    pull = start.penalty * (p * (1 - p)) ** 2 / start.noise if penalizer is None else penalizer
    pulls = np.full(X.shape[1], max(pull, 1e-6))
    pulls[0] = 0.0
    w = np.ones(len(y)) if weight is None else weight
    coef = np.zeros(X.shape[1])
    coef[0] = np.log(p / (1 - p))
    for _ in range(25):
        chance = expit(X @ coef)
        hessian = (X * (w * chance * (1 - chance))[:, None]).T @ X + np.diag(pulls + 1e-9)
        step = np.linalg.solve(hessian, X.T @ (w * (y - chance)) - pulls * coef)
        longest = float(np.abs(step).max(initial=0.0))
        coef = coef + step * min(1.0, 3.0 / max(longest, 1e-12))
        if longest < 1e-8:
            break
    return Linear(coef, np.asarray(np.linalg.inv(hessian), dtype=np.float64), 1.0, pull)


def boosted(
    learner: str, X: Vector, treated: NDArray[np.bool_], y: Vector, share: Vector, seed: int, bags: int = 5
) -> BoostedEffect:
    """The same learners on shallow boosted trees (extra ``[ml]``): depth 3, rate .05, 100 trees.

    Raises ``ImportError`` with what to install when LightGBM is absent.
    """
    try:
        from lightgbm import LGBMRegressor
    except ImportError:
        raise ImportError("boosted trees need LightGBM: install regulars[ml], or use base='linear'") from None

    def grow(features: Vector, target: Vector) -> Callable[[Vector], Vector]:
        model = LGBMRegressor(
            n_estimators=100, max_depth=3, num_leaves=8, learning_rate=0.05, min_child_samples=50, verbose=-1,
            random_state=seed, n_jobs=1, deterministic=True, force_row_wise=True,
        )  # fmt: skip
        model.fit(features, target)
        return lambda rows: np.asarray(model.predict(rows), dtype=np.float64)

    rng = np.random.default_rng(seed)
    grown = []
    for _ in range(bags):
        pick = np.sort(rng.integers(0, len(y), len(y)))
        grown.append(_grown(learner, grow, X[pick, 1:], treated[pick], y[pick], share[pick]))
    return BoostedEffect(tuple(grown))


def _grown(
    learner: str, grow: Any, X: Vector, treated: NDArray[np.bool_], y: Vector, share: Vector
) -> Callable[[Vector], Vector]:
    if learner == "class":
        return grow(X, y * (treated - share) / (share * (1 - share)))  # type: ignore[no-any-return]
    if learner == "s":
        one = grow(np.column_stack([X, treated]), y)
        return lambda rows: one(np.column_stack([rows, np.ones(len(rows))])) - one(
            np.column_stack([rows, np.zeros(len(rows))])
        )  # fmt: skip
    with_it, without = grow(X[treated], y[treated]), grow(X[~treated], y[~treated])
    if learner == "t":
        return lambda rows: with_it(rows) - without(rows)
    d1 = grow(X[treated], y[treated] - without(X[treated]))
    d0 = grow(X[~treated], with_it(X[~treated]) - y[~treated])
    e = float(share.mean())
    return lambda rows: e * d0(rows) + (1 - e) * d1(rows)
