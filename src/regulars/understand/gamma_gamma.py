"""Gamma-Gamma: what a customer's next purchase is worth."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, polygamma, psi
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow
from regulars.understand.newton import Maximum, in_logs, maximise

Vector = NDArray[np.float64]
PARAMETERS = ("p", "q", "v")
TYPICAL = np.array([2.0, 3.0, 1.0])


class GammaGamma(BaseEstimator):  # type: ignore[misc]
    r"""Gamma-Gamma model of money per purchase.

    One customer's purchases vary as :math:`Gamma(p, \nu)`, customers differ by
    :math:`\nu \sim Gamma(q, v)`. With x repeat purchases of mean m the expected
    purchase is a weighted mean of the customer's own and everybody's:

    .. math:: E[M | x, m] = \frac{p\,(v + x m)}{p x + q - 1}

    so one lucky sale does not make a customer rich. Money per purchase is
    assumed unrelated to how often people buy; ``correlation_`` lets you check.

    Rule for refunds and free orders: customers whose repeat purchases net to
    zero or less are left out of the fit (a gamma variable is positive) and
    counted in ``n_left_out_``; when predicting, their money counts as zero.

    Parameters
    ----------
    penalizer : float
        As in ``BetaGeo``; the typical shop has p = 2, q = 3, v = the mean purchase.

    Attributes
    ----------
    p_, q_, v_ : float
        The estimates; ``v_`` in the unit of money.
    log_likelihood_, covariance_, standard_errors_, n_iter_, converged_
        As in ``BetaGeo``, in the order (p, q, v).
    correlation_ : float
        Of frequency and mean money among the customers fitted.
    mean_ : float
        Mean money per purchase of the customers fitted, each customer once.
    n_customers_, n_left_out_ : int
        Repeat buyers fitted, and left out by the rule above.

    Examples
    --------
    >>> from regulars.understand import GammaGamma
    >>> model = GammaGamma(penalizer=0.1).fit({"frequency": [1, 3, 2, 6, 4, 2], "monetary": [20.0, 35, 18, 50, 27, 90]})
    >>> everybody, rich = model.conditional_expected_value([0, 6], [0.0, 90.0])
    >>> bool(everybody < rich < 90.0)
    True

    References
    ----------
    Fader, Hardie and Lee (2005), JMR 42; Fader and Hardie (2013), "The
    Gamma-Gamma Model of Monetary Value", note 025, eq. 1a and 5.
    """

    def __init__(self, *, penalizer: float = 0.0) -> None:
        self.penalizer = penalizer

    def fit(self, rfm: Any, y: None = None) -> Self:
        """Estimate from columns ``frequency`` and ``monetary`` (mean money of the repeat purchases).

        Raises ``KeyError`` for a missing column and ``ValueError`` when fewer
        than two repeat buyers have positive money.
        """
        table = to_arrow(rfm)
        if missing := [c for c in ("frequency", "monetary") if c not in table.column_names]:
            raise KeyError(f"the summary needs the columns frequency and monetary; missing: {', '.join(missing)}")
        x = table.column("frequency").to_numpy().astype(np.float64)
        m = table.column("monetary").to_numpy().astype(np.float64)
        use = (x > 0) & (m > 0)
        self.n_left_out_ = int(np.sum((x > 0) & ~use))
        x, m = x[use], m[use]
        if len(x) < (1 if self.penalizer > 0 else 2):
            raise ValueError("fewer than two repeat buyers with money: the worth of a purchase cannot be estimated")
        unit = float(m.mean())
        found = self._newton(x, m / unit)
        back = np.array([1.0, 1.0, unit])
        self.p_, self.q_, self.v_ = (float(v) for v in found.parameters * back)
        self.covariance_ = found.covariance * np.outer(back, back)
        self.standard_errors_ = dict(zip(PARAMETERS, np.sqrt(np.diag(self.covariance_)).tolist(), strict=True))
        self.log_likelihood_ = found.log_likelihood - len(x) * np.log(unit)
        self.n_iter_, self.converged_ = found.n_iter, found.converged
        self.n_customers_, self.mean_ = len(x), unit
        spread = float(x.std() * m.std())
        self.correlation_ = float(np.mean((x - x.mean()) * (m - unit)) / spread) if spread > 0 else 0.0
        if not self.converged_:
            warnings.warn(
                "no interior maximum: these purchases do not pin the parameters down; use penalizer=1",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _newton(self, x: Vector, m: Vector) -> Maximum:
        counts, at, n = np.unique(x, return_inverse=True, return_counts=True)
        log_m, total = np.log(m), x * m
        fixed = float(x @ (log_m + np.log(x)))
        log_m_sum = float(log_m.sum())

        def sums(theta: Vector) -> tuple[float, Vector, Vector]:
            p, q, v = (float(t) for t in theta)
            px = p * counts
            log_all, one_over = np.log(total + v), 1.0 / (total + v)
            shape = (px + q)[at]
            N = float(len(m))
            x_log, over = float(x @ log_all), float(one_over.sum())
            value = float(n @ (gammaln(px + q) - gammaln(px))) + N * (q * np.log(v) - gammaln(q))
            value += p * fixed - log_m_sum - float(shape @ log_all)
            nx = n * counts
            g = np.array(
                [
                    float(nx @ (psi(px + q) - psi(px))) + fixed - x_log,
                    float(n @ psi(px + q)) + N * (np.log(v) - psi(q)) - float(log_all.sum()),
                    N * q / v - float(shape @ one_over),
                ]
            )
            tri_all = polygamma(1, px + q)
            h = np.empty((3, 3))
            h[0, 0] = (nx * counts) @ (tri_all - polygamma(1, px))
            h[0, 1] = h[1, 0] = nx @ tri_all
            h[0, 2] = h[2, 0] = -float(x @ one_over)
            h[1, 1] = n @ tri_all - N * polygamma(1, q)
            h[1, 2] = h[2, 1] = N / v - over
            h[2, 2] = -N * q / v**2 + float(shape @ one_over**2)
            return value, g, h

        best: Maximum | None = None
        for start in ((4.0, 4.0, 1.0), (1.0, 2.0, 1.0), (20.0, 10.0, 0.5)):
            found = maximise(sums, np.array(start), penalizer=self.penalizer, centre=TYPICAL)
            if best is None or found.converged or found.log_likelihood > best.log_likelihood:
                best = found
            if best.converged:
                break
        assert best is not None
        return best

    @property
    def parameters_(self) -> Vector:
        """(p, q, v)."""
        check_is_fitted(self, "p_")
        return np.array([self.p_, self.q_, self.v_])

    def conditional_expected_value(self, frequency: ArrayLike, monetary: ArrayLike) -> Any:
        """The expected money of a customer's next purchase, in the unit of ``monetary``.

        Where the mean does not exist (p x + q <= 1, possible for one-time
        buyers when the tail is very heavy) the mean purchase of all is given.
        """
        p, q, v = self.parameters_
        x, m = np.broadcast_arrays(np.asarray(frequency, np.float64), np.asarray(monetary, np.float64))
        mass = p * x + q - 1.0
        total = x * np.where(x > 0, np.maximum(m, 0.0), 0.0)
        return np.where(mass > 0, p * (v + total) / np.where(mass > 0, mass, 1.0), self.mean_)

    def draw_parameters(self, n: int, rng: np.random.Generator) -> Vector:
        """Draws of (p, q, v), shape (n, 3), normal in the logarithms around the estimates."""
        covariance = in_logs(self.covariance_, self.parameters_)
        if not np.all(np.isfinite(covariance)):
            return np.tile(self.parameters_, (n, 1))
        values, axes = np.linalg.eigh(covariance)
        root = axes * np.sqrt(np.clip(values, 0.0, 1.0))
        return np.asarray(self.parameters_ * np.exp(rng.standard_normal((n, 3)) @ root.T))
