"""What a channel answers to money: response curves that saturate.

Every family is written in one normal form, worth * g(x / scale) with g(0) = 0, so one solver serves them all.
``half`` always means the same to the owner: the weekly spend that brings half of what the channel can ever bring
(half of the ``ceiling`` given, for the two families that have no end).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.families import FAMILIES, FORMS, POINTS, Array, Family, points_family

__all__ = ["FAMILIES", "FORMS", "Array", "Curves"]


@dataclass(frozen=True)
class Curves:
    """The response of every channel to weekly spend.

    Formula, with a the ceiling, h the half-saturation spend and v the value of one conversion:
    ``hyperbolic`` v a x / (x + h); ``exponential`` v a (1 - exp(-x ln 2 / h)); ``tanh`` v a tanh(x atanh(1/2) / h);
    ``hill`` v a x^k / (x^k + h^k); ``log`` v a ln(1 + x (sqrt(e) - 1) / h); ``power`` v a / 2 (x / h)^k, 0 < k <= 1;
    ``points`` straight pieces. All increase, with f(0) = 0 and f(h) = v a / 2, and all but ``hill`` with k > 1
    (S-shaped: little money brings little) are concave.

    ``worth`` (= v a, money a week) and ``scale`` (money a week) have shape (channels,) or (draws, channels); with
    draws every function answers the mean over them, which is what a decision by expected value maximises. ``shape``
    is k, one for all, or by channel, or by draw and channel. ``knots`` holds the points of ``points``, in the normal
    form.

    >>> c = Curves.make(["search", "social"], ceiling=[100, 80], half=[500, 200], value=[10, 10])
    >>> [round(float(v), 6) for v in c.value([500, 200])]
    [500.0, 400.0]
    """

    channels: tuple[str, ...]
    forms: tuple[str, ...]
    worth: Array
    scale: Array
    shape: Array = field(default_factory=lambda: np.ones(()))
    knots: tuple[tuple[Array, Array] | None, ...] = ()

    @classmethod
    def make(
        cls,
        channels: Sequence[str],
        *,
        ceiling: ArrayLike,
        half: ArrayLike,
        value: ArrayLike = 1.0,
        form: str | Sequence[str] = "hyperbolic",
        shape: ArrayLike = 1.0,
    ) -> Curves:
        """Curves from a ceiling (conversions a week), a half-saturation spend and the value of a conversion.

        Raises ``ValueError`` naming the channel for a negative ceiling or value, a half that is not positive, a
        number that is not finite, a channel named twice, an unknown form, or a shape its form does not know.
        """
        names = tuple(channels)
        forms = (form,) * len(names) if isinstance(form, str) else tuple(form)
        if len(set(names)) != len(names):
            raise ValueError(f"channel {next(n for n in names if names.count(n) > 1)!r} is named twice")
        if len(forms) != len(names):
            raise ValueError(f"{len(forms)} forms for {len(names)} channels: give one form, or one a channel")
        for name, kind in zip(names, forms, strict=True):
            if kind not in FORMS:
                raise ValueError(f"channel {name!r}: form {kind!r} is not one of {', '.join(FORMS)}")
        k = np.asarray(shape, dtype=float)
        each = np.broadcast_to(k, (*k.shape[:-1], len(names)))
        worth = np.asarray(ceiling, dtype=float) * np.asarray(value, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.stack([FORMS[f].half(each[..., i]) for i, f in enumerate(forms)], axis=-1)
        worth, scale = np.broadcast_arrays(worth, np.asarray(half, dtype=float) / share)
        if worth.ndim not in (1, 2) or worth.shape[-1] != len(names):
            raise ValueError(f"ceiling, half and value have shape {worth.shape}, expected (..., {len(names)})")
        wide = np.array([f == "power" for f in forms])
        bad = ~(np.isfinite(each) & (each > 0) & ~(wide & (each > 1)))
        if bad.any():
            name = names[int(np.argmax(bad.reshape(-1, len(names)).any(0)))]
            raise ValueError(f"channel {name!r}: the shape must be above 0, and at most 1 for a power")
        bad = ~(np.isfinite(worth) & np.isfinite(scale) & (worth >= 0) & (scale > 0))
        if bad.any():
            name = names[int(np.argmax(bad.reshape(-1, len(names)).any(0)))]
            raise ValueError(f"channel {name!r}: the ceiling must be 0 or more and the half-saturation above 0")
        return cls(names, forms, worth.astype(float), scale.astype(float), each if "hill" in forms or wide.any() else k)

    @classmethod
    def through(cls, points: Mapping[str, Sequence[tuple[float, float]]], *, value: ArrayLike = 1.0) -> Curves:
        """Straight pieces through points (spend, conversions) a week, from (0, 0); nothing more comes beyond the last.

        Raises ``ValueError`` naming the channel whose points do not rise, or do not rise ever slower.

        >>> round(float(Curves.through({"fair": [(1000, 30), (3000, 50)]}, value=10).value([2000])[0]), 6)
        400.0
        """
        knots, ends = [], []
        for name, given in points.items():
            x, y = np.array([(0.0, 0.0), *(p for p in given if tuple(p) != (0, 0))], dtype=float).T
            slopes = np.diff(y) / np.where(np.diff(x) > 0, np.diff(x), np.nan)
            if len(x) < 2 or not np.isfinite(slopes).all() or (slopes < 0).any() or (np.diff(slopes) > 0).any():
                raise ValueError(f"channel {name!r}: the points must go up and to the right, and ever slower")
            knots.append((x / x[-1], y / max(y[-1], 1e-300)))
            ends.append((y[-1], x[-1]))
        worth, scale = np.array(ends, dtype=float).T
        return cls(tuple(points), (POINTS,) * len(knots), worth * np.asarray(value, dtype=float), scale,
                   knots=tuple(knots))  # fmt: skip

    def shape_of(self, i: int) -> float:
        """The shape k of a channel (the mean over draws)."""
        return float(np.mean(np.broadcast_to(self.shape, self.worth.shape)[..., i]))

    @cached_property
    def curved(self) -> Any:
        """Which channels bend upwards somewhere, so that a little money there brings less than its share."""
        k = np.atleast_2d(np.broadcast_to(self.shape, self.worth.shape))
        return np.asarray(np.array([f == "hill" for f in self.forms]) & (k > 1).any(axis=0))

    @cached_property
    def halves(self) -> Array:
        """The spend that brings half of the worth (the median over draws)."""
        k = np.atleast_2d(np.broadcast_to(self.shape, self.worth.shape))
        share = np.empty(k.shape)
        for family, at in self._groups:
            share[..., at] = family.half(k[..., at])
        return np.asarray(np.median(np.atleast_2d(self.scale) * share, axis=0))

    @cached_property
    def _groups(self) -> tuple[tuple[Family, Any], ...]:
        names = np.array(self.forms, dtype=object)
        kinds = sorted(set(self.forms) - {POINTS})
        if len(kinds) == 1 and POINTS not in self.forms:
            return ((FORMS[kinds[0]], slice(None)),)
        own = [(points_family(*k), [i]) for i, k in enumerate(self.knots) if k is not None]
        return (*((FORMS[kind], np.flatnonzero(names == kind)) for kind in kinds), *own)

    def _by_form(self, part: str, *z: Array) -> Array:
        k = self.shape
        if len(self._groups) == 1 and isinstance(self._groups[0][1], slice):
            out: Array = getattr(self._groups[0][0], part)(*z, k)
            return out
        out = np.empty(np.broadcast_shapes(*(v.shape for v in z)))
        for family, at in self._groups:
            out[..., at] = getattr(family, part)(*(v[..., at] for v in z), k[..., at] if k.ndim else k)
        return out

    def _mean(self, figures: Array) -> Array:
        return figures if figures.ndim == 1 else np.asarray(figures.mean(axis=0))

    def values(self, spend: ArrayLike) -> Array:
        """What the spend brings, per draw where there are draws; money a week."""
        return np.asarray(self.worth * self._by_form("share", np.asarray(spend, dtype=float) / self.scale))

    def value(self, spend: ArrayLike) -> Array:
        """What the spend brings in each channel, money a week (the mean over draws)."""
        return self._mean(self.values(spend))

    def slopes(self, spend: ArrayLike) -> Array:
        """What the next unit of money brings, per draw where there are draws."""
        z = np.asarray(spend, dtype=float) / self.scale
        return np.asarray(self.worth / self.scale * self._by_form("slope", z))

    def bends(self, spend: ArrayLike) -> Array:
        """How fast the slope falls, per draw where there are draws."""
        z = np.asarray(spend, dtype=float) / self.scale
        return np.asarray(self.worth / self.scale**2 * self._by_form("bend", z))

    def slope(self, spend: ArrayLike) -> Array:
        """What the next unit of money brings in each channel."""
        return self._mean(self.slopes(spend))

    def bend(self, spend: ArrayLike) -> Array:
        """How fast the slope falls: minus the second derivative."""
        return self._mean(self.bends(spend))

    def step(self, spend: ArrayLike, more: float = 1.0) -> Array:
        """What ``more`` money on top of the spend brings, without the cancellation of f(x + d) - f(x)."""
        z = np.asarray(spend, dtype=float) / self.scale
        return self._mean(self.worth * self._by_form("step", z, np.broadcast_to(more / self.scale, z.shape)))

    def inverse_slope(
        self, price: ArrayLike, near: Array | None = None, within: tuple[Array, Array] | None = None
    ) -> Array:
        """The spend at which the next unit of money brings exactly ``price``; 0 where it never brings as much.

        ``price`` is one for all channels, or one each; ``near`` a guess, which with draws saves most of the search;
        ``within`` limits that the answer keeps to.
        Closed form without draws; with draws the mean slope is inverted by a safeguarded Newton method between
        the smallest and the largest answer of a single draw.
        """
        wanted = np.asarray(price, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            m = np.where(self.worth > 0, wanted * self.scale / self.worth, np.inf)
            each = self.scale * self._by_form("inverse", np.where(np.isnan(m), np.inf, m))
        least, most = (0.0, np.inf) if within is None else within
        if self.worth.ndim == 1:
            return np.asarray(each if within is None else np.clip(each, least, most))
        low, high = (np.clip(end, least, most) for end in (each.min(axis=0), each.max(axis=0)))
        # next to nothing is nothing: an amount is settled to a millionth of a millionth of its scale
        little = 1e-12 * self.scale.min(axis=0)
        x = np.clip(each.mean(axis=0) if near is None else near, low, high)
        for _ in range(100):
            over = self.slope(x) - wanted
            low, high = np.where(over >= 0, x, low), np.where(over <= 0, x, high)
            bend = self.bend(x)
            # where the curve does not bend at all, as a tanh at nothing, Newton would stay for ever
            new = x + np.divide(over, bend, out=np.where(over == 0, 0.0, np.inf), where=(bend > 0) & (over != 0))
            new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
            with np.errstate(invalid="ignore"):
                still = np.abs(new - x) <= np.maximum(1e-13 * np.abs(x), little)
            if np.all(still | (new == x)):
                break
            x = new
        return np.asarray(x)

    def take(self, at: Sequence[int]) -> Curves:
        """The curves of some channels, by position."""
        i = list(at)
        return Curves(
            tuple(self.channels[k] for k in i), tuple(self.forms[k] for k in i), self.worth[..., i], self.scale[..., i],
            self.shape[..., i] if self.shape.ndim else self.shape,
            tuple(self.knots[k] for k in i) if self.knots else (),
        )  # fmt: skip

    def join(self, other: Curves) -> Curves:
        """The curves of both, without draws or with as many."""
        worth, scale, shape = (
            np.concatenate([np.broadcast_to(a, self.worth.shape), np.broadcast_to(b, other.worth.shape)], axis=-1)
            for a, b in ((self.worth, other.worth), (self.scale, other.scale), (self.shape, other.shape))
        )
        knots = [c.knots or (None,) * len(c.channels) for c in (self, other)]
        return Curves(
            self.channels + other.channels, self.forms + other.forms, worth, scale, shape, knots[0] + knots[1]
        )

    def times(self, factor: ArrayLike) -> Curves:
        """The curves with their worth multiplied: another objective."""
        return replace(self, worth=self.worth * np.asarray(factor, dtype=float))

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
