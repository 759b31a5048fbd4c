"""BdW: how long contracts are renewed, when each customer's will to leave may grow or fade with time."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtri, polygamma, psi
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow
from regulars.understand.newton import best_of, in_logs, keep, maximise

Vector = NDArray[np.float64]


class BetaDiscreteWeibull(BaseEstimator):  # type: ignore[misc]
    r"""Beta-discrete-Weibull model of contract renewal.

    At each renewal a customer with propensity :math:`\theta \sim Beta(\alpha, \beta)`
    has survived t renewals with probability :math:`(1-\theta)^{t^c}`; over all customers

    .. math:: S(t) = \frac{B(\alpha, \beta + t^c)}{B(\alpha, \beta)}

    c below 1: those who stay are held by habit; above 1: they tire; c = 1 is
    ``ShiftedBetaGeometric``. Whoever leaves in period t adds ln(S(t-1) - S(t)) to
    the log-likelihood, whoever is still there after t renewals ln S(t).
    Maximised by Newton's method with exact gradient and Hessian; customers of one
    age enter as one cell.

    Parameters
    ----------
    penalizer : float
        Draws the parameters to a typical service (alpha = .8, beta = 3, c = 1):
        ``penalizer * |ln(theta / typical)|^2`` is taken off the log-likelihood.
        0 is maximum likelihood; 1 gives an answer for a handful of contracts.

    Attributes
    ----------
    alpha_, beta_, c_ : float
    log_likelihood_ : float
        At the estimates, without the penalty.
    covariance_ : ndarray
        Of the parameters, from the observed information.
    standard_errors_ : dict of str to float
    n_customers_ : float
        Number of contracts (sum of weights).
    converged_ : bool
        False when no interior maximum was reached; a ``ConvergenceWarning`` says so.

    Examples
    --------
    >>> model = BetaDiscreteWeibull().fit_curve([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> model.survival([8, 12]).round(1).tolist()
    [0.5, 0.4]

    References
    ----------
    Fader, Hardie, Liu, Davin and Steenburgh (2018), "How to Project Customer
    Retention Revisited: The Role of Duration Dependence", J. Interactive
    Marketing 43.
    """

    name: ClassVar[str] = "bdw"
    PARAMETERS: ClassVar[tuple[str, ...]] = ("alpha", "beta", "c")
    TYPICAL: ClassVar[tuple[float, ...]] = (0.8, 3.0, 1.0)
    alpha_: float
    beta_: float

    def __init__(self, *, penalizer: float = 0.0) -> None:
        self.penalizer = penalizer

    def fit(self, contracts: Any, y: None = None) -> Self:
        """Estimate from columns ``periods, ended`` and, optionally, ``weights`` (contracts per row).

        ``periods``: for who left, the period in which (1 = did not renew once);
        for who is there, the renewals made so far. Raises ``KeyError`` for a
        missing column, ``ValueError`` for impossible values or when nobody left.
        """
        t, left, n = _cells(contracts)
        if self.penalizer <= 0 and not np.any(n[left] > 0):
            raise ValueError("nobody has left yet: how long contracts last cannot be estimated; use penalizer=1")
        starts = (self.TYPICAL, (0.3, 0.6, *self.TYPICAL[2:]), (4.0, 20.0, *self.TYPICAL[2:]))
        best = best_of(
            maximise(
                lambda p: self._sums(p, t, left, n),
                np.array(start),
                penalizer=self.penalizer,
                centre=np.array(self.TYPICAL),
            )
            for start in starts
        )
        keep(self, best, float(n.sum()), "contracts")
        return self

    def fit_curve(self, survivors: ArrayLike) -> Self:
        """Estimate from one cohort: how many were there at the start and after 1, 2, ... renewals."""
        there = np.asarray(survivors, dtype=np.float64)
        if there.ndim != 1 or len(there) < 2 or np.any(np.diff(there) > 0) or np.any(there < 0) or there[0] <= 0:
            raise ValueError(
                "give the customers left after 0, 1, 2 ... renewals: at least two numbers that do not rise"
            )
        last = len(there) - 1
        return self.fit(
            {
                "periods": [*range(1, last + 1), last],
                "ended": [True] * last + [False],
                "weights": [*(there[:-1] - there[1:]), there[-1]],
            }
        )

    @property
    def parameters_(self) -> Vector:
        """The estimates, in the order of ``PARAMETERS``."""
        check_is_fitted(self, "alpha_")
        return np.array([getattr(self, f"{k}_") for k in self.PARAMETERS])

    def survival(self, t: ArrayLike, age: ArrayLike = 0.0) -> Any:
        """The share of customers with ``age`` renewals behind them who make t more."""
        age, t = np.broadcast_arrays(np.asarray(age, dtype=np.float64), np.asarray(t, dtype=np.float64))
        p = self.parameters_
        return np.exp(self._log_survival(p, age + t) - self._log_survival(p, age))

    def survival_interval(self, t: ArrayLike, age: ArrayLike = 0.0, level: float = 0.9) -> tuple[Any, Any]:
        """Limits of ``survival`` from the uncertainty of the parameters: delta method on its complementary log-log."""
        p, share = self.parameters_, np.clip(self.survival(t, age), 1e-300, 1.0)
        age, t = np.broadcast_arrays(np.asarray(age, dtype=np.float64), np.asarray(t, dtype=np.float64))
        slope = (self._slopes(p, (age + t).ravel())[1] - self._slopes(p, age.ravel())[1]).reshape(len(p), *t.shape)
        covariance = np.nan_to_num(in_logs(self.covariance_, p))
        slope = slope * p.reshape(-1, *[1] * t.ndim)
        spread = np.sqrt(np.maximum(np.einsum("i...,ij,j...->...", slope, covariance, slope), 0.0))
        away = np.maximum(-np.log(share), 1e-300)
        wide = np.minimum(float(ndtri(0.5 + level / 2.0)) * spread / away, 50.0)
        return np.exp(-away * np.exp(wide)), np.exp(-away * np.exp(-wide))

    def retention(self, t: ArrayLike) -> Any:
        """The share of those there after t - 1 renewals who make the t-th."""
        t = np.asarray(t, dtype=np.float64)
        return self.survival(1.0, t - 1.0)

    def residual(self, age: ArrayLike, periods: int, discount: float = 0.0) -> Any:
        r"""The renewals still to come, discounted, of contracts with ``age`` renewals behind them.

        .. math:: \sum_{k=1}^{n} \frac{S(age + k)}{S(age)} (1 + d)^{-k}

        with d the discount rate of one period. Times price and margin it is
        the residual worth of a contract.
        """
        if periods < 0 or discount <= -1.0:
            raise ValueError("periods must not be negative, and a discount rate is above -1")
        age = np.asarray(age, dtype=np.float64)
        distinct, at = np.unique(age.ravel(), return_inverse=True)
        k = np.arange(1, periods + 1)
        worth = self.survival(k[None, :], distinct[:, None]) @ (1.0 + discount) ** -k.astype(np.float64)
        return worth[at].reshape(age.shape)

    def _power(self, p: Vector, t: Vector) -> tuple[Vector, Vector, Vector]:
        """t^c and its first two derivatives in c."""
        with np.errstate(divide="ignore"):
            log_t = np.where(t > 0, np.log(np.where(t > 0, t, 1.0)), 0.0)
        u = np.where(t > 0, np.exp(np.minimum(p[2] * log_t, 300.0)), 0.0)
        return u, u * log_t, u * log_t**2

    def _log_survival(self, p: Vector, t: Vector) -> Vector:
        a, b, u = p[0], p[1], self._power(p, t)[0]
        return np.asarray(gammaln(b + u) - gammaln(a + b + u) + gammaln(a + b) - gammaln(b))

    def _slopes(self, p: Vector, t: Vector) -> tuple[Vector, Vector, Vector]:
        """ln S(t) (n,), its gradient (k, n) and Hessian (k, k, n) in the parameters."""
        a, b = p[0], p[1]
        u, u1, u2 = self._power(p, t)
        all_, own = psi(a + b + u), psi(b + u)
        tri_all, tri_own = polygamma(1, a + b + u), polygamma(1, b + u)
        tri0, k = polygamma(1, a + b), len(p)
        g, h = np.zeros((k, len(t))), np.zeros((k, k, len(t)))
        g[0] = psi(a + b) - all_
        g[1] = own - all_ + psi(a + b) - psi(b)
        h[0, 0] = h[0, 1] = h[1, 0] = tri0 - tri_all
        h[1, 1] = tri_own - tri_all + tri0 - polygamma(1, b)
        if k > 2:
            g[2] = (own - all_) * u1
            h[0, 2] = h[2, 0] = -tri_all * u1
            h[1, 2] = h[2, 1] = (tri_own - tri_all) * u1
            h[2, 2] = (tri_own - tri_all) * u1**2 + (own - all_) * u2
        return self._log_survival(p, t), g, h

    def _sums(self, p: Vector, t: Vector, left: NDArray[np.bool_], n: Vector) -> tuple[float, Vector, Vector]:
        after, g1, h1 = self._slopes(p, t)
        before, g0, h0 = self._slopes(p, np.where(left, t - 1.0, 0.0))
        # ln(S0 - S1) = ln S0 + ln(1 - S1 / S0), with the weights of the two in the gap.
        gap = -np.expm1(np.where(left, np.minimum(after - before, -1e-15), -1.0))
        w0 = 1.0 / gap
        w1 = w0 - 1.0
        gone_g = w0 * g0 - w1 * g1
        outer0, outer1 = (np.einsum("in,jn->ijn", v, v) for v in (g0, g1))
        gone_h = w0 * (h0 + outer0) - w1 * (h1 + outer1) - np.einsum("in,jn->ijn", gone_g, gone_g)
        value = np.where(left, before + np.log(gap), after)
        return float(n @ value), np.where(left, gone_g, g1) @ n, np.where(left, gone_h, h1) @ n


def _cells(contracts: Any) -> tuple[Vector, NDArray[np.bool_], Vector]:
    """Distinct (periods, ended) with the contracts in each."""
    table = to_arrow(contracts)
    if missing := [c for c in ("periods", "ended") if c not in table.column_names]:
        raise KeyError(f"contracts need the columns periods and ended; missing: {', '.join(missing)}")
    t = table.column("periods").to_numpy().astype(np.float64)
    left = table.column("ended").to_numpy().astype(np.float64)
    n = table.column("weights").to_numpy().astype(np.float64) if "weights" in table.column_names else np.ones(len(t))
    bad = ~np.isfinite(t) | (t < 0) | (t != np.floor(t)) | ~np.isin(left, (0.0, 1.0)) | ((left > 0) & (t < 1))
    if len(t) == 0:
        raise ValueError("there are no contracts to learn from")
    if bad.any():
        raise ValueError(
            f"{int(bad.sum())} contracts are impossible (first: row {int(np.argmax(bad))}): periods are whole numbers "
            "from 0, and from 1 for who left; ended is 0 or 1"
        )
    if np.any(n < 0) or not np.any(n > 0):
        raise ValueError("weights must not be negative, and some must be positive")
    cells, at = np.unique(np.stack([t, left]), axis=1, return_inverse=True)
    return cells[0], cells[1] > 0, np.bincount(at, n).astype(np.float64)
