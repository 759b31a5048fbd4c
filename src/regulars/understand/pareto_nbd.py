"""Pareto/NBD: customers buy at their own rate and may leave at any moment, not only after a purchase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, exprel, gammaln, polygamma, psi

from regulars.understand.latent_attrition import LatentAttrition
from regulars.understand.newton import Sums
from regulars.understand.pareto_sums import ParetoSums, blocks, pareto_rows
from regulars.understand.residual import discounted_lifetime
from regulars.understand.time_of_leaving import TimeOfLeaving

Vector = NDArray[np.float64]
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)


class ParetoNBD(LatentAttrition):
    r"""Pareto / NBD model of repeat buying without a contract.

    While alive, a customer buys at rate :math:`\lambda \sim Gamma(r, \alpha)`,
    and leaves for good after a time with rate :math:`\mu \sim Gamma(s, \beta)`,
    whether or not there was a purchase. From a customer's frequency x, recency
    t_x and age T:

    .. math::
        P(alive) = \Big[1 + s \int_{t_x}^{T}
        \Big(\frac{\alpha+T}{\alpha+y}\Big)^{r+x}
        \Big(\frac{\beta+T}{\beta+y}\Big)^{s} \frac{dy}{\beta+y}\Big]^{-1},
        \qquad
        E[N(t)] = P(alive)\,\frac{r+x}{\alpha+T}\,
        \frac{\beta+T}{s-1}\Big[1 - \Big(\frac{\beta+T}{\beta+T+t}\Big)^{s-1}\Big]

    One-time buyers may be gone too, and the longer they stay away the likelier.

    Fitted by Newton's method with exact gradient and Hessian (``ParetoSums``);
    many customers are first fitted on an evenly spaced sample of 5,000.

    Parameters
    ----------
    penalizer : float
        Draws the parameters to a typical shop: one purchase per mean age of a
        customer, who leaves at about that pace too (r = .5, alpha = .5 mean ages,
        s = .6, beta = .6 mean ages). ``penalizer * |ln(theta / typical)|^2`` is
        taken off the log-likelihood. 0 is maximum likelihood; 1 gives an answer
        when there are only some dozens of customers.

    Attributes
    ----------
    r_, alpha_, s_, beta_ : float
        The estimates; ``alpha_`` and ``beta_`` in the unit of ``T``.
    log_likelihood_ : float
        At the estimates, without the penalty.
    covariance_ : ndarray of shape (4, 4)
        Of (r, alpha, s, beta), from the observed information.
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
    >>> from regulars.understand import ParetoNBD
    >>> model = ParetoNBD(penalizer=0.1).fit({"frequency": [0, 0, 2, 5, 1, 0, 9], "recency": [0, 0, 20, 33, 9, 0, 35],
    ...     "T": [38.0, 35, 30, 37, 36, 29, 38]})
    >>> bool(model.p_alive(5, 33, 37) > model.p_alive(5, 10, 37))
    True

    References
    ----------
    Schmittlein, Morrison and Colombo (1987), "Counting Your Customers: Who Are
    They and What Will They Do Next?", Management Science 33(1); Fader, Hardie
    and Lee (2005), "RFM and CLV", JMR 42, for the discounted residual.
    """

    name: ClassVar[str] = "pareto_nbd"
    PARAMETERS: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    TYPICAL: ClassVar[tuple[float, ...]] = (0.5, 0.5, 0.6, 0.6)
    TIMES: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    DRIVEN: ClassVar[dict[str, tuple[str, float]]] = {"purchase": ("alpha", -1.0), "leaving": ("beta", -1.0)}
    r_: float
    s_: float
    beta_: float

    def log_odds_left(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        """ln(P(left) / P(alive)); minus infinity at the moment of a purchase."""
        parts = [left.log_odds for left in _leaving(p, x, tx, T, False)]
        return np.concatenate(parts).reshape(np.shape(x)) if parts else np.zeros(np.shape(x))

    def log_odds_slope(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        """Derivative of the log-odds in the logarithms of (r, alpha, s, beta), along axis 0."""
        parts = [left.slope for left in _leaving(p, x, tx, T, True)]
        return np.concatenate(parts, axis=1).reshape(4, *np.shape(x)) if parts else np.zeros((4, *np.shape(x)))

    def mean_when_alive(self, p: Vector, t: Vector, x: Vector, T: Vector) -> Vector:
        """The rate (r + x) / (alpha + T) times the mean time still to stay within the next t."""
        r, alpha, s, beta = p
        grown = np.log1p(t / (beta + T))
        # exprel keeps s = 1, where the paper's form is 0 / 0.
        return np.asarray((r + x) / (alpha + T) * (beta + T) * grown * exprel((1.0 - s) * grown))

    def draw_purchases(self, p: Vector, t: float, x: float, T: Vector, rng: np.random.Generator) -> Vector:
        """Poisson(lambda * the smaller of t and the time still to stay)."""
        r, alpha, s, beta = p.T
        rate = rng.standard_gamma(r + x) / (alpha + T)
        # Exponential with a Gamma(s, beta + T) rate, drawn in one go.
        stay = (beta + T) * np.expm1(np.minimum(rng.standard_exponential(len(s)) / s, 700.0))
        return np.asarray(rng.poisson(np.minimum(rate * np.minimum(stay, t), 1e9)), dtype=np.float64)

    def rows(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> tuple[Vector, Vector, Vector]:
        """Log-likelihood of each customer with its gradient and Hessian in the logarithms of p (4, n)."""
        value, g, h = pareto_rows(p, x, tx, T)
        r = p[0]
        first = r * (psi(r + x) - psi(r))
        g[0] += first
        h[0, 0] += first + r * r * (polygamma(1, r + x) - polygamma(1, r))
        return value + gammaln(r + x) - gammaln(r), g, h

    def _sums(self, x: Vector, tx: Vector, T: Vector, weights: Vector | None) -> Sums:
        return ParetoSums.of(x, tx, T, weights)

    def _starts(self, rate: float) -> tuple[tuple[float, ...], ...]:
        return (0.5, 0.5 / rate, 0.6, 0.6), (1.0, 1.0 / rate, 1.0, 3.0), (0.3, 0.3 / rate, 0.3, 0.1)

    def _expected_new(self, p: Vector, t: Vector) -> Vector:
        return self.mean_when_alive(p, t, np.asarray(0.0), np.asarray(0.0))

    def _discounted(self, p: Vector, rate: float, horizon: float, x: Vector, T: Vector) -> Vector:
        r, alpha, s, beta = p
        return np.asarray((r + x) / (alpha + T) * discounted_lifetime(s, beta + T, rate, horizon))

    def _at_least(self, k: Vector, t: Vector, x: Vector, T: Vector, p: Vector | None = None) -> Vector:
        r"""The k-th purchase comes at y with y / (alpha + T + y) ~ Beta(k, r + x); the customer must stay till then.

        ``F(t) S(t) - integral of F dS`` over the logit of y / (alpha + T + y), ten
        standard deviations wide.
        """
        r, alpha, s, beta = self.parameters_ if p is None else p
        shape, A, B, s = (np.asarray(v)[..., None] for v in (r + x, alpha + T, beta + T, s + 0.0 * x))
        k, t = k[..., None], np.asarray(t)[..., None]
        middle = psi(k) - psi(shape)
        wide = 5.0 * np.sqrt(polygamma(1, k) + polygamma(1, shape))
        with np.errstate(divide="ignore"):
            end = np.minimum(np.log(t / A), middle + wide)
        begin = middle - wide
        reach = np.maximum(end - begin, 0.0)
        v = begin + reach * (_NODES + 1.0) / 2.0
        y = A * np.exp(v)
        arrived = betainc(k, shape, 1.0 / (1.0 + np.exp(-v)))
        leave = s * (B / (B + y)) ** s * y / (B + y)
        inside = np.sum(arrived * leave * reach * _WEIGHTS / 2.0, axis=-1)
        stop = A[..., 0] * np.exp(end[..., 0])
        stays_stop, stays_t = ((B[..., 0] / (B[..., 0] + u)) ** s[..., 0] for u in (stop, t[..., 0]))
        by_t = betainc(k, shape, t / (A + t))[..., 0]
        return np.asarray(inside + by_t * stays_t + np.where(reach[..., 0] > 0, stays_stop - stays_t, 0.0))


def _leaving(p: Vector, x: Vector, tx: Vector, T: Vector, derivatives: bool) -> Iterator[TimeOfLeaving]:
    """Block by block: the nodes of a million customers at once would not fit into memory."""
    x, tx, T = (np.ravel(v) for v in np.broadcast_arrays(x, tx, T))
    for some in blocks(len(x)):
        yield TimeOfLeaving.of(p[:, some] if p.ndim > 1 else p, x[some], tx[some], T[some], derivatives)
