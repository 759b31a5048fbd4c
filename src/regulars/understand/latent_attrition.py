"""What every model of repeat buying without a contract can do once it is fitted."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtri
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from regulars.understand.distinct_rows import distinct_rows
from regulars.understand.newton import Maximum, Sums, best_of, in_logs, maximise
from regulars.understand.rfm_columns import columns

Vector = NDArray[np.float64]


class LatentAttrition(BaseEstimator):  # type: ignore[misc]
    """Customers who buy at their own rate until they leave unseen: fitting, forecasts and intervals.

    A model adds its likelihood (``_sums``), the log-odds of having left, the
    mean purchases of who is still there, and how to draw them. ``BetaGeo``,
    ``ModifiedBetaGeo`` and ``ParetoNBD`` are such models; wherever one of them
    fits, all do.

    Parameters
    ----------
    penalizer : float
        Draws the parameters to a typical shop; 0 is maximum likelihood.
    """

    name: ClassVar[str]
    PARAMETERS: ClassVar[tuple[str, ...]]
    # A typical shop, and where to begin, with the mean age as the unit of time.
    TYPICAL: ClassVar[tuple[float, ...]]
    # Parameters that are times: they change with the unit.
    TIMES: ClassVar[tuple[str, ...]]
    # What a covariate may drive, by an owner's word: the parameter it multiplies and the sign in the exponent.
    DRIVEN: ClassVar[dict[str, tuple[str, float]]]
    alpha_: float

    def __init__(self, *, penalizer: float = 0.0) -> None:
        self.penalizer = penalizer

    def fit(self, rfm: Any, y: None = None) -> Self:
        """Estimate from columns ``frequency, recency, T`` and, optionally, ``weights`` (customers per row).

        Raises ``KeyError`` for a missing column, ``ValueError`` for impossible
        values or when nobody ever bought again.
        """
        x, tx, T, weights = columns(rfm)
        n = float(len(x) if weights is None else weights.sum())
        if not np.any(x > 0) and self.penalizer <= 0:
            raise ValueError("nobody bought a second time yet: repeat buying cannot be estimated")
        unit = float(np.average(T, weights=weights)) or 1.0
        T, tx = T / unit, tx / unit
        rate = max(float(np.average(x, weights=weights)), 0.5 / n)
        climbs = (self._climb(np.array(start), x, tx, T, weights) for start in self._starts(rate))
        best = best_of(climbs)
        back = np.array([unit if k in self.TIMES else 1.0 for k in self.PARAMETERS])
        for name, value in zip(self.PARAMETERS, best.parameters * back, strict=True):
            setattr(self, f"{name}_", float(value))
        self.covariance_ = best.covariance * np.outer(back, back)
        self.standard_errors_ = dict(zip(self.PARAMETERS, np.sqrt(np.diag(self.covariance_)).tolist(), strict=True))
        # (alpha + T)^(r + x) alpha^-r leaves alpha^-x behind when time is rescaled.
        self.log_likelihood_ = best.log_likelihood - float(np.sum(x if weights is None else x * weights)) * np.log(unit)
        self.n_iter_, self.converged_, self.n_customers_ = best.n_iter, best.converged, n
        if not self.converged_:
            warnings.warn(
                "no interior maximum: these customers do not pin the parameters down; use more history or penalizer=1",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _climb(self, begin: Vector, x: Vector, tx: Vector, T: Vector, weights: Vector | None) -> Maximum:
        """Up from one start; of many customers a part shows the way first."""
        typical = np.array(self.TYPICAL)
        if len(x) > 20_000:
            few = np.arange(0, len(x), len(x) // 5_000)
            part = self._sums(x[few], tx[few], T[few], None if weights is None else weights[few])
            begin = maximise(part, begin, penalizer=self.penalizer, centre=typical, tol=1e-8).parameters
        return maximise(self._sums(x, tx, T, weights), begin, penalizer=self.penalizer, centre=typical)

    @property
    def parameters_(self) -> Vector:
        """The estimates, in the order of ``PARAMETERS``."""
        check_is_fitted(self, "alpha_")
        return np.array([getattr(self, f"{k}_") for k in self.PARAMETERS])

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Any:
        """The probability that a customer has not left by age T."""
        x, tx, age = broadcast(frequency, recency, T)
        return expit(-self.log_odds_left(self.parameters_, x, tx, age))

    def p_alive_interval(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, level: float = 0.9
    ) -> tuple[Any, Any]:
        """Limits of P(alive) from the uncertainty of the parameters: delta method on its log-odds."""
        x, tx, age = broadcast(frequency, recency, T)
        d = self.log_odds_left(self.parameters_, x, tx, age)
        slope = self.log_odds_slope(self.parameters_, x, tx, age)
        wide = float(ndtri(0.5 + level / 2.0)) * _spread(slope, self._log_covariance())
        wide = np.where(np.isfinite(d), wide, 0.0)
        return expit(-d - wide), expit(-d + wide)

    def expected_purchases(self, t: ArrayLike) -> Any:
        """The mean number of repeat purchases of a new customer up to age t."""
        return self._expected_new(self.parameters_, np.asarray(t, dtype=np.float64))

    def conditional_expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> Any:
        """The mean number of purchases in the next t, given the past: P(alive) times the mean when alive."""
        horizon, x, tx, age = broadcast(t, frequency, recency, T)
        alive = expit(-self.log_odds_left(self.parameters_, x, tx, age))
        return np.asarray(alive * self._mean_by_cell(self.parameters_, horizon, x, age))

    def conditional_expected_purchases_interval(
        self,
        t: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        level: float = 0.9,
        individual: bool = False,
    ) -> tuple[Any, Any]:
        """Limits of the expected purchases, or with ``individual`` of the number one customer will make.

        The first come from the uncertainty of the parameters (delta method on
        the logarithm). The second are exact quantiles at the estimates, from
        ``P(N >= k) = P(alive) P(N >= k | alive)``.
        """
        horizon, x, tx, age = broadcast(t, frequency, recency, T)
        tail = (1.0 - level) / 2.0
        if individual:
            low, high = (self.count_quantile(self.parameters_, horizon, x, tx, age, q) for q in (tail, 1 - tail))
            return low, high
        p = self.parameters_
        bend = self.log_mean_slope(p, horizon, x, age)
        d = self.log_odds_left(p, x, tx, age)
        slope = bend - expit(d) * self.log_odds_slope(p, x, tx, age)
        z, covariance = float(ndtri(0.5 + level / 2.0)), self._log_covariance()
        wide = np.minimum(z * _spread(slope, covariance), 700.0)
        when_alive = self._mean_by_cell(p, horizon, x, age)
        mean = expit(-d) * when_alive
        # Nobody is more than alive, however little is known about it.
        most = when_alive * np.exp(np.minimum(z * _spread(bend, covariance), 700.0))
        return mean * np.exp(-wide), np.minimum(mean * np.exp(wide), most)

    def dert(self, rate: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, horizon: float = np.inf) -> Any:
        r"""Discounted expected residual transactions: all purchases still to come, in purchases of today.

        .. math:: DERT = P(alive) \int_0^{horizon} e^{-\delta t}\, \frac{d}{dt} E[N(t) | alive]\, dt

        ``rate`` is the continuous discount rate per unit of ``T``: 15 % a year
        with T in weeks is ``np.log(1.15) / 52``. Times margin and value per
        purchase it is the residual lifetime value.

        Raises ``ValueError`` for a negative rate, or an endless horizon without discount.
        """
        x, tx, age = broadcast(frequency, recency, T)
        cells, at = distinct_rows(x.ravel(), age.ravel())
        worth = self.discounted_when_alive(self.parameters_, rate, horizon, *cells)[at].reshape(x.shape)
        return np.asarray(expit(-self.log_odds_left(self.parameters_, x, tx, age)) * worth)

    def draw_parameters(self, n: int, rng: np.random.Generator) -> Vector:
        """Draws of the parameters, shape (n, 4), normal in the logarithms around the estimates."""
        covariance = self._log_covariance()
        if not np.all(np.isfinite(covariance)):
            return np.tile(self.parameters_, (n, 1))
        values, axes = np.linalg.eigh(covariance)
        # Beyond two standard deviations of a wild direction exp() would leave every plausible parameter behind.
        root = axes * np.sqrt(np.clip(values, 0.0, 1.0))
        return np.asarray(self.parameters_ * np.exp(rng.standard_normal((n, len(root))) @ root.T))

    def discounted_when_alive(self, p: Vector, rate: float, horizon: float, x: Vector, T: Vector) -> Vector:
        """The discounted purchases still to come of customers (n,) known to be alive; see ``dert``."""
        if rate < 0 or horizon <= 0:
            raise ValueError("rate must not be negative and horizon must be above 0")
        if rate == 0 and not np.isfinite(horizon):
            raise ValueError("without a discount, purchases of an endless future have no sum: give a rate or a horizon")
        return self._discounted(p, rate, horizon, x, T)

    def count_quantile(self, p: Vector, t: Vector, x: Vector, tx: Vector, T: Vector, q: float) -> Vector:
        """The smallest n with P(N <= n) >= q, at parameters p, by bisection over n."""
        shape, alive = np.shape(t), expit(-self.log_odds_left(p, x, tx, T)).ravel()
        t, x, T = (np.ravel(v) for v in (t, x, T))
        low, high = np.full(alive.shape, -1.0), np.full(alive.shape, 1.0)

        def more_than(n: Vector, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
            here = p[:, rows] if p.ndim > 1 else p
            return np.asarray(alive[rows] * self._at_least(n + 1.0, t[rows], x[rows], T[rows], here) > 1.0 - q)

        rows = np.flatnonzero(alive > 1.0 - q)
        high[alive <= 1.0 - q] = 0.0
        while rows.size:
            rows = rows[more_than(high[rows], rows)]
            low[rows], high[rows] = high[rows], high[rows] * 2.0
        while (rows := np.flatnonzero(high - low > 1.0)).size:
            middle = np.floor((low[rows] + high[rows]) / 2.0)
            short = more_than(middle, rows)
            low[rows], high[rows] = np.where(short, middle, low[rows]), np.where(short, high[rows], middle)
        return high.reshape(shape)

    def log_mean_slope(self, p: Vector, t: Vector, x: Vector, T: Vector) -> Vector:
        """Derivative of ln ``mean_when_alive`` in the logarithms of the parameters (axis 0), by central differences."""
        t, x, T = np.broadcast_arrays(t, x, T)
        if p.ndim > 1:
            return self._log_mean_slope(p, t, x, T)
        cells, at = distinct_rows(*(v.ravel() for v in (t, x, T)))
        return self._log_mean_slope(p, *cells)[:, at].reshape(len(p), *t.shape)

    def _log_mean_slope(self, p: Vector, t: Vector, x: Vector, T: Vector) -> Vector:
        slope = []
        for i in range(len(p)):
            step = np.ones((len(p),) + (1,) * (p.ndim - 1))
            step[i] = np.exp(1e-4)
            up, down = (self.mean_when_alive(q, t, x, T) for q in (p * step, p / step))
            slope.append(np.log(np.maximum(up, 1e-300) / np.maximum(down, 1e-300)) / 2e-4)
        return np.stack(slope)

    @abstractmethod
    def log_odds_left(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        """ln(P(left) / P(alive)) at parameters p; minus infinity where nobody can have left."""

    @abstractmethod
    def log_odds_slope(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        """Its derivative in the logarithms of the parameters, which run along axis 0."""

    @abstractmethod
    def mean_when_alive(self, p: Vector, t: Vector, x: Vector, T: Vector) -> Vector:
        """The mean number of purchases in the next t of a customer known to be alive, at parameters p."""

    @abstractmethod
    def draw_purchases(self, p: Vector, t: float, x: float, T: Vector, rng: np.random.Generator) -> Vector:
        """Purchases in the next t of customers alive at age T, one for each draw of parameters.

        ``p`` has shape (n, 4), ``T`` a shape that broadcasts with (n,).
        """

    @abstractmethod
    def rows(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> tuple[Vector, Vector, Vector]:
        """Log-likelihood (n,) of each customer, with its gradient (4, n) and Hessian (4, 4, n) in ln p (4, n)."""

    @abstractmethod
    def _sums(self, x: Vector, tx: Vector, T: Vector, weights: Vector | None) -> Sums: ...

    @abstractmethod
    def _starts(self, rate: float) -> tuple[tuple[float, ...], ...]: ...

    @abstractmethod
    def _expected_new(self, p: Vector, t: Vector) -> Vector: ...

    @abstractmethod
    def _at_least(self, k: Vector, t: Vector, x: Vector, T: Vector, p: Vector | None = None) -> Vector:
        """P(N >= k) in the next t of a customer who is alive; at the estimates when p is None."""

    @abstractmethod
    def _discounted(self, p: Vector, rate: float, horizon: float, x: Vector, T: Vector) -> Vector: ...

    def _log_covariance(self) -> Vector:
        return in_logs(self.covariance_, self.parameters_)

    def _mean_by_cell(self, p: Vector, t: Vector, x: Vector, T: Vector) -> Vector:
        if p.ndim > 1:
            return self.mean_when_alive(p, t, x, T)
        cells, at = distinct_rows(*(np.ravel(v) for v in (t, x, T)))
        return np.asarray(self.mean_when_alive(p, *cells)[at].reshape(t.shape))


def broadcast(*values: ArrayLike) -> list[Vector]:
    """The values as float arrays of one shape."""
    return [np.asarray(v) for v in np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values))]


def _spread(slope: Vector, covariance: Vector) -> Vector:
    """Standard deviation of a function with this slope, axis 0 running over parameters; 0 where unknown."""
    variance = np.einsum("i...,ij,j...->...", slope, np.nan_to_num(covariance), slope)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
