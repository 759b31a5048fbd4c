"""All methods side by side on many series, how each did when started at earlier moments, and whom to believe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulars.measure.croston import croston, demand_kind
from regulars.measure.ets import ets
from regulars.measure.lines import autoregression
from regulars.measure.moving_seasons import LONGEST, moving_season
from regulars.measure.season_shapes import SeasonShape, season_shape
from regulars.measure.theta import THETAS, theta

Array = NDArray[np.float64]
METHODS: Final = (
    "combined", "naive", "seasonal_naive", "ses", "holt", "damped", "ets", "ets_season", "theta", "theta_optimised",
    "autoregression", "croston", "sba", "tsb",
)  # fmt: skip
# Different ideas, so their errors cancel; each is among the best alone on one kind of series or another.
JOINED: Final = ("ets", "damped", "theta", "theta_optimised", "autoregression")
LUMPY: Final = ("croston", "sba", "tsb")
# Rows worked at once: what one step of a filter touches stays in the processor's cache.
ROWS: Final = 1500
# A single method must have been this much better than the combination to be believed instead.
CLEARLY: Final = 0.95
# How many starts of its own a series must have before its record counts half.
BORROW: Final = 4.0
# The fewest values a start in the past may learn from.
LEAST: Final = 8


def said(y: Array, horizon: int, periods: Sequence[int] = ()) -> dict[str, Array]:
    """What every method of ``METHODS`` foretells for every row: (series, horizon) each.

    Args:
        y: (series, time), NaN only before a series begins, at least one value each.
        horizon: how many periods ahead.
        periods: seasons to look for, shortest first: ``(7, 365)`` for days, ``(52,)`` for weeks.

    Seasons that are clear are taken out first and put back; lumpy methods see the series as it is.
    """
    blocks = [_said(y[i : i + ROWS], horizon, periods) for i in range(0, len(y), ROWS)]
    return {name: np.concatenate([b[name] for b in blocks]) for name in METHODS}


def _said(y: Array, horizon: int, periods: Sequence[int]) -> dict[str, Array]:
    plain, shapes = y, []
    for period in periods:
        shape = season_shape(plain, period)
        if shape.clear.any():
            shapes.append(shape)
            plain = shape.without(plain)
    smooth = ets(plain)
    names = list(smooth)
    ahead = {name: one.ahead(horizon) for name, one in smooth.items()}
    best = np.argmin([smooth[n].aicc for n in names], axis=0)
    out = {
        "naive": np.repeat(plain[:, -1:], horizon, axis=1), "ses": ahead["level"], "holt": ahead["trend"],
        "damped": ahead["damped"], "ets": np.array([ahead[n] for n in names])[best, np.arange(len(y))],
        "theta": theta(plain, horizon), "theta_optimised": theta(plain, horizon, THETAS),
        "autoregression": autoregression(plain, horizon),
    }  # fmt: skip
    out["combined"] = np.mean([out[name] for name in JOINED], axis=0)
    for shape in reversed(shapes):
        out = {name: shape.back(ahead) for name, ahead in out.items()}
    out["ets_season"] = _moving(y, horizon, periods, shapes, out["ets"])
    # The naive forecasts know nothing of shapes: they are what has to be beaten.
    out["naive"] = np.repeat(y[:, -1:], horizon, axis=1)
    out["seasonal_naive"] = _one_season_ago(y, horizon, periods[0] if periods else 1)
    lumpy = demand_kind(y) != "smooth"
    for kind in LUMPY:
        out[kind] = np.repeat(np.nanmean(y, axis=1)[:, None], horizon, axis=1)
        if lumpy.any():
            out[kind][lumpy] = croston(y[lumpy], horizon, kind)  # type: ignore[arg-type]
    return {name: out[name] for name in METHODS}


def _moving(y: Array, horizon: int, periods: Sequence[int], shapes: list[SeasonShape], fixed: Array) -> Array:
    """Where the shortest season is clear and short, one that moves; elsewhere what was said with a fixed one."""
    own = next((s for s in shapes if s.period == periods[0] <= LONGEST), None) if periods else None
    if own is None:
        return fixed
    others = [s for s in shapes if s is not own]
    rest = y
    for shape in others:
        rest = shape.without(rest)
    ahead = fixed.copy()
    ahead[own.clear] = moving_season(rest[own.clear], own.period, horizon).ahead
    for shape in reversed(others):
        ahead = np.where(own.clear[:, None], shape.back(ahead), ahead)
    return ahead


def _one_season_ago(y: Array, horizon: int, period: int) -> Array:
    period = period if y.shape[1] >= period else 1
    ago = y[:, -period:][:, np.arange(horizon) % period]
    return np.asarray(np.where(np.isfinite(ago), ago, y[:, -1:]))


@dataclass(frozen=True)
class Backtest:
    """``errors`` (method, series, start, step): truth less forecast, NaN where a start had too little before it;
    ``scale`` (series, start): mean absolute change before that start; ``truth`` and ``before`` for percentages."""

    errors: Array
    scale: Array
    truth: Array

    def mae(self) -> Array:
        """Mean absolute error (method, series) over all starts and steps; NaN without any."""
        return self._mean(np.abs(self.errors))

    def mse(self) -> Array:
        """Mean squared error, likewise."""
        return self._mean(self.errors**2)

    def _mean(self, errors: Array) -> Array:
        known = np.isfinite(errors)
        count = known.sum(axis=(2, 3))
        total = np.where(known, errors, 0.0).sum(axis=(2, 3))
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def backtest(
    y: Array, horizon: int, periods: Sequence[int], origins: int, positive: NDArray[np.bool_]
) -> tuple[dict[str, Array], Backtest]:
    """(What every method says today, how it did when started at ``origins`` earlier moments).

    The starts lie half a horizon apart, and each knows only what came before it. Today and
    the starts are worked as rows of one table, so that they cost little more than today alone.
    """
    n, length = y.shape
    step = max(1, horizon // 2)
    begins = np.isnan(y).sum(axis=1)
    cuts = [0, *(cut for i in range(origins) if (cut := horizon + i * step) < length)]
    rows = [np.flatnonzero(length - cut - begins >= (LEAST if cut else 1)) for cut in cuts]
    stacked = np.full((sum(map(len, rows)), length), np.nan)
    edges = np.cumsum([0, *map(len, rows)])
    for cut, own, at in zip(cuts, rows, edges[:-1], strict=True):
        stacked[at : at + len(own), cut:] = y[own, : length - cut]
    told = said(stacked, horizon, periods)
    starts = max(origins, 1)
    errors = np.full((len(METHODS), n, starts, horizon), np.nan)
    scale, truth = np.full((n, starts), np.nan), np.full((n, starts, horizon), np.nan)
    moved = np.abs(np.diff(stacked, axis=1))
    for i, (cut, own, at) in enumerate(zip(cuts[1:], rows[1:], edges[1:-1], strict=True)):
        if not len(own):
            continue
        part = slice(at, at + len(own))
        truth[own, i] = y[own, length - cut : length - cut + horizon]
        scale[own, i] = np.nanmean(moved[part], axis=1)
        for m, name in enumerate(METHODS):
            ahead = np.where(positive[own, None], np.maximum(told[name][part], 0.0), told[name][part])
            errors[m, own, i] = truth[own, i] - ahead
    return {name: ahead[:n] for name, ahead in told.items()}, Backtest(errors, scale, truth)


def choose(record: Backtest, kinds: NDArray[np.str_], method: str = "auto") -> NDArray[np.int64]:
    """Index into ``METHODS`` by series.

    The combination is hard to beat (Makridakis et al. 2020): another method is taken where its error on the past,
    shrunk towards what it did on all series like this one, was clearly smaller. Where most periods sell nothing, only
    averages over time are asked (the lumpy methods and plain smoothing), elsewhere these are not.
    """
    n = record.errors.shape[1]
    if method != "auto":
        return np.full(n, METHODS.index(method))
    mae = record.mae()
    starts = np.isfinite(record.errors[0]).any(axis=2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(np.maximum(mae, 1e-300) / np.maximum(mae[0], 1e-300))
        squared = np.log(np.maximum(record.mse(), 1e-300) / np.maximum(record.mse()[0], 1e-300)) / 2
    # Where most periods sell nothing, saying nothing has the smallest absolute error and is the wrong answer.
    ratio = np.clip(np.where(np.isin(kinds, ("intermittent", "lumpy")), squared, ratio), -2.0, 2.0)
    for kind in np.unique(kinds):
        own = kinds == kind
        known = own & np.isfinite(mae[0])
        pool = np.nanmean(ratio[:, known], axis=1) if known.any() else np.zeros(len(METHODS))
        weight = (starts[own] / (starts[own] + BORROW))[None, :]
        ratio[:, own] = np.where(np.isfinite(ratio[:, own]), weight * ratio[:, own], 0.0) + (1 - weight) * pool[:, None]
        sparse = kind in ("intermittent", "lumpy")
        barred = [m for m, name in enumerate(METHODS) if (name not in (*LUMPY, "ses") if sparse else name in LUMPY)]
        ratio[np.ix_(barred, own)] = np.inf
    ratio[0] += np.log(CLEARLY)
    return np.asarray(np.argmin(ratio, axis=0))
