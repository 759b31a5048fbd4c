"""The marketing mix: what each channel's spend did to total revenue, where no order can be credited to a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from regulars.lake.frames import to_pandas
from regulars.measure.response import HARDLY_VARIED, Curve, adstock, curve_through

Array = NDArray[np.float64]
YEAR_WEEKS: Final = 52.18
HOLDOUT_WEEKS: Final = 13
FEWEST_WEEKS: Final = 30
# An interval of the return that spans more than this factor is no answer.
NO_ANSWER: Final = 8.0


@dataclass(frozen=True)
class Backtest:
    """Error on weeks the model did not see, beside last year's same weeks: sum of |error| over sum of revenue."""

    weeks: int
    wmape: float
    wmape_seasonal_naive: float


class MarketingMix:
    """Additive model of weekly revenue with saturating, carried-over channels and effects that cannot be negative.

    ``revenue_t = base + trend t + yearly Fourier + controls + sum_c ceiling_c * a_ct / (a_ct + half_c) + noise``, a_ct
    the adstocked spend. Base, trend, season and controls are integrated out by projection; (decay, half) of a channel
    is drawn on a grid with its ceiling integrated out, then the ceiling from a truncated normal, then the noise
    (Gibbs). Beliefs before the data: a channel at its mean spend brings between nothing and about a fifth to two
    fifths of revenue, half is within a factor of 2.7 of the mean spend, every decay is as likely.

    Args:
        decays: weekly carry-over rates to average over.
        harmonics: yearly waves (0 to leave the season out).
        chains: independent chains; their agreement is checked (``r_hat_``).
        draws: draws a chain, the first third of which is thrown away.
        seed: of the draws.

    Learned: ``curves_`` (channel to ``Curve``; its conversions are units of revenue), ``roas_`` (channel to
    (median, low, high), 90 %), ``fitted_``, ``r2_``, ``r_hat_``.

    Source: Jin et al. (2017), "Bayesian Methods for Media Mix Modeling with Carryover and Shape Effects", for the
    form; Gelman et al., "Bayesian Data Analysis" 3rd ed., 11.4, for the check of the chains.
    """

    def __init__(
        self, *, decays: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8), harmonics: int = 2, chains: int = 4,
        draws: int = 1200, seed: int = 7,
    ) -> None:  # fmt: skip
        self.decays, self.harmonics, self.chains, self.draws, self.seed = decays, harmonics, chains, draws, seed

    def fit(self, weekly: Any, *, channels: tuple[str, ...], revenue: str = "revenue", controls: tuple[str, ...] = ()
            ) -> MarketingMix:  # fmt: skip
        """Fit a table with one row per week in order: a column of spend per channel, revenue and controls.

        Raises ``ValueError`` when weeks are too few (30), a column is missing or no channel spent anything.
        """
        frame = to_pandas(weekly)
        missing = [c for c in (*channels, revenue, *controls) if c not in frame]
        if missing:
            raise ValueError(f"the weekly table has no column {', '.join(missing)}")
        if len(frame) < FEWEST_WEEKS:
            raise ValueError(f"a mix model needs at least {FEWEST_WEEKS} weeks, the table has {len(frame)}")
        self.channels_ = tuple(c for c in channels if frame[c].to_numpy(float).sum() > 0)
        if not self.channels_:
            raise ValueError("no channel spent anything, so there is nothing to measure")
        rng = np.random.default_rng(self.seed)
        spend, y = frame[list(self.channels_)].to_numpy(float), frame[revenue].to_numpy(float)
        self._controls, self._weeks = controls, len(y)
        # Controls may be of any size; scaled, they cannot upset the least squares.
        z = frame[list(controls)].to_numpy(float)
        self._scale = (z.mean(axis=0), np.where(z.std(axis=0) > 0, z.std(axis=0), 1.0)) if controls else None
        base = self._base(np.arange(len(y)), z)
        grid = _Grid(base, spend, self.decays, float(np.abs(y).mean()))
        runs = [grid.sample(y, self.draws, rng) for _ in range(self.chains)]
        cells, betas = (np.concatenate([r[i][self.draws // 3 :] for r in runs]) for i in (0, 1))
        media = np.mean([grid.media(c, b) for c, b in zip(cells[::5], betas[::5], strict=True)], axis=0)
        self._coefficients = np.linalg.lstsq(base, y - media, rcond=None)[0]
        self.fitted_ = media + base @ self._coefficients
        self.r2_ = 1 - float((y - self.fitted_).var() / y.var()) if y.var() > 0 else float("nan")
        self._keep(grid, cells, betas, spend)
        return self

    def _base(self, t: NDArray[np.int64], z: Array) -> Array:
        """Intercept, trend, season and controls."""
        angle = 2 * np.pi * t[:, None] * np.arange(1, self.harmonics + 1) / YEAR_WEEKS
        columns = [np.ones((len(t), 1)), t[:, None] / self._weeks - 0.5, np.sin(angle), np.cos(angle)]
        if self._scale is not None:
            columns.append((z - self._scale[0]) / self._scale[1])
        return np.concatenate(columns, axis=1)

    def _keep(self, grid: _Grid, cells: NDArray[np.int64], betas: Array, spend: Array) -> None:
        self.curves_: dict[str, Curve] = {}
        self.roas_: dict[str, tuple[float, float, float]] = {}
        self.r_hat_: dict[str, float] = {}
        for c, name in enumerate(self.channels_):
            x, chosen = spend[:, c], cells[:, c]
            decay, half = grid.decay[chosen], grid.half[c, chosen]
            draws = np.column_stack([betas[:, c], half, np.zeros(len(betas)), decay])
            returns = betas[:, c] * grid.shapes[c].sum(axis=1)[chosen] / x.sum()
            self.r_hat_[name] = _r_hat(returns.reshape(self.chains, -1))
            low, high = (float(q) for q in np.quantile(returns, [0.05, 0.95]))
            self.roas_[name] = (float(np.median(returns)), low, high)
            flags = ["total_revenue_model"]
            if x.std() < HARDLY_VARIED * x.mean():
                flags.append("spend_hardly_varied")
            if low <= 0 or high > NO_ANSWER * low:
                flags.append("data_did_not_decide")
            if self.r_hat_[name] > 1.05:
                flags.append("chains_disagree")
            point = curve_through(draws, np.linspace(0, 1.25 * x.max(), 40))
            ends = np.quantile(draws[:, :2], [0.05, 0.95], axis=0)
            ceiling, span = ((float(point[i]), float(ends[0, i]), float(ends[1, i])) for i in (0, 1))
            self.curves_[name] = Curve(
                name, ceiling, span, (0.0, 0.0, 0.0), float(decay.mean()), 1.0, self._weeks, float(x.mean()),
                tuple(flags), draws,
            )  # fmt: skip

    def predict(self, weekly: Any, *, first_week: int) -> Array:
        """Revenue of weeks numbered from ``first_week`` (0 is the first week of the fit), given their spend.

        The table must start early enough for the carry-over to settle: give the weeks of the fit too.
        """
        frame = to_pandas(weekly)
        t = np.arange(first_week, first_week + len(frame))
        out: Array = self._base(t, frame[list(self._controls)].to_numpy(float)) @ self._coefficients
        for name in self.channels_:
            draws, spend = self.curves_[name].draws[::10], frame[name].to_numpy(float)
            stock = {d: adstock(spend, d) for d in self.decays}
            each = np.stack([stock[d] / (stock[d] + h) * b for b, h, _, d in draws])
            out = out + each.mean(axis=0)
        return out


def backtest(weekly: Any, model: MarketingMix, *, channels: tuple[str, ...], revenue: str = "revenue",
             controls: tuple[str, ...] = (), weeks: int = HOLDOUT_WEEKS) -> Backtest:  # fmt: skip
    """Fit without the last ``weeks`` and compare what the model says of them with last year's same weeks."""
    frame = to_pandas(weekly).reset_index(drop=True)
    cut = len(frame) - weeks
    short = MarketingMix(decays=model.decays, harmonics=model.harmonics, chains=2, draws=model.draws, seed=model.seed)
    short.fit(frame.iloc[:cut], channels=channels, revenue=revenue, controls=controls)
    y = frame[revenue].to_numpy(float)
    said = short.predict(frame, first_week=0)[cut:]
    last_year = y[cut - 52 : cut - 52 + weeks] if cut >= 52 else np.full(weeks, y[cut - 1])
    total = float(np.abs(y[cut:]).sum())
    return Backtest(
        weeks, float(np.abs(y[cut:] - said).sum()) / total, float(np.abs(y[cut:] - last_year).sum()) / total
    )


class _Grid:
    """Every (decay, half) cell of every channel with base and season projected out, as one Gram matrix."""

    def __init__(self, base: Array, spend: Array, decays: tuple[float, ...], level: float) -> None:
        self.q = np.linalg.qr(base)[0]
        ratio = np.linspace(-2.5, 2.5, 11)
        centre = np.array([x[x > 0].mean() for x in spend.T])
        self.decay = np.repeat(decays, len(ratio))
        self.half = centre[:, None] * np.exp(np.tile(ratio, len(decays)))
        stocks = np.stack([[adstock(x, d) for d in decays for _ in ratio] for x in spend.T])
        self.shapes = stocks / (stocks + self.half[:, :, None])
        self.clean = self.shapes - (self.shapes @ self.q) @ self.q.T
        flat = self.clean.reshape(-1, len(base))
        self.gram = (flat @ flat.T).reshape(*self.half.shape, *self.half.shape)
        self.prior_sd = 0.2 * level * (centre[:, None] + self.half) / centre[:, None]
        self.belief = -0.5 * np.tile(ratio, len(decays)) ** 2
        self.spare = len(base) - base.shape[1]

    def sample(self, y: Array, draws: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], Array]:
        """One chain: cells and ceilings, (draws, channels) each."""
        clean = y - self.q @ (self.q.T @ y)
        n, size = self.half.shape
        total, pull = float(clean @ clean), self.clean @ clean
        own = self.gram[np.arange(n)[:, None], np.arange(size), np.arange(n)[:, None], np.arange(size)]
        cell: Any = rng.integers(0, size, n)
        beta = np.zeros(n)
        noise = total / max(self.spare, 1)
        cells, betas = np.empty((draws, n), dtype=np.int64), np.empty((draws, n))
        everyone = np.arange(n)
        for i in range(draws):
            for c in range(n):
                others = everyone != c
                rest = pull[c] - self.gram[c][:, everyone[others], cell[others]] @ beta[others]
                variance = 1 / (own[c] / noise + 1 / self.prior_sd[c] ** 2)
                mean = variance * rest / noise
                z = mean / np.sqrt(variance)
                log_weight = (
                    self.belief - np.log(self.prior_sd[c]) + 0.5 * np.log(variance) + 0.5 * z * z + special.log_ndtr(z)
                )
                weight = np.exp(log_weight - log_weight.max()).cumsum()
                cell[c] = k = int(np.searchsorted(weight, rng.uniform() * weight[-1]))
                tail = special.ndtr(z[k])
                drawn = mean[k] - np.sqrt(variance[k]) * special.ndtri(max(rng.uniform() * tail, 1e-300))
                beta[c] = max(float(drawn), 0.0)
            gram = self.gram[everyone[:, None], cell[:, None], everyone[None], cell[None]]
            left = max(total - 2 * float(beta @ pull[everyone, cell]) + float(beta @ gram @ beta), 1e-12 * total)
            noise = max(left, 1e-300) / rng.chisquare(max(self.spare, 1))
            cells[i], betas[i] = cell, beta
        return cells, betas

    def media(self, cell: NDArray[np.int64], beta: Array) -> Array:
        """What the channels brought, week by week."""
        out: Array = beta @ self.shapes[np.arange(len(cell)), cell]
        return out


def _r_hat(chains: Array) -> float:
    """Split potential scale reduction: 1 where the chains tell the same story."""
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, half : 2 * half]])
    within = float(parts.var(axis=1, ddof=1).mean())
    if within == 0:
        return 1.0
    between = float(parts.mean(axis=1).var(ddof=1))
    return float(np.sqrt((half - 1) / half + between / within))
