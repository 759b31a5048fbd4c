"""BG/NBD: how often customers buy and when they stop, without anybody telling us."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

from regulars.understand.beta_geo_rows import beta_geo_rows
from regulars.understand.beta_geo_sums import BetaGeoSums
from regulars.understand.dropout import purchases_before_leaving
from regulars.understand.latent_attrition import LatentAttrition
from regulars.understand.newton import Sums
from regulars.understand.residual import discounted

Vector = NDArray[np.float64]


class BetaGeo(LatentAttrition):
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
    PARAMETERS: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    TYPICAL: ClassVar[tuple[float, ...]] = (0.5, 0.5, 0.8, 2.5)
    TIMES: ClassVar[tuple[str, ...]] = ("alpha",)
    DRIVEN: ClassVar[dict[str, tuple[str, float]]] = {
        "purchase": ("alpha", -1.0),
        "leaving": ("a", 1.0),
        "staying": ("b", 1.0),
    }
    _shift: ClassVar[int] = 0
    r_: float
    a_: float
    b_: float

    def log_odds_left(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        """ln(P(left) / P(alive)); minus infinity for a one-time buyer of the unmodified model."""
        r, alpha, a, b = p
        later = b + x + self._shift - 1.0
        could = x + self._shift > 0
        with np.errstate(divide="ignore"):
            odds = np.log(a / np.where(could, later, 1.0)) + (r + x) * (np.log(alpha + T) - np.log(alpha + tx))
        return np.where(could, odds, -np.inf)

    def log_odds_slope(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> Vector:
        """Derivative of the log-odds in the logarithms of (r, alpha, a, b), along axis 0."""
        r, alpha, _, b = p
        return np.stack(
            np.broadcast_arrays(
                r * (np.log(alpha + T) - np.log(alpha + tx)),
                alpha * (r + x) * (1.0 / (alpha + T) - 1.0 / (alpha + tx)),
                1.0,
                # Nobody can have left where x + shift is 0, so no slope is wanted there.
                np.where(x + self._shift > 0, -b / np.maximum(b + x + self._shift - 1.0, 1e-300), 0.0),
            )
        )

    def mean_when_alive(self, p: Vector, t: Vector, x: Vector, T: Vector) -> Vector:
        """The mean number of purchases in the next t of a customer known to be alive, at parameters p."""
        r, alpha, a, b = p
        return purchases_before_leaving(r + x, t / (alpha + T), a, b + x + self._shift)

    def draw_purchases(self, p: Vector, t: float, x: float, T: Vector, rng: np.random.Generator) -> Vector:
        """The smaller of Poisson(lambda t) and the purchase, Geometric(p), after which a customer leaves."""
        r, alpha, a, b = p.T
        rate = rng.standard_gamma(r + x) / (alpha + T)
        leave = np.clip(rng.beta(a, b + x + self._shift), 1e-12, 1 - 1e-12)
        last = np.maximum(np.ceil(np.log1p(-rng.random(leave.shape)) / np.log1p(-leave)), 1.0)
        return np.asarray(np.minimum(rng.poisson(np.minimum(rate * t, 1e9)), last))

    def rows(self, p: Vector, x: Vector, tx: Vector, T: Vector) -> tuple[Vector, Vector, Vector]:
        """Log-likelihood of each customer with its gradient and Hessian in the logarithms of p (4, n)."""
        return beta_geo_rows(p, x, tx, T, self._shift)

    def _sums(self, x: Vector, tx: Vector, T: Vector, weights: Vector | None) -> Sums:
        return BetaGeoSums.of(x, tx, T, weights, self._shift)

    def _starts(self, rate: float) -> tuple[tuple[float, ...], ...]:
        return (0.5, 0.5 / rate, 1.0, 2.0), (1.0, 1.0 / rate, 0.2, 4.0), (0.2, 0.2 / rate, 2.0, 2.0)

    def _expected_new(self, p: Vector, t: Vector) -> Vector:
        r, alpha, a, b = p
        return purchases_before_leaving(np.asarray(r), t / alpha, a, np.asarray(b))

    def _discounted(self, p: Vector, rate: float, horizon: float, x: Vector, T: Vector) -> Vector:
        own = p[..., None] if p.ndim > 1 else p
        mean = partial(self.mean_when_alive, own, x=x[:, None], T=T[:, None])
        return discounted(mean, rate, horizon, p[1] + T)

    def _at_least(self, k: Vector, t: Vector, x: Vector, T: Vector, p: Vector | None = None) -> Vector:
        r"""Rate and leaving are independent given alive: \ ``B(a, b'+k-1) / B(a, b') I_{t/(alpha+T+t)}(k, r+x)``."""
        r, alpha, a, b = self.parameters_ if p is None else p
        stay = b + x + self._shift
        survive = gammaln(stay + k - 1) - gammaln(stay) + gammaln(a + stay) - gammaln(a + stay + k - 1)
        return np.asarray(np.exp(survive) * betainc(k, r + x, t / (alpha + T + t)))
