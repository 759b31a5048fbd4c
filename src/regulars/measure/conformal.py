"""Intervals that hold as often as they say: the size of a method's own errors on the past, by distance."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Errors of all series together weigh as much as this many starts of a series' own.
BORROW: Final = 9.0
# How many starts the belief in a random walk is worth before looking.
FIRST: Final = 3.0
# Quantiles the pool is carried as.
_SHARES: Final = (np.arange(99) + 0.5) / 99
# Without any test of the past: what independent normal changes would do (mean absolute change to standard deviation).
NORMAL: Final = float(np.sqrt(np.pi / 2))


def growth(errors: Array, scale: Array) -> float:
    """The power ``k`` by which errors grow with distance, ``h ** k``, over all series together; 0 to 1.

    Least squares of the log mean absolute scaled error on the log distance; 1/2 is a random walk.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.abs(errors) / scale[..., None]
    scaled = np.where(np.isfinite(scaled), scaled, np.nan)
    known = np.isfinite(scaled).sum(axis=(0, 1)) >= 1
    if known.sum() < 3:
        return 0.5
    mean = np.nanmean(scaled.reshape(-1, scaled.shape[-1])[:, known], axis=0)
    if (mean <= 0).any():
        return 0.5
    far = np.log(np.flatnonzero(known) + 1.0)
    slope = np.polyfit(far, np.log(mean), 1)[0]
    weight = np.isfinite(scaled[..., 0]).sum()
    return float(np.clip((weight * slope + FIRST * 0.5) / (weight + FIRST), 0.0, 1.0))


def half_widths(errors: Array, scale: Array, now: Array, level: float = 0.9, smallest: float = 0.0) -> Array:
    """Half the width of every interval: (series, steps).

    The scores are ``|error| / (scale h^k)``. A series' interval is ``now h^k`` times the ``level`` quantile
    of its own scores, joined with those of all series at the weight of ``BORROW`` starts. The level is raised to
    ``level (1 + 1 / 2n)`` with ``n`` starts in all: the finite-sample step of split conformal prediction, at half
    its size, because the steps of a start are several errors and not one.

    Args:
        errors: (series, starts, steps) on the past, NaN where unknown.
        scale: (series, starts): mean absolute change of the series known at each start.
        now: (series,): the same today.
        level: the share of truths the interval shall hold.
        smallest: no interval is narrower than this.

    Raises ``ValueError`` for a level outside 0 to 1.
    Source: Vovk, Gammerman & Shafer (2005), Algorithmic Learning in a Random World; Lei et al. (2018), JASA 113:1094.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    n, starts, steps = errors.shape
    power = growth(errors, scale)
    far = np.arange(1, steps + 1) ** power
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = (np.abs(errors) / (scale[..., None] * far)).reshape(n, starts * steps)
    known = np.isfinite(scores)
    if not known.any():
        from scipy.special import ndtri

        width = float(ndtri(0.5 + level / 2)) * NORMAL
        return np.maximum(now[:, None] * np.sqrt(np.arange(1, steps + 1)) * width, smallest)
    pool = np.quantile(scores[known], _SHARES)
    union = np.concatenate([np.where(known, scores, np.inf), np.broadcast_to(pool, (n, len(pool)))], axis=1)
    own = np.where(known, 1.0 / steps, 0.0)
    weights = np.concatenate([own, np.full((n, len(pool)), BORROW / len(pool))], axis=1)
    order = np.argsort(union, axis=1)
    mass = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    wanted = np.minimum(level * (1 + 1 / (2 * known.sum() / steps)), 1 - 1e-9) * mass[:, -1:]
    at = (mass < wanted).sum(axis=1, keepdims=True)
    quantile = np.take_along_axis(np.take_along_axis(union, order, axis=1), np.minimum(at, union.shape[1] - 1), axis=1)
    quantile = np.where(np.isfinite(quantile), quantile, pool[-1])
    return np.asarray(np.maximum(now[:, None] * far * quantile, smallest))


def measured_coverage(errors: Array, scale: Array, level: float = 0.9) -> tuple[float, int] | None:
    """(share of the newest truths that fell into intervals made from older starts only, how many truths).

    Starts are newest first and half a horizon apart, so those from the third on share no truth with the first.
    None without an older start.
    """
    if errors.shape[1] < 3 or not np.isfinite(errors[:, 2:]).any():
        return None
    half = half_widths(errors[:, 2:], scale[:, 2:], np.nan_to_num(scale[:, 0]), level)
    tested = np.isfinite(errors[:, 0]) & np.isfinite(scale[:, :1])
    if not tested.any():
        return None
    inside = np.abs(np.where(tested, errors[:, 0], 0.0)) <= half
    return float(inside[tested].mean()), int(tested.sum())
