"""BG/NBD: how often customers buy and when they stop, without anybody telling us."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, expit, gammaln, ndtri
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow
from regulars.understand.beta_geo_sums import BetaGeoSums
from regulars.understand.dropout import purchases_before_leaving
from regulars.understand.newton import in_logs, maximise

Vector = NDArray[np.float64]
PARAMETERS = ("r", "alpha", "a", "b")
TYPICAL = np.array([0.5, 0.5, 0.8, 2.5])


class BetaGeo(BaseEstimator):  # type: ignore[misc]
    r"""Beta-geometric / NBD model of repeat buying without a contract.

    While alive, a customer buys at rate :math:`\lambda \sim Gamma(r, \alpha)`;
    after each repeat purchase the customer leaves for good with probability
    :math:`p \sim Beta(a, b)`. From a customer's frequency x, recency t_x and
    age T:

    .. math::
        P(alive) = \Big[1 + \tfrac{a}{b+x-1}
        \big(\tfrac{\alpha+T}{\alpha+t_x}\big)^{r+x}\Big]^{-1}
        \quad (x > 0), \qquad P(alive) = 1 \quad (x = 0)

    The second half is the model's well-known weakness: whoever bought once is
    taken to be alive for ever. ``ModifiedBetaGeo`` repairs it.

    Fitted by Newton's method with exact gradient and Hessian. The data enter
    through 15 sums per step, so four passes over 200,000 customers suffice;
    many customers are first fitted on an evenly spaced sample of 5,000.

    Parameters
    ----------
    penalizer : float
        Draws the parameters to a typical shop: one purchase per mean age of a
        customer, one in four leaving after each (r = .5, alpha = .5 mean ages,
        a = .8, b = 2.5). ``penalizer * |ln(theta / typical)|^2`` is taken off the
        log-likelihood. 0 is maximum likelihood; 1 (a log-normal prior of standard
        deviation .7) gives an answer when there are only some dozens of customers.

    Attributes
    ----------
    r_, alpha_, a_, b_ : float
        The estimates; ``alpha_`` in the unit of ``T``.
    log_likelihood_ : float
        At the estimates, without the penalty.
    covariance_ : ndarray of shape (4, 4)
        Of (r, alpha, a, b), from the observed information.
    standard_errors_ : dict of str to float
        Square roots of its diagonal; not-a-number where the data do not pin a
        parameter down.
    n_iter_ : int
        Newton steps on the full data.
    converged_ : bool
        False when no interior maximum was reached; a ``ConvergenceWarning`` says so.
    n_customers_ : float
        Number of customers (sum of weights).

    Examples
    --------
    >>> from regulars.understand import BetaGeo
    >>> model = BetaGeo(penalizer=0.1).fit({"frequency": [0, 0, 2, 5, 1, 0, 9], "recency": [0, 0, 20, 33, 9, 0, 35],
    ...     "T": [38.0, 35, 30, 37, 36, 29, 38]})
    >>> bool(model.p_alive(5, 33, 37) > model.p_alive(5, 10, 37))
    True

    References
    ----------
    Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way: An
    Alternative to the Pareto/NBD Model", Marketing Science 24(2), eq. 6-10.
    """

    name: ClassVar[str] = "bg_nbd"
    _shift: ClassVar[int] = 0

    def __init__(self, *, penalizer: float = 0.0) -> None:
        self.penalizer = penalizer

    def fit(self, rfm: Any, y: None = None) -> Self:
        """Estimate from columns ``frequency, recency, T`` and, optionally, ``weights`` (customers per row).

        Raises ``KeyError`` for a missing column, ``ValueError`` for impossible
        values or when nobody ever bought again.
        """
        x, tx, T, weights = _columns(rfm)
        n = float(len(x) if weights is None else weights.sum())
        if not np.any(x > 0) and self.penalizer <= 0:
            raise ValueError("nobody bought a second time yet: repeat buying cannot be estimated")
        unit = float(np.average(T, weights=weights)) or 1.0
        T, tx = T / unit, tx / unit
        rate = max(float(np.average(x, weights=weights)), 0.5 / n)
        best = None
        for start in ((0.5, 0.5 / rate, 1.0, 2.0), (1.0, 1.0 / rate, 0.2, 4.0), (0.2, 0.2 / rate, 2.0, 2.0)):
            begin = np.array(start)
            if len(x) > 20_000:
                few = np.arange(0, len(x), len(x) // 5_000)
                part = BetaGeoSums.of(x[few], tx[few], T[few], None if weights is None else weights[few], self._shift)
                begin = maximise(part, begin, penalizer=self.penalizer, centre=TYPICAL, tol=1e-8).parameters
            sums = BetaGeoSums.of(x, tx, T, weights, self._shift)
            found = maximise(sums, begin, penalizer=self.penalizer, centre=TYPICAL)
            if best is None or found.converged or found.log_likelihood > best.log_likelihood:
                best = found
            if best.converged:
                break
        assert best is not None
        back = np.array([1.0, unit, 1.0, 1.0])
        self.r_, self.alpha_, self.a_, self.b_ = (float(v) for v in best.parameters * back)
        self.covariance_ = best.covariance * np.outer(back, back)
        self.standard_errors_ = dict(zip(PARAMETERS, np.sqrt(np.diag(self.covariance_)).tolist(), strict=True))
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

    @property
    def parameters_(self) -> Vector:
        """(r, alpha, a, b)."""
        check_is_fitted(self, "r_")
        return np.array([self.r_, self.alpha_, self.a_, self.b_])

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Any:
        """The probability that a customer has not left by age T."""
        x, tx, age = _broadcast(frequency, recency, T)
        return expit(-self._log_odds_left(self.parameters_, x, tx, age))

    def p_alive_interval(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, level: float = 0.9
    ) -> tuple[Any, Any]:
        """Limits of P(alive) from the uncertainty of the parameters: delta method on its log-odds."""
        x, tx, age = _broadcast(frequency, recency, T)
        r, alpha, _, b = self.parameters_
        d = self._log_odds_left(self.parameters_, x, tx, age)
        slope = np.stack(
            np.broadcast_arrays(
                r * (np.log(alpha + age) - np.log(alpha + tx)),
                alpha * (r + x) * (1.0 / (alpha + age) - 1.0 / (alpha + tx)),
                1.0,
                -b / np.maximum(b + x + self._shift - 1.0, 1e-300),
            )
        )
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
        return self._conditional(self.parameters_, *_broadcast(t, frequency, recency, T))

    def conditional_expected_purchases_interval(
        self,
        t: ArrayLike,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        level: float = 0.9,
        individual: bool = False,
    ) -> tuple[Any, Any]:
        r"""Limits of the expected purchases, or with ``individual`` of the number one customer will make.

        The first come from the uncertainty of the parameters (delta method on
        the logarithm). The second are exact quantiles at the estimates:

        .. math:: P(N \ge k) = P(alive)\,\frac{B(a, b'+k-1)}{B(a, b')}\,I_{t/(\alpha+T+t)}(k, r+x)

        with b' = b + x (+1 for the modified model), because rate and leaving
        are independent given alive.
        """
        horizon, x, tx, age = _broadcast(t, frequency, recency, T)
        tail = (1.0 - level) / 2.0
        if individual:
            return self._count_quantile(horizon, x, tx, age, tail), self._count_quantile(horizon, x, tx, age, 1 - tail)
        mean = self._conditional(self.parameters_, horizon, x, tx, age)
        slope = []
        for i in range(4):
            step = np.ones(4)
            step[i] = np.exp(1e-4)
            up = self._conditional(self.parameters_ * step, horizon, x, tx, age)
            down = self._conditional(self.parameters_ / step, horizon, x, tx, age)
            slope.append(np.log(np.maximum(up, 1e-300) / np.maximum(down, 1e-300)) / 2e-4)
        wide = float(ndtri(0.5 + level / 2.0)) * _spread(np.stack(slope), self._log_covariance())
        return mean * np.exp(-wide), mean * np.exp(wide)

    def draw_parameters(self, n: int, rng: np.random.Generator) -> Vector:
        """Draws of (r, alpha, a, b), shape (n, 4), normal in the logarithms around the estimates."""
        covariance = self._log_covariance()
        if not np.all(np.isfinite(covariance)):
            return np.tile(self.parameters_, (n, 1))
        values, axes = np.linalg.eigh(covariance)
        # Beyond two standard deviations of a wild direction exp() would leave every plausible parameter behind.
        root = axes * np.sqrt(np.clip(values, 0.0, 1.0))
        return np.asarray(self.parameters_ * np.exp(rng.standard_normal((n, 4)) @ root.T))

    def _log_covariance(self) -> Vector:
        return in_logs(self.covariance_, self.parameters_)

    def _log_odds_left(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        r, alpha, a, b = p
        later = b + x + self._shift - 1.0
        could = x + self._shift > 0
        with np.errstate(divide="ignore"):
            odds = np.log(a / np.where(could, later, 1.0)) + (r + x) * (np.log(alpha + T) - np.log(alpha + tx))
        return np.where(could, odds, -np.inf)

    def mean_when_alive(self, p: Vector, t: Vector, x: Vector, T: Vector) -> Vector:
        """The mean number of purchases in the next t of a customer known to be alive, at parameters p."""
        r, alpha, a, b = p
        return purchases_before_leaving(r + x, t / (alpha + T), a, b + x + self._shift)

    def _conditional(self, p: Vector, t: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        cells, at = np.unique(np.stack([v.ravel() for v in (t, x, T)]), axis=1, return_inverse=True)
        alive = self.mean_when_alive(p, cells[0], cells[1], cells[2])[at].reshape(t.shape)
        return np.asarray(expit(-self._log_odds_left(p, x, tx, T)) * alive)

    def _expected_new(self, p: Vector, t: Vector) -> Vector:
        r, alpha, a, b = p
        return purchases_before_leaving(np.asarray(r), t / alpha, a, np.asarray(b))

    def _count_quantile(self, t: Vector, x: Vector, tx: Vector, T: Vector, q: float) -> Vector:
        """The smallest n with P(N <= n) >= q, by bisection over n."""
        r, alpha, a, b = self.parameters_
        alive = expit(-self._log_odds_left(self.parameters_, x, tx, T))
        stay = b + x + self._shift

        def more_than(n: Vector) -> Vector:
            k = n + 1.0
            survive = gammaln(stay + k - 1) - gammaln(stay) + gammaln(a + stay) - gammaln(a + stay + k - 1)
            return np.asarray(alive * np.exp(survive) * betainc(k, r + x, t / (alpha + T + t)))

        low, high = np.full(t.shape, -1.0), np.full(t.shape, 1.0)
        while np.any(short := more_than(high) > 1.0 - q):
            low, high = np.where(short, high, low), np.where(short, high * 2.0, high)
        while np.any(high - low > 1.0):
            middle = np.floor((low + high) / 2.0)
            short = more_than(middle) > 1.0 - q
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.asarray(high)


def _columns(rfm: Any) -> tuple[Vector, Vector, Vector, Vector | None]:
    table = to_arrow(rfm)
    if missing := [c for c in ("frequency", "recency", "T") if c not in table.column_names]:
        raise KeyError(f"the summary needs the columns frequency, recency and T; missing: {', '.join(missing)}")
    x, tx, T = (table.column(c).to_numpy().astype(np.float64) for c in ("frequency", "recency", "T"))
    weights = table.column("weights").to_numpy().astype(np.float64) if "weights" in table.column_names else None
    if len(x) == 0:
        raise ValueError("there are no customers to learn from")
    bad = ~(np.isfinite(x) & np.isfinite(tx) & np.isfinite(T)) | (x < 0) | (tx < 0) | (tx > T)
    if bad.any():
        raise ValueError(
            f"{int(bad.sum())} rows are impossible (first: row {int(np.argmax(bad))}): "
            "frequency >= 0 and 0 <= recency <= T must hold"
        )
    if weights is not None and (np.any(weights < 0) or not np.any(weights > 0)):
        raise ValueError("weights must not be negative, and some must be positive")
    return x, tx, T, weights


def _broadcast(*values: ArrayLike) -> list[Vector]:
    return [np.asarray(v) for v in np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values))]


def _spread(slope: Vector, covariance: Vector) -> Vector:
    """Standard deviation of a function with this slope, axis 0 running over parameters; 0 where unknown."""
    variance = np.einsum("i...,ij,j...->...", slope, np.nan_to_num(covariance), slope)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
