"""A table of weeks and beliefs in an owner's units, made into the scaled arrays a mix's density works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from regulars.measure.mix_density import LiftRows, MixData, MixDensity
from regulars.measure.mix_lifts import LiftTest
from regulars.measure.mix_priors import Beliefs, MixPriors
from regulars.measure.mix_shapes import lagged
from regulars.measure.mix_table import MixTable
from regulars.measure.seasons import Seasons

Array = NDArray[np.float64]
Roi = tuple[float, float] | Mapping[str, tuple[float, float]] | None
# Half-normal deviation of what a channel brings, as a share of sales, if it had all the spend; falls with the
# root of its share of spend, so that a small channel may still earn several times the average return.
WIDEST_SHARE: Final = 0.35


@dataclass(frozen=True)
class Scaled:
    """Arrays, beliefs and the units they are in: ``sales`` (geos,), ``media`` and ``frequency`` (channels,).

    ``base`` (N, p) holds the base's columns, ``expected`` and ``loading`` (p, p) its coefficients' mean and the
    matrix from independent standard normals to them, ``spread`` all eigenvalues.
    """

    data: MixData
    beliefs: Beliefs
    strength: Array
    sales: Array
    media: Array
    frequency: Array
    base: Array
    expected: Array
    loading: Array
    spread: Array

    def density(self, adstock: str, saturation: str, on: str) -> MixDensity:
        """The log posterior."""
        return MixDensity(
            self.data, self.beliefs, adstock=adstock, saturation=saturation, on=on, scale=self.strength
        )  # fmt: skip

    def lags(self, media: Array, weeks: int) -> Array:
        """Media (channels, geos, time) as scaled (channels, L + 1, geos * time)."""
        scaled = media / self.sales[:, None] / self.media[:, None, None]
        return _rows(lagged(scaled, weeks))

    def often(self, frequency: Array, weeks: int) -> Array | None:
        """Frequency in the same shape; None where no channel has one."""
        if not frequency.any():
            return None
        return _rows(lagged(frequency / self.frequency[:, None, None], weeks))


def scaled(
    table: MixTable, seasons: Seasons, priors: MixPriors, *, adstock: str, saturation: str, roi: Roi, carry_weeks: int,
    tests: tuple[LiftTest, ...], phi: float = 0.0,
) -> Scaled:  # fmt: skip
    """Scale a table, integrate out its base and write down the beliefs; ``phi`` is the carry of the noise."""
    sales = np.abs(table.y).mean(axis=1)
    size = np.repeat(sales, len(table.dates))
    relative = table.media / sales[:, None]
    media = np.array([x[x > 0].mean() for x in relative])
    frequency = np.array([x[x > 0].mean() if x.any() else 1.0 for x in table.frequency])
    z = seasons.build(table.rows)
    mean, sd = seasons.beliefs(priors)
    y = table.y.reshape(-1) / size - z @ mean
    sure = _sure(y, z, len(table.geos))
    geo = np.repeat(np.eye(len(table.geos)), len(table.dates), axis=0)
    empty = np.empty((0, 0, 0))
    plain = MixData(y, size, sure, empty, None, z, sd, sales, geo, phi=phi)
    weighted = plain.white((z * sd * sure[:, None]).T).T
    values, axes = np.linalg.eigh(weighted.T @ weighted)
    real = values > 1e-10 * max(float(values.max()), 1e-300)
    values = np.where(real, values, 0.0)
    basis = weighted @ axes[:, real] / np.sqrt(values[real])
    strength, returns = _returns(table, priors, roi)
    beliefs = _beliefs(table, priors, returns, adstock, saturation)
    paid = table.spend.sum(axis=(1, 2))
    data = replace(plain, basis=basis, spread=values[real], paid=paid)
    out = Scaled(data, beliefs, strength, sales, media, frequency, z, mean, sd[:, None] * axes, values)
    lags, often = out.lags(table.media, carry_weeks), out.often(table.frequency, carry_weeks)
    return replace(out, data=_with_tests(replace(data, lags=lags, often=often), tests))


def _with_tests(data: MixData, tests: tuple[LiftTest, ...]) -> MixData:
    """Add the rows a test of a part of the spend compares with: the same weeks with that part taken away."""
    n = len(data.y)
    parts, compared = [], []
    for t in tests:
        at = np.flatnonzero(t.weight > 0) if t.share < 1 else np.empty(0, dtype=int)
        part = np.zeros((*data.lags.shape[:2], len(at)))
        part[t.channel] = (1 - t.share) * data.lags[t.channel][:, at]
        parts.append(part)
        compared.append(at)
    every = np.concatenate([np.arange(n), *compared]).astype(int)
    lifts, begin = [], n
    for t, at in zip(tests, compared, strict=True):
        rows = np.zeros(len(every))
        rows[:n] = t.weight * data.size
        rows[begin : begin + len(at)] = -(t.weight * data.size)[at]
        begin += len(at)
        lifts.append(LiftRows(t.channel, t.delta, t.se, rows))
    often = None if data.often is None else data.often[:, :, every]
    lags = np.ascontiguousarray(np.concatenate([data.lags, *parts], axis=2))
    return replace(data, lags=lags, often=often, geo=data.geo[every], lifts=tuple(lifts))


def _rows(x: Array) -> Array:
    """(channels, geos, L + 1, time) to (channels, L + 1, geos * time)."""
    return np.ascontiguousarray(x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1))


def _sure(y: Array, z: Array, geos: int) -> Array:
    """One over the relative noise of each row's geo: small markets are noisier in units of their own sales."""
    if geos == 1:
        return np.ones(len(y))
    left = (y - z @ np.linalg.lstsq(z, y, rcond=None)[0]).reshape(geos, -1).std(axis=1)
    left = np.maximum(left, 1e-9)
    ratio = np.clip(left / np.exp(np.log(left).mean()), 1 / 3, 3)
    return np.repeat(1 / ratio, len(y) // geos)


def _returns(table: MixTable, priors: MixPriors, roi: Roi) -> tuple[Array, list[tuple[str, float, float]]]:
    """Scale and belief of each channel's return (or effect)."""
    n = len(table.channels)
    if priors.on == "effect":
        return np.full(n, priors.effect_sd), [("half_normal", 0.0, 1.0)] * n
    paid = table.spend.sum(axis=(1, 2))
    wide = WIDEST_SHARE * np.sqrt(paid / paid.sum()) * np.abs(table.y).sum() / paid
    kinds: list[tuple[str, float, float]] = [("half_normal", 0.0, 1.0)] * n
    for i, channel in enumerate(table.channels):
        given: Any = roi.get(channel) if isinstance(roi, Mapping) else roi
        if given is None:
            continue
        mean, sd = given
        if not (mean > 0 and sd > 0):
            raise ValueError(f"prior_roi of {channel} needs a mean and a deviation above 0")
        spread = float(np.sqrt(np.log1p((sd / mean) ** 2)))
        wide[i] = mean * np.exp(-(spread**2) / 2)
        kinds[i] = ("log_normal", 0.0, spread)
    return wide, kinds


def _beliefs(
    table: MixTable, priors: MixPriors, returns: list[tuple[str, float, float]], adstock: str, saturation: str
) -> Beliefs:
    """Beliefs in the order of the density's coordinates."""
    n, geos = len(table.channels), len(table.geos)

    def log_normal(p: tuple[float, float]) -> list[tuple[str, float, float]]:
        return [("normal", float(np.log(p[0])), p[1])] * n

    terms = list(returns)
    if adstock == "weibull":
        terms += log_normal(priors.scale) + log_normal(priors.shape)
    else:
        terms += [("beta", *priors.decay)] * n
        terms += log_normal(priors.peak) if adstock == "delayed" else []
    if priors.rate is None:
        terms += log_normal(priors.half)
    else:
        shape, rate, units = priors.rate
        terms += [("gamma_inverse", shape, float(np.log(np.log(3) * rate * u))) for u in units]
    if saturation == "hill":
        terms += log_normal(priors.slope)
    if geos > 1:
        terms += [("half_normal_log", priors.geo_sd, 0.0)] * n + [("normal", 0.0, 1.0)] * n * geos
    terms.append(("half_normal_log", priors.noise_sd, 0.0))
    kind, p, q = zip(*terms, strict=True)
    return Beliefs(tuple(kind), np.array(p, dtype=float), np.array(q, dtype=float))
