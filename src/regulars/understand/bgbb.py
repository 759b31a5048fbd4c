"""BG/BB: customers who may buy or not on given occasions, and leave for good unseen between two of them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, logsumexp, polygamma, psi
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow
from regulars.understand.newton import best_of, keep, maximise

Vector = NDArray[np.float64]


class BetaGeoBetaBinomial(BaseEstimator):  # type: ignore[misc]
    r"""Beta-geometric / beta-binomial model of buying on discrete occasions.

    For yearly appeals, seasons, fairs, issues. On each of n occasions a
    customer who is alive buys with probability :math:`p \sim Beta(\alpha, \beta)`,
    and before each leaves for good with :math:`\theta \sim Beta(\gamma, \delta)`.
    From the x occasions bought on, the last of them t_x:

    .. math::
        L = \frac{B(\alpha+x, \beta+n-x)}{B(\alpha,\beta)} \frac{B(\gamma,\delta+n)}{B(\gamma,\delta)}
        + \sum_{i=0}^{n-t_x-1} \frac{B(\alpha+x,\beta+t_x-x+i)}{B(\alpha,\beta)}
        \frac{B(\gamma+1,\delta+t_x+i)}{B(\gamma,\delta)}

    Maximised by Newton's method with exact gradient and Hessian over the
    distinct (x, t_x, n).

    Parameters
    ----------
    penalizer : float
        Draws the parameters to a typical case (alpha = beta = 1, gamma = .7, delta = 3):
        ``penalizer * |ln(theta / typical)|^2`` is taken off the log-likelihood; 0 is
        maximum likelihood.

    Attributes
    ----------
    alpha_, beta_, gamma_, delta_ : float
    log_likelihood_ : float
        At the estimates, without the penalty.
    covariance_ : ndarray of shape (4, 4)
    standard_errors_ : dict of str to float
    n_customers_ : float
        Number of customers (sum of weights).
    converged_ : bool
        False when no interior maximum was reached; a ``ConvergenceWarning`` says so.

    Examples
    --------
    >>> model = BetaGeoBetaBinomial(penalizer=0.1).fit({"frequency": [0, 3, 1, 4, 2, 0], "recency": [0, 4, 2, 4, 4, 0],
    ...     "n_periods": [4] * 6, "weights": [40, 9, 20, 6, 12, 30]})
    >>> bool(model.p_alive(3, 4, 4) > model.p_alive(1, 2, 4))
    True

    References
    ----------
    Fader, Hardie and Shang (2010), "Customer-Base Analysis in a Discrete-Time
    Noncontractual Setting", Marketing Science 29(6), eq. 4-15.
    """

    name: ClassVar[str] = "bg_bb"
    PARAMETERS: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    TYPICAL: ClassVar[tuple[float, ...]] = (1.0, 1.0, 0.7, 3.0)
    alpha_: float

    def __init__(self, *, penalizer: float = 0.0) -> None:
        self.penalizer = penalizer

    def fit(self, summary: Any, y: None = None) -> Self:
        """Estimate from columns ``frequency, recency, n_periods`` and, optionally, ``weights``.

        ``frequency`` is x, ``recency`` the number of the last occasion bought on
        (0: none), ``n_periods`` the occasions so far. Raises ``KeyError`` for a
        missing column and ``ValueError`` for impossible values.
        """
        x, tx, n, weight = _cells(summary)
        starts = (self.TYPICAL, (0.5, 2.0, 0.3, 1.0), (3.0, 3.0, 2.0, 10.0))
        best = best_of(
            maximise(
                lambda p: self._sums(p, x, tx, n, weight),
                np.array(start),
                penalizer=self.penalizer,
                centre=np.array(self.TYPICAL),
            )
            for start in starts
        )
        keep(self, best, float(weight.sum()), "customers")
        return self

    @property
    def parameters_(self) -> Vector:
        """(alpha, beta, gamma, delta)."""
        check_is_fitted(self, "alpha_")
        return np.array([getattr(self, f"{k}_") for k in self.PARAMETERS])

    def p_alive(
        self, frequency: ArrayLike, recency: ArrayLike, n_periods: ArrayLike, ahead: ArrayLike = 1.0
    ) -> Any:  # fmt: skip
        """The probability of being there on the occasion ``ahead`` of the last (1: the next, 0: the last itself)."""
        x, tx, n, m = _broadcast(frequency, recency, n_periods, ahead)
        a, b, c, d = self.parameters_
        up = betaln(a + x, b + n - x) - betaln(a, b) + betaln(c, d + n + m) - betaln(c, d)
        return np.minimum(np.exp(up - self.log_likelihoods(x, tx, n)), 1.0)

    def expected_purchases(self, t: ArrayLike) -> Any:
        """The mean number of purchases of a new customer on the first t occasions."""
        return self.conditional_expected_purchases(t, 0.0, 0.0, 0.0)

    def conditional_expected_purchases(
        self, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, n_periods: ArrayLike, discount: float = 0.0
    ) -> Any:
        r"""The mean number of purchases on the next t occasions, each discounted by its distance.

        .. math:: \frac{1}{L} \frac{B(\alpha+x+1,\beta+n-x)}{B(\alpha,\beta)}
            \sum_{k=1}^{t} \frac{B(\gamma,\delta+n+k)}{B(\gamma,\delta)} (1+d)^{-k}

        The sum of the paper's closed form, without its 0/0 at gamma = 1.
        """
        ahead, x, tx, n = _broadcast(t, frequency, recency, n_periods)
        if np.any(ahead < 0) or np.any(ahead != np.floor(ahead)) or discount <= -1.0:
            raise ValueError("the occasions ahead are whole numbers from 0, and a discount rate is above -1")
        a, b, c, d = self.parameters_
        distinct, at = np.unique(n.ravel(), return_inverse=True)
        k = np.arange(1.0, ahead.max(initial=0.0) + 1.0)
        there = np.exp(betaln(c, d + distinct[:, None] + k) - betaln(c, d)) * (1.0 + discount) ** -k
        total = np.concatenate([np.zeros((len(distinct), 1)), np.cumsum(there, axis=1)], axis=1)
        there_sum = total[at, ahead.ravel().astype(np.int64)].reshape(x.shape)
        each = np.exp(betaln(a + x + 1.0, b + n - x) - betaln(a, b) - self.log_likelihoods(x, tx, n))
        return each * there_sum

    def log_likelihoods(self, frequency: ArrayLike, recency: ArrayLike, n_periods: ArrayLike) -> Any:
        """ln L of each customer."""
        x, tx, n = _broadcast(frequency, recency, n_periods)
        cells, at = np.unique(np.stack([x.ravel(), tx.ravel(), n.ravel()]), axis=1, return_inverse=True)
        return logsumexp(self._terms(self.parameters_, *cells)[0], axis=1)[at].reshape(x.shape)

    @staticmethod
    def _terms(p: Vector, x: Vector, tx: Vector, n: Vector) -> tuple[Vector, Vector, Vector, Vector]:
        """ln of the terms of L (cells, terms), misses, occasions survived, and whether the customer then left."""
        a, b, c, d = p
        i = np.arange(int((n - tx).max(initial=0)) + 1, dtype=np.float64)[None, :]
        gap = (n - tx)[:, None]
        left = (i < gap).astype(np.float64)
        miss, stay = (tx - x)[:, None] + np.minimum(i, gap), tx[:, None] + np.minimum(i, gap)
        terms = betaln(a + x[:, None], b + miss) - betaln(a, b) + betaln(c + left, d + stay) - betaln(c, d)
        return np.where(i <= gap, terms, -np.inf), miss, stay, left

    def _sums(self, p: Vector, x: Vector, tx: Vector, n: Vector, weight: Vector) -> tuple[float, Vector, Vector]:
        terms, miss, stay, left = self._terms(p, x, tx, n)
        value = logsumexp(terms, axis=1)
        share = np.exp(terms - value[:, None])
        buy = _beta_slopes(p[0], p[1], x[:, None] + 0.0 * miss, miss)
        drop = _beta_slopes(p[2], p[3], left, stay)
        g = np.stack([*buy[0], *drop[0]])
        mean = np.einsum("nt,int->in", share, g)
        h = np.einsum("nt,int,jnt->ijn", share, g, g) - np.einsum("in,jn->ijn", mean, mean)
        for at, (_, bend) in ((0, buy), (2, drop)):
            h[at : at + 2, at : at + 2] += np.einsum("nt,ijnt->ijn", share, bend)
        return float(weight @ value), mean @ weight, h @ weight


def _beta_slopes(a: float, b: float, up: Vector, down: Vector) -> tuple[Vector, Vector]:
    """Gradient (2, ...) and Hessian (2, 2, ...) of ln B(a + up, b + down) - ln B(a, b) in a and b."""
    both = psi(a + b) - psi(a + b + up + down)
    both2 = polygamma(1, a + b) - polygamma(1, a + b + up + down)
    g = np.stack([psi(a + up) - psi(a) + both, psi(b + down) - psi(b) + both])
    h = np.stack([[both2, both2], [both2, both2]])
    h[0, 0] += polygamma(1, a + up) - polygamma(1, a)
    h[1, 1] += polygamma(1, b + down) - polygamma(1, b)
    return g, h


def _cells(summary: Any) -> tuple[Vector, Vector, Vector, Vector]:
    table = to_arrow(summary)
    wanted = ("frequency", "recency", "n_periods")
    if missing := [c for c in wanted if c not in table.column_names]:
        raise KeyError(f"the summary needs the columns {', '.join(wanted)}; missing: {', '.join(missing)}")
    x, tx, n = (table.column(c).to_numpy().astype(np.float64) for c in wanted)
    weight = (
        table.column("weights").to_numpy().astype(np.float64) if "weights" in table.column_names else np.ones(len(x))
    )
    if len(x) == 0:
        raise ValueError("there are no customers to learn from")
    bad = ~(np.isfinite(x) & np.isfinite(tx) & np.isfinite(n)) | (x < 0) | (x > tx) | (tx > n) | ((x == 0) != (tx == 0))
    if bad.any():
        raise ValueError(
            f"{int(bad.sum())} rows are impossible (first: row {int(np.argmax(bad))}): "
            "0 <= frequency <= recency <= n_periods must hold, and recency is 0 just when frequency is"
        )
    if np.any(weight < 0) or not np.any(weight > 0):
        raise ValueError("weights must not be negative, and some must be positive")
    cells, at = np.unique(np.stack([x, tx, n]), axis=1, return_inverse=True)
    return cells[0], cells[1], cells[2], np.bincount(at, weight).astype(np.float64)


def _broadcast(*values: ArrayLike) -> list[Vector]:
    return [np.asarray(v) for v in np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values))]
