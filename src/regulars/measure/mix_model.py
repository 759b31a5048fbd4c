"""The mix model: what every channel's spend brought in, where no order can be credited to a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.measure.mix_data import Scaled, scaled
from regulars.measure.mix_draws import (
    TAIL,
    base_draws,
    brought,
    identified,
    named,
    response,
    returns,
    table_of,
    thinned,
)
from regulars.measure.mix_holdout import MixHoldout
from regulars.measure.mix_lifts import lift_tests
from regulars.measure.mix_noise import estimated
from regulars.measure.mix_priors import MixPriors
from regulars.measure.mix_sampling import names, sampled
from regulars.measure.mix_shapes import ADSTOCKS, SATURATIONS
from regulars.measure.mix_table import FEWEST_WEEKS, Columns, MixTable, with_history
from regulars.measure.response import HARDLY_VARIED
from regulars.measure.seasons import Seasons

Array = NDArray[np.float64]


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
    noise_carry : float or None
        Share of a week's surprise that is still there in the next (0 to below 1); None: estimated (``mix_noise``).
        Off at first: estimated, it foretold the held-out weeks of the simulated company worse than naively (.43 of
        sales against .40), and without it the naive forecast is beaten.
    priors : MixPriors or None
        All other beliefs; None: wide ones that suit weekly sales.
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
    noise_carry_ : float
        The carry of the noise that was used; ``sigma`` is that of the surprises.
    unused_tests_ : tuple of str
        Lift tests that could not be used: other channel, window outside the table, no delta.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from regulars.measure import MixModel
    >>> rng = np.random.default_rng(1)
    >>> weeks = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=80, freq="7D"), "ads": rng.gamma(2, 50, 80)})
    >>> weeks["sales"] = 2000 + 500 * np.tanh(weeks["ads"] / 150) + rng.normal(0, 40, 80)
    >>> model = MixModel(draws=100, warmup=150).fit(weeks, target="sales", spend=["ads"], date="week")
    >>> true = 500 * np.tanh(weeks["ads"] / 150).sum() / weeks["ads"].sum()
    >>> bool(model.roas_["low"][0] < true < model.roas_["high"][0])
    True

    References
    ----------
    Jin et al. (2017), "Bayesian Methods for Media Mix Modeling with Carryover and Shape Effects"; Sun et al.
    (2017), "Geo-level Bayesian Hierarchical Media Mix Modeling"; Zhang et al. (2024), "Media Mix Model Calibration
    With Bayesian Priors" (returns as parameters); Neal (2011), "MCMC using Hamiltonian dynamics".
    """

    def __init__(
        self, *, adstock: str = "geometric", saturation: str = "tanh", harmonics: int = 2, trend: bool = True,
        carry_weeks: int = 8, prior_roi: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
        chains: int = 8, draws: int = 500, warmup: int = 400, sampler: str = "hmc", holdout_weeks: int = 13,
        noise_carry: float | None = 0.0, priors: MixPriors | None = None, seed: int = 7,
    ) -> None:  # fmt: skip
        self.adstock, self.saturation, self.harmonics, self.trend = adstock, saturation, harmonics, trend
        self.carry_weeks, self.prior_roi, self.chains, self.draws = carry_weeks, prior_roi, chains, draws
        self.warmup, self.sampler, self.holdout_weeks = warmup, sampler, holdout_weeks
        self.noise_carry, self.priors, self.seed = noise_carry, priors, seed

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
        columns = Columns.of(
            target=target, spend=spend, date=date, geo=geo, others=(*controls, *events),
            reach_frequency=reach_frequency, exposure=exposure,
        )  # fmt: skip
        self._check()
        table_ = MixTable.of(table, columns)
        asked = {"controls": controls, "events": events, "holidays": holidays}
        with threadpool_limits(1):  # the matrices are small: two threads take twice the time of one
            self._learn(table_, columns, asked, lift_tests)
            self.holdout_ = self._held_out(table_, columns, asked, lift_tests)
        return self

    def _check(self) -> None:
        for name, known in (("adstock", ADSTOCKS), ("saturation", SATURATIONS), ("sampler", ("hmc", "laplace"))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {getattr(self, name)}")
        if self.noise_carry is not None and not 0 <= self.noise_carry < 1:
            raise ValueError(f"noise_carry must be 0 to below 1 or None, not {self.noise_carry}")
        if self.chains < 2 or self.draws < 50 or self.warmup < 50 or self.carry_weeks < 0:
            raise ValueError("chains must be 2 or more, draws and warmup 50 or more, carry_weeks 0 or more")

    def _learn(self, table: MixTable, columns: Columns, asked: dict[str, Any], lifts: Any) -> None:
        rng = np.random.default_rng(self.seed)
        priors = self.priors or MixPriors()
        self._seasons = Seasons.of(
            table.rows, geos=table.geos, harmonics=self.harmonics, trend=self.trend, **asked
        )  # fmt: skip
        tests, self.unused_tests_ = lift_tests(lifts, table)

        def made(phi: float) -> Scaled:
            return scaled(
                table, self._seasons, priors, adstock=self.adstock, saturation=self.saturation, roi=self.prior_roi,
                carry_weeks=self.carry_weeks, tests=tests, phi=phi,
            )  # fmt: skip

        kind = (self.adstock, self.saturation, priors.on)
        phi = self.noise_carry
        # Drawn apart, so that asking for the carry leaves the draws of the answer as they are.
        apart = np.random.default_rng([self.seed, 1])
        self.noise_carry_ = estimated(lambda f: made(f).density(*kind), apart) if phi is None else phi
        self._scaled = made(self.noise_carry_)
        self._density = self._scaled.density(*kind)
        self._table, self._columns = table, columns
        self.channels_, self.silent_ = table.channels, table.silent
        self.diagnostics_: dict[str, Any]
        chains, self.diagnostics_ = sampled(
            self._density, names(self._density, table.channels, table.geos), sampler=self.sampler, chains=self.chains,
            draws=self.draws, warmup=self.warmup, rng=rng,
        )  # fmt: skip
        u = chains.reshape(-1, chains.shape[2])
        self._few = thinned(u)
        self._base = base_draws(self._density, self._scaled, self._few, rng)
        self._answer(u, rng)

    def _answer(self, u: Array, rng: np.random.Generator) -> None:
        table = self._table
        self.draws_ = named(self._density, self._scaled, u)
        prior = returns(self._density, self._scaled.beliefs.draw(2000, rng))[0]
        low, high = np.quantile(prior, TAIL, axis=0)
        self.roas_ = table_of(self.draws_["roas"], channel=self.channels_).assign(prior_low=low, prior_high=high)
        x = table.media.sum(axis=1)
        varied = np.logical_or(x.std(axis=1) >= HARDLY_VARIED * x.mean(axis=1), table.frequency.any(axis=(1, 2)))
        self.identified_ = identified(self.channels_, prior, self.draws_["roas"], varied)
        size = self._density.data.size
        parts = [
            table_of(own, date=table.dates, channel=c)
            for c, own in zip(
                self.channels_, brought(self._density, self._few, size).swapaxes(0, 1), strict=True
            )
        ]  # fmt: skip
        base = (self._base @ self._scaled.base.T * size).reshape(len(self._few), len(table.geos), -1).sum(axis=1)
        self.contributions_ = pd.concat([*parts, table_of(base, date=table.dates, channel="base")], ignore_index=True)

    def _held_out(self, table: MixTable, columns: Columns, asked: dict[str, Any], lifts: Any) -> MixHoldout | None:
        weeks = self.holdout_weeks
        if weeks <= 0 or len(table.dates) - weeks < FEWEST_WEEKS + 9:
            return None
        cut = table.dates[-weeks]
        early = table.rows[table.rows["_date"] < cut]
        short = MixModel(**{**self._settings(), "sampler": "laplace", "chains": 2, "draws": 300, "holdout_weeks": 0})
        try:
            short._learn(MixTable.of(early, columns), columns, asked, lifts)
        except ValueError:
            return None
        said = short.predict(table.rows[table.rows["_date"] >= cut]).groupby("date")[["mean", "low", "high"]].sum()
        y = table.y.sum(axis=0)
        true, n = y[-weeks:], len(y) - weeks
        naive = y[n - 52 : n - 52 + weeks] if n >= 52 else np.full(weeks, y[n - 1])
        total = max(float(np.abs(true).sum()), 1e-300)
        inside = (true >= said["low"].to_numpy()) & (true <= said["high"].to_numpy())
        return MixHoldout(
            weeks, float(np.abs(true - said["mean"].to_numpy()).sum()) / total,
            float(np.abs(true - naive[:weeks]).sum()) / total, float(inside.mean()),
        )  # fmt: skip

    def _settings(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if not k.startswith("_") and not k.endswith("_")}

    def response(self, channel: str, spend: Any) -> pd.DataFrame:
        """What a steady weekly spend brings a week: ``spend, mean, low, high`` (90 %), geos sharing as they did so far.

        Raises ``ValueError`` for a channel that was not measured or spend below 0.
        """
        if channel not in self.channels_:
            raise ValueError(f"{channel} was not measured; there is {', '.join(self.channels_)}")
        x = np.atleast_1d(np.asarray(spend, dtype=float))
        if (x < 0).any() or not np.isfinite(x).all():
            raise ValueError("spend must be 0 or more")
        c = self.channels_.index(channel)
        share = self._table.media[c].sum(axis=1) / self._table.spend[c].sum()
        return table_of(response(self._density, self._scaled, self._few, c, x[:, None] * share), spend=x)

    def predict(self, table: Any) -> pd.DataFrame:
        """``date, geo, mean, low, high`` (90 %, noise included) of the rows of a table like that of ``fit``.

        Rows that follow the fitted weeks carry over the spend before them. Raises ``ValueError`` as ``fit`` does for
        columns and cells, and for a geo the fit did not see.
        """
        rows = self._columns.read(table, target=False)
        if strange := sorted(set(rows["_geo"]) - set(self._table.geos)):
            raise ValueError(f"the model was fitted without {', '.join(strange)}")
        dates, media, often = with_history(rows, self._table, self._columns, self.carry_weeks)
        effect = self._density.at(self._scaled.lags(media, self.carry_weeks),
                                  self._scaled.often(often, self.carry_weeks), self._few.T)  # fmt: skip
        g = rows["_geo"].map({n: i for i, n in enumerate(self._table.geos)}).to_numpy(int)
        wanted = g * len(dates) + dates.get_indexer(pd.DatetimeIndex(rows["_date"]))
        size = self._scaled.sales[g]
        mean = (self._base @ self._seasons.build(rows).T + effect[:, wanted]) * size
        sure = self._density.data.sure.reshape(len(self._table.geos), -1)[g, 0]
        rng = np.random.default_rng(self.seed)
        lasting = np.exp(self._few[:, -1:]) / np.sqrt(1 - self.noise_carry_**2)
        noise = rng.normal(size=mean.shape) * lasting * (size / sure)
        low, high = np.quantile(mean + noise, TAIL, axis=0)
        return pd.DataFrame(
            {"date": rows["_date"], "geo": rows["_geo"], "mean": mean.mean(axis=0), "low": low, "high": high}
        )
