"""The mix model: what every channel's spend brought in, where no order can be credited to a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MixHoldout:
    """Error on the last weeks, which the model was fitted without, beside last year's same weeks.

    Each error is the sum of |error| over the sum of the target; ``coverage`` the share of the weeks inside the
    model's 90 % interval.
    """

    weeks: int
    wmape: float
    wmape_seasonal_naive: float
    coverage: float


class MixModel:
    r"""Bayesian model of weekly sales as base, season, controls and saturating, carried-over channels.

    For week t (of geo g) and channel c with spend x:

    .. math::
        y_{gt} = m_g \Big[ z_{gt}'\gamma + \sum_c \rho_c \, q_{cgt} / S_c \Big] + m_g \sigma \epsilon, \qquad
        q_{cgt} = e^{\tau_c \zeta_{cg}} \, s\Big(\sum_{l=0}^{L} w_l(\theta_c)\, x_{cg,t-l} / m_g \Big)

    with adstock weights w (they sum to 1), saturation s and :math:`S_c = \sum m_g q / \sum x`, so that
    :math:`\rho_c` **is** the channel's return on spend over the table and its prior is one an owner can name.
    Base, trend, season, holidays, events and controls (:math:`\gamma`) have normal priors and are integrated out in
    closed form; the rest is sampled by Hamiltonian Monte Carlo on the analytic gradient, all chains in one batch.

    Parameters
    ----------
    adstock : {"geometric", "delayed", "weibull"}
        How an effect is carried over: falling from the first week, rising to a later peak, or any such form.
    saturation : {"tanh", "hill"}
        How more spend brings less: concave, or S-shaped where the data say so.
    harmonics : int
        Yearly waves of the season; 0 leaves it out (as do tables shorter than a year).
    trend : bool
        A straight and slowly bending base.
    carry_weeks : int
        Weeks after which spend is forgotten.
    prior_roi : (mean, sd), dict of channel to (mean, sd), or None
        What you believe of the return before the data, as log-normal of that mean and deviation. None: half-normal,
        wide: a channel may bring nothing, or up to about the root of its share of spend in sales.
    chains, draws, warmup : int
        Of the sampler, draws a chain after warm-up.
    sampler : {"hmc", "laplace"}
        The answer, or a preview in well under a second that is too sure of itself where the data say little.
    holdout_weeks : int
        Last weeks for ``holdout_`` (13; 0 leaves it out; also left out where fewer than 39 weeks would stay).
    seed : int
        Of the draws.

    Attributes
    ----------
    channels_, silent_ : tuple of str
        Channels measured, and those left out as they never spent anything.
    roas_ : DataFrame
        ``channel, mean, low, high, prior_low, prior_high``: target per unit of spend, 90 % intervals.
    contributions_ : DataFrame
        ``date, channel, mean, low, high`` (geos added up), ``channel`` "base" included.
    identified_ : DataFrame
        ``channel, overlap, identified, reason``: how much of the belief before the data is still there after them
        (0 to 1), whether the data decided, and why not: "", "spend_hardly_varied" or "data_did_not_decide".
    diagnostics_ : dict
        ``r_hat`` (largest), ``ess`` (smallest), ``divergences``, ``draws``, ``sampler`` and ``parameters``
        (DataFrame ``name, mean, sd, r_hat, ess``).
    draws_ : dict of str to ndarray
        Joint draws (rows): ``roas``, ``effect``, ``half``, ``decay`` (draws, channels) and the shape's others,
        ``sigma`` (draws,). ``half`` in spend a week; ``effect`` the most a channel can bring in a week.
    holdout_ : MixHoldout or None
        Error on weeks not seen.
    unused_tests_ : tuple of str
        Lift tests that could not be used: other channel, window outside the table, no delta.

    Source: Jin et al. (2017), "Bayesian Methods for Media Mix Modeling with Carryover and Shape Effects"; Sun et al.
    (2017), "Geo-level Bayesian Hierarchical Media Mix Modeling"; Zhang et al. (2024), "Media Mix Model Calibration
    With Bayesian Priors" (returns as parameters); Neal (2011), "MCMC using Hamiltonian dynamics".
    """

    def __init__(
        self, *, adstock: str = "geometric", saturation: str = "tanh", harmonics: int = 2, trend: bool = True,
        carry_weeks: int = 8, prior_roi: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
        chains: int = 4, draws: int = 1000, warmup: int = 500, sampler: str = "hmc", holdout_weeks: int = 13,
        seed: int = 7,
    ) -> None:  # fmt: skip
        self.adstock, self.saturation, self.harmonics, self.trend = adstock, saturation, harmonics, trend
        self.carry_weeks, self.prior_roi, self.chains, self.draws = carry_weeks, prior_roi, chains, draws
        self.warmup, self.sampler, self.holdout_weeks, self.seed = warmup, sampler, holdout_weeks, seed

    def fit(
        self, table: Any, *, target: str, spend: Sequence[str] | Mapping[str, str], date: str,
        controls: Sequence[str] = (), holidays: Any = None, events: Sequence[str] = (), geo: str | None = None,
        lift_tests: Any = None, reach_frequency: Mapping[str, tuple[str, str]] | None = None,
        exposure: Mapping[str, str] | None = None,
    ) -> MixModel:  # fmt: skip
        """Fit a table with one row a week (and geo).

        Args:
            table: pandas, Polars, Arrow or Ibis; any order; weeks without a row are an error.
            target: column of what is explained (revenue, orders); money in minor units or not, spend alike.
            spend: columns of spend, or channel to column.
            date: column of the first day of the week.
            controls: numeric columns of what else moves sales (price, competitor, stock).
            holidays: table ``day`` and ``holiday``: one effect for each name, by days of it in the week.
            events: 0/1 columns, or names in a text column "a", "b", "na": one effect each.
            geo: column of the market, or None where the table is one.
            lift_tests: table in the shape of ``tables.EXPERIMENTS``: each row with channel, start, end, delta and
                se says what the channel's spend (``spend`` of it where given) really brought in that window.
            reach_frequency: channel to (reach column, frequency column): people reached, and how often each.
            exposure: channel to column (impressions, clicks) that carries the effect instead of spend.

        Raises ``ValueError`` for fewer than 30 weeks, missing columns or weeks, negative or missing spend, a
        constant target, or when no channel spent anything.
        """
        raise NotImplementedError

    def response(self, channel: str, spend: Any) -> pd.DataFrame:
        """What a steady weekly spend brings a week: ``spend, mean, low, high`` (90 %), geos as they shared so far."""
        raise NotImplementedError

    def predict(self, table: Any) -> pd.DataFrame:
        """``date`` (``geo``), ``mean, low, high`` (90 %, noise included) of the rows of a table like that of ``fit``.

        Rows that follow the fitted weeks carry over the spend before them.
        """
        raise NotImplementedError
