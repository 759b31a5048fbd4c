"""What a channel answers to money: concave response curves that saturate.

Every family is written in one normal form, worth * g(x / scale) with g(0) = 0, g'(0) = 1 and g -> 1, so one
solver serves them all. ``half`` always means the same to the owner: the weekly spend that brings half of what the
channel can ever bring.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class Family(NamedTuple):
    """One shape of saturation, as functions of z = spend / scale."""

    share: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    bend: Callable[[Array], Array]
    inverse: Callable[[Array], Array]
    step: Callable[[Array, Array], Array]
    half: float


def _tanh_step(z: Array, d: Array) -> Array:
    # sinh(d) / (cosh(z) cosh(z + d)) in exponentials that cannot overflow
    top = 2 * (np.exp(-2 * z) - np.exp(-2 * (z + d)))
    return np.asarray(top / ((1 + np.exp(-2 * z)) * (1 + np.exp(-2 * (z + d)))))


def _sech2(z: Array) -> Array:
    e = np.exp(-2 * np.abs(z))
    return np.asarray(4 * e / (1 + e) ** 2)


FAMILIES: dict[str, Family] = {
    "hyperbolic": Family(
        share=lambda z: z / (1 + z),
        slope=lambda z: 1 / (1 + z) ** 2,
        bend=lambda z: 2 / (1 + z) ** 3,
        inverse=lambda m: 1 / np.sqrt(m) - 1,
        step=lambda z, d: d / ((1 + z) * (1 + z + d)),
        half=1.0,
    ),
    "exponential": Family(
        share=lambda z: -np.expm1(-z),
        slope=lambda z: np.exp(-z),
        bend=lambda z: np.exp(-z),
        inverse=lambda m: -np.log(m),
        step=lambda z, d: -np.exp(-z) * np.expm1(-d),
        half=math.log(2.0),
    ),
    "tanh": Family(
        share=np.tanh,
        slope=_sech2,
        bend=lambda z: 2 * np.tanh(z) * _sech2(z),
        # arccosh(1/sqrt(m)) loses digits near m = 1; arctanh(sqrt(1-m)) does not
        inverse=lambda m: np.arctanh(np.sqrt(1 - m)),
        step=_tanh_step,
        half=math.atanh(0.5),
    ),
}


@dataclass(frozen=True)
class Curves:
    """The response of every channel to weekly spend.

    Formula, with a the ceiling, h the half-saturation spend and v the value of one conversion:
    ``hyperbolic`` v a x / (x + h); ``exponential`` v a (1 - exp(-x ln 2 / h)); ``tanh`` v a tanh(x atanh(1/2) / h).
    All are concave and increasing with f(0) = 0 and f(h) = v a / 2.

    ``worth`` (= v a, money a week) and ``scale`` (money a week) have shape (channels,) or (draws, channels); with
    draws every function answers the mean over them, which is what a decision by expected value maximises.

    >>> c = Curves.make(["search", "social"], ceiling=[100, 80], half=[500, 200], value=[10, 10])
    >>> [round(float(v), 6) for v in c.value([500, 200])]
    [500.0, 400.0]
    """

    channels: tuple[str, ...]
    forms: tuple[str, ...]
    worth: Array
    scale: Array

    @classmethod
    def make(
        cls,
        channels: Sequence[str],
        *,
        ceiling: ArrayLike,
        half: ArrayLike,
        value: ArrayLike = 1.0,
        form: str | Sequence[str] = "hyperbolic",
    ) -> Curves:
        """Curves from a ceiling (conversions a week), a half-saturation spend and the value of a conversion.

        Raises ``ValueError`` naming the channel for a negative ceiling or value, a half that is not positive, a
        number that is not finite, a channel named twice or an unknown form.
        """
        names = tuple(channels)
        forms = (form,) * len(names) if isinstance(form, str) else tuple(form)
        if len(set(names)) != len(names):
            raise ValueError(f"channel {next(n for n in names if names.count(n) > 1)!r} is named twice")
        if len(forms) != len(names):
            raise ValueError(f"{len(forms)} forms for {len(names)} channels: give one form, or one a channel")
        for name, shape in zip(names, forms, strict=True):
            if shape not in FAMILIES:
                raise ValueError(f"channel {name!r}: form {shape!r} is not one of {', '.join(FAMILIES)}")
        worth = np.asarray(ceiling, dtype=float) * np.asarray(value, dtype=float)
        share = np.array([FAMILIES[f].half for f in forms])
        worth, scale = np.broadcast_arrays(worth, np.asarray(half, dtype=float) / share)
        if worth.ndim not in (1, 2) or worth.shape[-1] != len(names):
            raise ValueError(f"ceiling, half and value have shape {worth.shape}, expected (..., {len(names)})")
        bad = ~(np.isfinite(worth) & np.isfinite(scale) & (worth >= 0) & (scale > 0))
        if bad.any():
            name = names[int(np.argmax(bad.reshape(-1, len(names)).any(0)))]
            raise ValueError(f"channel {name!r}: the ceiling must be 0 or more and the half-saturation above 0")
        return cls(names, forms, worth.astype(float), scale.astype(float))

    @cached_property
    def _groups(self) -> tuple[tuple[Family, Any], ...]:
        names = np.array(self.forms, dtype=object)
        kinds = sorted(set(self.forms))
        if len(kinds) == 1:
            return ((FAMILIES[kinds[0]], slice(None)),)
        return tuple((FAMILIES[k], np.flatnonzero(names == k)) for k in kinds)

    def _by_form(self, part: str, *z: Array) -> Array:
        if len(self._groups) == 1:
            out: Array = getattr(self._groups[0][0], part)(*z)
            return out
        out = np.empty(np.broadcast_shapes(*(v.shape for v in z)))
        for family, at in self._groups:
            out[..., at] = getattr(family, part)(*(v[..., at] for v in z))
        return out

    def _mean(self, figures: Array) -> Array:
        return figures if figures.ndim == 1 else np.asarray(figures.mean(axis=0))

    def values(self, spend: ArrayLike) -> Array:
        """What the spend brings, per draw where there are draws; money a week."""
        return np.asarray(self.worth * self._by_form("share", np.asarray(spend, dtype=float) / self.scale))

    def value(self, spend: ArrayLike) -> Array:
        """What the spend brings in each channel, money a week (the mean over draws)."""
        return self._mean(self.values(spend))

    def slope(self, spend: ArrayLike) -> Array:
        """What the next unit of money brings in each channel."""
        z = np.asarray(spend, dtype=float) / self.scale
        return self._mean(self.worth / self.scale * self._by_form("slope", z))

    def bend(self, spend: ArrayLike) -> Array:
        """How fast the slope falls: minus the second derivative."""
        z = np.asarray(spend, dtype=float) / self.scale
        return self._mean(self.worth / self.scale**2 * self._by_form("bend", z))

    def step(self, spend: ArrayLike, more: float = 1.0) -> Array:
        """What ``more`` money on top of the spend brings, without the cancellation of f(x + d) - f(x)."""
        z = np.asarray(spend, dtype=float) / self.scale
        return self._mean(self.worth * self._by_form("step", z, np.broadcast_to(more / self.scale, z.shape)))

    def inverse_slope(self, price: ArrayLike) -> Array:
        """The spend at which the next unit of money brings exactly ``price``; 0 where it never brings as much.

        ``price`` is one for all channels, or one each.
        Closed form without draws; with draws the mean slope is inverted by a safeguarded Newton method between
        the smallest and the largest answer of a single draw.
        """
        wanted = np.asarray(price, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            m = np.minimum(wanted * self.scale / self.worth, 1.0)
            each = self.scale * self._by_form("inverse", np.where(np.isnan(m), 1.0, m))
        if self.worth.ndim == 1:
            return np.asarray(each)
        low, high = each.min(axis=0), each.max(axis=0)
        x = each.mean(axis=0)
        for _ in range(100):
            over = self.slope(x) - wanted
            low, high = np.where(over >= 0, x, low), np.where(over <= 0, x, high)
            bend = self.bend(x)
            new = x + np.divide(over, bend, out=np.zeros_like(x), where=bend > 0)
            new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
            if np.all(np.abs(new - x) <= 1e-13 * np.maximum(np.abs(x), 1e-300)):
                break
            x = new
        return np.asarray(x)

    def take(self, at: Sequence[int]) -> Curves:
        """The curves of some channels, by position."""
        i = list(at)
        return Curves(
            tuple(self.channels[k] for k in i), tuple(self.forms[k] for k in i), self.worth[..., i], self.scale[..., i]
        )

    def draw(
        self, draws: int, *, worth_sd: ArrayLike = 0.0, scale_sd: ArrayLike = 0.0, level: ArrayLike = np.inf,
        seed: int = 0,
    ) -> Curves:  # fmt: skip
        """Curves with ``draws`` parameter draws: log-normal, with these standard errors of the log of each.

        Data tell best what usual spend brings; the ceiling and the half-saturation beyond it are guessed together.
        So what is drawn independently of the scale is the value at ``level``, the usual spend (infinite: the worth
        itself), with what the scale leaves of the worth's variance. It keeps its mean, so that uncertainty alone
        never makes a channel look richer; the scale keeps its median.
        """  # fmt: skip
        rng = np.random.default_rng(seed)
        shape = (draws, len(self.channels))
        scale = self.scale * np.exp(np.asarray(scale_sd, dtype=float) * rng.standard_normal(shape))
        with np.errstate(divide="ignore", invalid="ignore"):
            at = np.minimum(np.broadcast_to(np.asarray(level, dtype=float), self.scale.shape), 1e9 * self.scale)
            # How the worth must move with the scale to leave the value at the usual spend where it is.
            tilt = np.log(self._by_form("share", at / self.scale) / self._by_form("share", at / scale))
        tilt = np.where(np.isfinite(tilt), tilt, 0.0)
        given = np.asarray(worth_sd, dtype=float)
        # Two marginal intervals cannot tell a small rest from none: a quarter of the given error always stays.
        sd = np.sqrt(np.maximum(given**2 - tilt.var(axis=0), (given / 4) ** 2))
        worth = self.worth * np.exp(tilt + sd * rng.standard_normal(shape) - sd**2 / 2)
        return replace(self, worth=worth, scale=scale)
