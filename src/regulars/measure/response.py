"""What each channel answers to money: a saturating curve from weekly spend to the conversions credited to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from regulars.lake.frames import to_pandas
from regulars.measure.response_lifts import observed, spent_and_won
from regulars.measure.response_pool import pooled_halves
from regulars.measure.response_shift import changes, common

Array = NDArray[np.float64]
# Spend that varies by less than a tenth of its mean cannot show a curve.
HARDLY_VARIED: Final = 0.10
# The data moved the belief about the half-saturation spend by less than a fifth.
NOT_DECIDED: Final = 0.80
_PRIOR_SD: Final = 1.0
# Where half may lie, in logs around the mean spend.
_STEPS: Final = np.linspace(-3, 3, 61) * _PRIOR_SD


@dataclass(frozen=True)
class Curve:
    """The response of one channel: ``baseline + ceiling * x / (x + half)`` conversions a week at spend x.

    Each of ceiling, half and baseline is (value, low, high) with a 90 % interval;
    ``draws`` holds joint draws (rows) of ceiling, half, baseline and decay.
    """

    channel: str
    ceiling: tuple[float, float, float]
    half: tuple[float, float, float]
    baseline: tuple[float, float, float]
    decay: float
    dispersion: float
    weeks: int
    mean_spend: float
    flags: tuple[str, ...]
    draws: Array

    def at(self, spend: Any) -> Array:
        """Expected conversions a week at a level of weekly spend, baseline included."""
        x = np.asarray(spend, dtype=float)
        return np.asarray(self.baseline[0] + self.ceiling[0] * x / (x + self.half[0]), dtype=float)

    def band(self, spend: Any) -> tuple[Array, Array]:
        """90 % interval of the conversions that spend adds over none."""
        x = np.atleast_1d(np.asarray(spend, dtype=float))
        every = self.draws[:, :1] * x / (x + self.draws[:, 1:2])
        low, high = np.quantile(every, [0.05, 0.95], axis=0)
        return low, high


def adstock(x: Array, decay: float) -> Array:
    """Carry a share ``decay`` of each week's effect into the next; constant spend stays what it is.

    ``a_t = (1 - decay) x_t + decay a_(t-1)``, from the mean of the first four weeks.

    >>> adstock(np.array([1.0, 1.0, 1.0]), 0.5).tolist()
    [1.0, 1.0, 1.0]
    """
    out, stock = np.empty(len(x)), float(x[:4].mean())
    for t, value in enumerate(x):
        stock = (1 - decay) * value + decay * stock
        out[t] = stock
    return out


class ResponseCurves:
    """Fit one saturating curve per channel, and say where the data cannot tell.

    ``conversions_t ~ quasi-Poisson(baseline + slow_t + ceiling * a_t / (a_t + half))`` with a_t the adstocked
    spend. Given (half, decay) the model is linear in the rest, so those two are
    integrated on a grid and the rest by a truncated normal: draws need no chain and no convergence test.
    Beliefs before the data: half is lognormal around the mean spend (a factor of 2.7 either way; three channels or
    more tell together where it lies, ``response_pool``), and spend at its mean level brings between nothing and about
    twice what is seen. What moves all channels alike multiplies, lasting changes of one count (``response_shift``).

    Args:
        decays: weekly carry-over rates to average over.
        draws: joint draws to keep per channel.
        seed: of the draws.

    Experiments enter as one more observation each: what a channel's spend brought a week,
    ``delta ~ N(f(x) - f(x - tested), se^2)``, which is linear given (half, decay) as well.

    Learned: ``curves_`` (channel to ``Curve``).

    Source: geometric adstock and hyperbolic saturation as in Jin et al. (2017), "Bayesian Methods for Media Mix
    Modeling with Carryover and Shape Effects"; dispersion as in McCullagh & Nelder (1989), section 6.2.

    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(0, 3000, 120)
    >>> weekly = pd.DataFrame({"channel": "search", "week": range(120), "spend": x,
    ...                        "conversions": rng.poisson(5 + 80 * x / (x + 1000))})
    >>> curve = ResponseCurves().fit(weekly).curves_["search"]
    >>> curve.ceiling[1] < 80 < curve.ceiling[2], curve.half[1] < 1000 < curve.half[2], curve.flags
    (True, True, ())
    """

    def __init__(self, *, decays: tuple[float, ...] = (0.0, 0.3, 0.6), draws: int = 2000, seed: int = 7) -> None:
        self.decays = decays
        self.draws = draws
        self.seed = seed

    def fit(self, weekly: Any, lift_tests: Any = None) -> ResponseCurves:
        """Fit a table ``channel, week, spend, conversions``: one row per channel and week, weeks without gaps.

        ``lift_tests`` are experiments as ``lift_tests.lift_tests`` gives them, counted in conversions.

        Raises ``ValueError`` naming a missing column or negative spend.
        """
        frame = to_pandas(weekly)
        missing = [c for c in ("channel", "week", "spend", "conversions") if c not in frame]
        if missing:
            raise ValueError(f"the weekly table has no column {', '.join(missing)}")
        if (frame["spend"] < 0).any():
            raise ValueError("spend cannot be negative: a credit note belongs to the week it corrects")
        rng = np.random.default_rng(self.seed)
        fitted: dict[str, _Grid] = {}
        for channel, own in frame.sort_values("week").groupby("channel"):
            x, y = own["spend"].to_numpy(float), own["conversions"].to_numpy(float)
            if x.sum() > 0 and len(x) >= 8:
                ran = None if lift_tests is None else lift_tests[lift_tests["channel"] == channel]
                tests = spent_and_won(ran, own) if ran is not None and len(ran) else None
                fitted[str(channel)] = self._grid(x, y, tests, np.ones(len(y)))
        tide = common({c: (g.y, g.expected, g.phi) for c, g in fitted.items()})
        if tide is not None:
            fitted = {c: self._grid(g.x, g.y, g.tests, tide[len(tide) - len(g.y) :]) for c, g in fitted.items()}
        beliefs = pooled_halves({c: g.by_half(len(self.decays)) for c, g in fitted.items()}, _STEPS, _PRIOR_SD)
        now = changes({c: (g.y, g.expected, g.phi) for c, g in fitted.items()})
        self.curves_ = {c: self._curve(c, g, beliefs[c], rng, now[c]) for c, g in fitted.items()}
        return self

    def _grid(self, x: Array, y: Array, tests: Array | None, tide: Array) -> _Grid:
        centre, level = float(x[x > 0].mean()), max(float(y.mean()), 1.0 / len(y))
        halves = centre * np.exp(_STEPS)
        grid = [(d, h) for d in self.decays for h in halves]
        slow = _slow(len(y))
        stocks = {d: adstock(x, d) for d in self.decays}
        # Effect at the mean spend as parameter: it is what the data see, and hardly correlates with half.
        shape = np.stack([stocks[d] / (stocks[d] + h) * ((centre + h) / centre) for d, h in grid])
        waves = np.broadcast_to(slow, (*shape.shape, slow.shape[1]))
        level_of = np.broadcast_to(tide[:, None], (*shape.shape, 1))
        design = np.concatenate([level_of, (shape * tide)[:, :, None], waves], axis=2)
        # Weak beliefs: baseline, effect and slow movements are of the size of what is seen.
        prior_mean = np.array([0.5, 0.5, *np.zeros(slow.shape[1])]) * level
        prior_sd = np.array([1.0, 1.0, *np.full(slow.shape[1], 0.3)]) * level
        seen = None if tests is None else observed(tests, np.array([h for _, h in grid]), centre, design.shape[2])
        mean, cov, fit_log, phi = _quasi_poisson(design, y, prior_mean, prior_sd, seen)
        inside = special.log_ndtr(mean[:, 0] / np.sqrt(cov[:, 0, 0])) + special.log_ndtr(
            mean[:, 1] / np.sqrt(cov[:, 1, 1])
        )
        weight = fit_log + 0.5 * np.linalg.slogdet(cov)[1] + inside
        best = int(weight.argmax())
        steady = design[best][:, :2] @ np.maximum(mean[best][:2], 0.0)
        return _Grid(x, y, tests, grid, mean, cov, phi, weight, centre, level, steady)

    def _curve(
        self, channel: str, g: _Grid, belief: Array, rng: np.random.Generator, now: tuple[float, float]
    ) -> Curve:
        x, y, tests, grid, phi, centre, level = g.x, g.y, g.tests, g.cells, g.phi, g.centre, g.level
        log_weight = g.log_weight + np.tile(belief, len(self.decays))
        weight = np.exp(log_weight - log_weight.max())
        weight /= weight.sum()
        cell = rng.choice(len(grid), size=self.draws, p=weight)
        theta = _positive_draws(g.mean[cell], g.cov[cell], rng)
        step = _STEPS[1] - _STEPS[0]
        half = np.array([grid[c][1] for c in cell]) * np.exp(rng.uniform(-step / 2, step / 2, self.draws))
        decay = np.array([grid[c][0] for c in cell])
        ceiling = theta[:, 1] * (centre + half) / centre
        draws = np.column_stack([ceiling, half, theta[:, 0], decay])
        flags = []
        if now != (1.0, 0.0):
            flags.append("answers_changed")
            shape = (now[0] / now[1]) ** 2
            draws[:, [0, 2]] *= rng.gamma(shape, now[0] / shape, self.draws)[:, None]
        if x.std() < HARDLY_VARIED * x.mean():
            flags.append("spend_hardly_varied")
        if tests is not None:
            flags.append("calibrated_by_experiment")
        open_form = tests is None and np.log(half).std() > NOT_DECIDED * _PRIOR_SD
        if open_form or np.quantile(theta[:, 1], 0.05) < 0.02 * level:
            flags.append("data_did_not_decide")
        point = curve_through(draws, np.linspace(0, 1.25 * x.max(), 40))
        low, high = np.quantile(draws[:, :3], [0.05, 0.95], axis=0)
        values = [(float(point[i]), float(low[i]), float(high[i])) for i in range(3)]
        return Curve(
            channel, values[0], values[1], values[2], float(decay.mean()), phi, len(y), float(x.mean()),
            tuple(flags), draws,
        )  # fmt: skip


@dataclass(frozen=True)
class _Grid:
    """The fit of one channel at every (decay, half): modes, covariances, and log weights without the belief on half."""

    x: Array
    y: Array
    tests: Array | None
    cells: list[tuple[float, float]]
    mean: Array
    cov: Array
    phi: float
    log_weight: Array
    centre: float
    level: float
    expected: Array

    def by_half(self, decays: int) -> Array:
        """Log weight of each half, decays averaged over."""
        return np.asarray(special.logsumexp(self.log_weight.reshape(decays, -1), axis=0), dtype=np.float64)


def _slow(weeks: int) -> Array:
    """What moves slowly whatever is spent: three half-waves over the history, and the year from 18 months on."""
    t = (np.arange(weeks) + 0.5) / weeks
    waves = [np.cos(np.pi * k * t) for k in (1, 2, 3)]
    if weeks >= 78:
        year = 2 * np.pi * np.arange(weeks) / 52.18
        waves += [np.sin(year) - np.sin(year).mean(), np.cos(year) - np.cos(year).mean()]
    return np.stack(waves, axis=1)


def _quasi_poisson(
    design: Array, y: Array, prior_mean: Array, prior_sd: Array, tests: tuple[Array, Array, Array] | None = None
) -> tuple[Array, Array, Array, float]:
    """Fisher scoring of an identity-link quasi-Poisson at every grid point at once, with experiments if any.
    Returns modes (grid, p), covariances (grid, p, p), penalised log likelihoods over
    the dispersion (grid,) and the dispersion (at least 1: counts scatter no less).
    """
    precision = 1 / prior_sd**2
    floor = 0.05 * max(float(y.mean()), 1e-3)
    phi, theta = 1.0, np.broadcast_to(prior_mean, (len(design), len(prior_mean))).copy()
    rows, brought, se = tests or (np.zeros((len(design), 0, design.shape[2])), np.zeros(0), np.ones(0))
    known = np.einsum("gkp,gkq->gpq", rows / se[:, None] ** 2, rows) + np.diag(precision)
    pull = np.einsum("gkp,k->gp", rows, brought / se**2) + precision * prior_mean
    for outer in range(2):
        for _ in range(25):
            mu = np.maximum(np.einsum("gtp,gp->gt", design, theta), floor)
            weighted = design / (phi * mu)[:, :, None]
            hessian = np.einsum("gtp,gtq->gpq", weighted, design) + known
            target = np.einsum("gtp,t->gp", weighted, y) + pull
            new = np.linalg.solve(hessian, target[:, :, None])[:, :, 0]
            new[:, :2] = np.maximum(new[:, :2], 0.0)
            moved = np.abs(new - theta).max()
            theta = 0.5 * theta + 0.5 * new
            if moved < 1e-4 * (prior_sd.max() + 1e-12):
                break
        mu = np.maximum(np.einsum("gtp,gp->gt", design, theta), floor)
        likelihood = (y * np.log(mu) - mu).sum(axis=1)
        best = int(likelihood.argmax())
        if outer == 0:
            spare = max(len(y) - design.shape[2] - 1, 1)
            phi = max(1.0, float(((y - mu[best]) ** 2 / mu[best]).sum() / spare))
    weighted = design / (phi * mu)[:, :, None]
    hessian = np.einsum("gtp,gtq->gpq", weighted, design) + known
    free = np.linalg.solve(hessian, (np.einsum("gtp,t->gp", weighted, y) + pull)[:, :, None])[:, :, 0]
    missed = (brought - np.einsum("gkp,gp->gk", rows, theta)) / se
    score = likelihood / phi - 0.5 * (precision * (theta - prior_mean) ** 2).sum(axis=1) - 0.5 * (missed**2).sum(axis=1)
    return free, np.linalg.inv(hessian), score, phi


def _positive_draws(mean: Array, cov: Array, rng: np.random.Generator) -> Array:
    """Draws from normals truncated to positive baseline and effect, by a few Gibbs sweeps (exact for one of them)."""
    out = np.maximum(mean, 1e-9).copy()
    precision = np.linalg.inv(cov)
    for _ in range(30):
        for j in range(mean.shape[1]):
            others = [k for k in range(mean.shape[1]) if k != j]
            variance = 1 / precision[:, j, j]
            shift = (precision[:, j, others] * (out[:, others] - mean[:, others])).sum(axis=1)
            centre, sd = mean[:, j] - variance * shift, np.sqrt(variance)
            u = rng.uniform(size=len(mean))
            if j < 2:
                tail = special.ndtr(centre / sd)
                out[:, j] = np.maximum(centre - sd * special.ndtri(np.clip(u * tail, 1e-300, 1 - 1e-16)), 0.0)
            else:
                out[:, j] = centre + sd * special.ndtri(u)
    return out


def curve_through(draws: Array, x: Array) -> Array:
    """The curve of the same family nearest to the mean of all drawn curves: medians of single parameters
    would describe a curve that no draw is near to.
    """
    every = draws[:, :1] * x / (x + draws[:, 1:2])
    target = every.mean(axis=0)
    least, most = np.log(np.quantile(draws[:, 1], [0.01, 0.99]))
    halves = np.exp(np.linspace(least, most, 200))
    shapes = x / (x + halves[:, None])
    ceilings = shapes @ target / (shapes**2).sum(axis=1)
    best = int(((target - ceilings[:, None] * shapes) ** 2).sum(axis=1).argmin())
    return np.array([ceilings[best], halves[best], draws[:, 2].mean()])
