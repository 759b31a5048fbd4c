"""What makes customers buy more often or leave sooner: repeat buying with static covariates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr, ndtri
from scipy.stats import chi2
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow
from regulars.understand.covariate_design import Design
from regulars.understand.latent_attrition import LatentAttrition
from regulars.understand.newton import climb
from regulars.understand.pareto_nbd import ParetoNBD
from regulars.understand.rfm_columns import columns

Vector = NDArray[np.float64]
# Customers worked on at once: a Hessian of each stays in the processor's cache.
BLOCK = 4096


@dataclass(frozen=True)
class Effect:
    """One covariate's effect: ``factor`` multiplies the buying rate, or the pace of leaving, for one unit more."""

    on: str
    covariate: str
    coefficient: float
    standard_error: float
    p_value: float
    factor: float
    factor_low: float
    factor_high: float


@dataclass(frozen=True)
class LikelihoodRatio:
    """Whether the covariates together explain anything: twice the gain in log-likelihood against chi-squared."""

    statistic: float
    degrees: int
    p_value: float


class StaticCovariates(BaseEstimator):  # type: ignore[misc]
    r"""Repeat buying in which what you know of a customer moves how often it buys and how soon it leaves.

    .. math::
        \alpha_i = \alpha\, e^{-\gamma' z_i}, \qquad
        \beta_i = \beta\, e^{-\delta' z_i} \ (Pareto/NBD), \quad
        a_i = a\, e^{\delta' z_i},\ b_i = b\, e^{\epsilon' z_i} \ (BG/NBD, MBG/NBD)

    so that :math:`e^{\gamma}` is the factor on the buying rate and
    :math:`e^{\delta}` the factor on the rate of leaving (Pareto/NBD) or on the
    odds of leaving after a purchase (BG/NBD) for one unit more of z. All
    parameters are estimated together by Newton's method with exact gradient and
    Hessian. Without covariates it is the plain model.

    Covariates must be known when the customer first bought (channel, region,
    first basket), or the model explains the past by the past.

    Parameters
    ----------
    model : ParetoNBD, BetaGeo or ModifiedBetaGeo
        The model underneath; a ``ParetoNBD()`` when None. Its ``penalizer`` draws
        the parameters of a customer with z = 0 to a typical shop.
    purchase, leaving : sequence of str
        Columns that may move the buying rate, and the pace of leaving. Numbers
        and yes/no enter as they are; text becomes one 0/1 column per value
        against the most frequent one.
    staying : sequence of str
        For BG/NBD and MBG/NBD only: columns that may move b on its own.
    penalizer : float
        Ridge on the coefficients, in standard deviations of their columns:
        ``penalizer * sum(gamma^2)`` is taken off the log-likelihood.

    Attributes
    ----------
    model_ : LatentAttrition
        The fitted parameters of a customer with z = 0.
    plain_ : LatentAttrition
        The same model without covariates.
    effects_ : tuple of Effect
        Every coefficient with standard error, p-value and factor with 95 % limits.
    covariance_ : ndarray
        Of (ln of the four parameters, coefficients), from the observed information.
    likelihood_ratio_ : LikelihoodRatio
        Against ``plain_``.
    log_likelihood_, n_iter_, converged_, n_customers_
        As in the plain model.

    Examples
    --------
    >>> rfm = {"frequency": [0, 0, 2, 5, 1, 0, 9, 3], "recency": [0, 0, 20, 33, 9, 0, 35, 30],
    ...     "T": [38.0, 35, 30, 37, 36, 29, 38, 34], "app": [0, 0, 0, 1, 0, 1, 1, 0]}
    >>> fitted = StaticCovariates(model=ParetoNBD(penalizer=1), purchase=["app"], penalizer=0.1).fit(rfm)
    >>> [(e.on, e.covariate, e.factor > 1) for e in fitted.effects_]
    [('purchase', 'app', True)]

    References
    ----------
    Fader and Hardie (2007), "Incorporating time-invariant covariates into the
    Pareto/NBD and BG/NBD models", note 019.
    """

    def __init__(
        self,
        *,
        model: LatentAttrition | None = None,
        purchase: Sequence[str] = (),
        leaving: Sequence[str] = (),
        staying: Sequence[str] = (),
        penalizer: float = 0.0,
    ) -> None:
        self.model = model
        self.purchase = purchase
        self.leaving = leaving
        self.staying = staying
        self.penalizer = penalizer

    def fit(self, rfm: Any, y: None = None) -> Self:
        """Estimate from ``frequency, recency, T``, the covariates and, optionally, ``weights``.

        Raises ``KeyError`` for a missing column, ``ValueError`` for impossible
        values, a covariate that never varies, or covariates that say the same.
        """
        model = ParetoNBD() if self.model is None else self.model
        on = {"purchase": tuple(self.purchase), "leaving": tuple(self.leaving), "staying": tuple(self.staying)}
        if strange := [k for k, v in on.items() if v and k not in model.DRIVEN]:
            raise ValueError(f"{model.name} has no {strange[0]!r} to be moved by covariates")
        table = to_arrow(rfm)
        x, tx, T, weights = columns(table)
        self.design_ = Design.learn(table, {k: v for k, v in on.items() if v}, weights)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.plain_ = clone(model).fit(table)
        unit = float(np.average(T, weights=weights)) or 1.0
        times = np.array([unit if k in model.TIMES else 1.0 for k in model.PARAMETERS])
        drive = self._drive(self.design_.standard(table))
        typical = np.log(np.array(model.TYPICAL))
        weight = np.ones(len(x)) if weights is None else weights

        def objective(u: Vector) -> tuple[float, Vector, Vector]:
            value, g, h = self._sums(u, drive, x, tx / unit, T / unit, weight)
            pull = np.append(model.penalizer * np.ones(4), self.penalizer * np.ones(len(u) - 4))
            off = u - np.append(typical, np.zeros(len(u) - 4))
            return value - float(pull @ off**2), g - 2.0 * pull * off, h - 2.0 * np.diag(pull)

        begin = np.append(np.log(self.plain_.parameters_ / times), np.zeros(len(drive)))
        top = climb(objective, begin)
        self._keep(top.place, top.covariance, np.log(times))
        self.n_iter_, self.converged_, self.n_customers_ = top.n_iter, top.converged, float(weight.sum())
        value = self._sums(top.place, drive, x, tx / unit, T / unit, weight)[0]
        self.log_likelihood_ = self.model_.log_likelihood_ = value - float(x @ weight) * np.log(unit)
        gain = 2.0 * max(self.log_likelihood_ - self.plain_.log_likelihood_, 0.0)
        degrees = len(drive)
        self.likelihood_ratio_ = LikelihoodRatio(gain, degrees, float(chi2.sf(gain, degrees)) if degrees else 1.0)
        if not self.converged_:
            warnings.warn(
                "no interior maximum: these customers do not pin all effects down; use fewer covariates or penalizer=1",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def parameters_of(self, customers: Any) -> Vector:
        """The four parameters of each customer, shape (4, n), from its covariates."""
        check_is_fitted(self, "model_")
        z = self.design_.plain(to_arrow(customers))
        move = np.zeros((4, z.shape[1]))
        for (j, sign), row, gamma in zip(self._driven(), z, self.coefficients_, strict=True):
            move[j] += sign * gamma * row
        return np.asarray(self.model_.parameters_[:, None] * np.exp(move))

    def p_alive(self, customers: Any) -> Vector:
        """The probability that each customer has not left by age T."""
        x, tx, T, _ = columns(customers)
        return np.asarray(expit(-self.model_.log_odds_left(self.parameters_of(customers), x, tx, T)))

    def p_alive_interval(self, customers: Any, level: float = 0.9) -> tuple[Vector, Vector]:
        """Limits of P(alive) from the uncertainty of parameters and coefficients (delta method on its log-odds)."""
        x, tx, T, _ = columns(customers)
        p = self.parameters_of(customers)
        d = self.model_.log_odds_left(p, x, tx, T)
        wide = self._spread(self.model_.log_odds_slope(p, x, tx, T), customers, level)
        wide = np.where(np.isfinite(d), wide, 0.0)
        return np.asarray(expit(-d - wide)), np.asarray(expit(-d + wide))

    def conditional_expected_purchases(self, t: ArrayLike, customers: Any) -> Vector:
        """The mean number of purchases of each customer in the next t, given its past and covariates."""
        x, _, T, _ = columns(customers)
        mean = self.model_.mean_when_alive(self.parameters_of(customers), np.asarray(t, dtype=np.float64), x, T)
        return np.asarray(self.p_alive(customers) * mean)

    def conditional_expected_purchases_interval(
        self, t: ArrayLike, customers: Any, level: float = 0.9, individual: bool = False
    ) -> tuple[Vector, Vector]:
        """Limits of the expected purchases, or with ``individual`` of the number each customer will make."""
        x, tx, T, _ = columns(customers)
        p, when = self.parameters_of(customers), np.broadcast_to(np.asarray(t, dtype=np.float64), x.shape)
        if individual:
            tail = (1.0 - level) / 2.0
            low, high = (self.model_.count_quantile(p, when, x, tx, T, q) for q in (tail, 1.0 - tail))
            return low, high
        d = self.model_.log_odds_left(p, x, tx, T)
        bend = self.model_.log_mean_slope(p, when, x, T)
        slope = bend - expit(d) * self.model_.log_odds_slope(p, x, tx, T)
        when_alive = self.model_.mean_when_alive(p, when, x, T)
        wide, most = (np.minimum(self._spread(v, customers, level), 700.0) for v in (slope, bend))
        mean = expit(-d) * when_alive
        return np.asarray(mean * np.exp(-wide)), np.asarray(np.minimum(mean * np.exp(wide), when_alive * np.exp(most)))

    def dert(self, rate: float, customers: Any, horizon: float = np.inf) -> Vector:
        """Discounted expected residual transactions of each customer; see ``LatentAttrition.dert``."""
        x, _, T, _ = columns(customers)
        worth = self.model_.discounted_when_alive(self.parameters_of(customers), rate, horizon, x, T)
        return np.asarray(self.p_alive(customers) * worth)

    def _driven(self) -> list[tuple[int, float]]:
        model = ParetoNBD() if self.model is None else self.model
        pairs = [model.DRIVEN[on] for on, _ in self.design_.names]
        return [(model.PARAMETERS.index(name), sign) for name, sign in pairs]

    def _drive(self, z: Vector) -> list[tuple[int, Vector]]:
        return [(j, sign * row) for (j, sign), row in zip(self._driven(), z, strict=True)]

    def _sums(
        self, u: Vector, drive: list[tuple[int, Vector]], x: Vector, tx: Vector, T: Vector, weight: Vector
    ) -> tuple[float, Vector, Vector]:
        """Value, gradient and Hessian in (ln parameters, coefficients): the chain rule over ``rows``."""
        model = self.plain_
        of = np.array([0, 1, 2, 3, *(j for j, _ in drive)])
        value, g, h = 0.0, np.zeros(len(u)), np.zeros((len(u), len(u)))
        for begin in range(0, len(x), BLOCK):
            some = slice(begin, begin + BLOCK)
            n = len(x[some])
            factor = np.vstack([np.ones((4, n)), *(row[None, some] for _, row in drive)])
            logs = np.repeat(u[:4, None], n, axis=1)
            for gamma, (j, row) in zip(u[4:], drive, strict=True):
                logs[j] += gamma * row[some]
            each, slope, bend = model.rows(np.exp(np.clip(logs, -300.0, 300.0)), x[some], tx[some], T[some])
            value += float(each @ weight[some])
            g += (slope[of] * factor) @ weight[some]
            h += np.einsum("ijn,in,jn->ij", bend[np.ix_(of, of)], factor * weight[some], factor, optimize=True)
        return value, g, h

    def _keep(self, u: Vector, covariance: Vector, log_times: Vector) -> None:
        """Undo the standardising of covariates and the unit of time."""
        back = np.eye(len(u))
        for k, ((j, sign), mean, scale) in enumerate(
            zip(self._driven(), self.design_.mean, self.design_.scale, strict=True), start=4
        ):
            back[k, k] = 1.0 / scale
            back[j, k] = -sign * mean / scale
        plain = back @ u
        plain[:4] += log_times
        self.covariance_ = back @ covariance @ back.T
        self.coefficients_ = plain[4:]
        self.model_ = clone(self.plain_)
        parameters = np.exp(plain[:4])
        for name, value in zip(self.model_.PARAMETERS, parameters, strict=True):
            setattr(self.model_, f"{name}_", float(value))
        self.model_.covariance_ = self.covariance_[:4, :4] * np.outer(parameters, parameters)
        errors = np.sqrt(np.diag(self.covariance_))
        self.model_.standard_errors_ = dict(
            zip(self.model_.PARAMETERS, (errors[:4] * parameters).tolist(), strict=True)
        )
        self.effects_ = tuple(
            _effect(on, name, float(c), float(e))
            for (on, name), c, e in zip(self.design_.names, self.coefficients_, errors[4:], strict=True)
        )

    def _spread(self, slope: Vector, customers: Any, level: float) -> Vector:
        z = self.design_.plain(to_arrow(customers))
        rows = [sign * row * slope[j] for (j, sign), row in zip(self._driven(), z, strict=True)]
        whole = np.vstack([slope, *(r[None] for r in rows)])
        variance = np.einsum("in,ij,jn->n", whole, np.nan_to_num(self.covariance_), whole)
        return np.asarray(float(ndtri(0.5 + level / 2.0)) * np.sqrt(np.maximum(variance, 0.0)))


def _effect(on: str, name: str, coefficient: float, error: float) -> Effect:
    # "staying" moves b up, so its factor is on staying.
    p = float(2.0 * ndtr(-abs(coefficient / error))) if error > 0 else float("nan")
    low, high = np.exp(np.clip([coefficient - 1.96 * error, coefficient + 1.96 * error], -700, 700))
    return Effect(on, name, coefficient, error, p, float(np.exp(coefficient)), float(low), float(high))
