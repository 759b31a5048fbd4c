"""What the weeks and the beliefs say of a mix together: the log posterior and its exact slope, chains in one batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from regulars.measure.mix_priors import Beliefs
from regulars.measure.mix_shapes import ADSTOCKS, SATURATIONS, carry, saturate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LiftRows:
    """One test as a likelihood term: channel, effect measured with its error, and the rows (N',) that add up to it."""

    channel: int
    delta: float
    se: float
    rows: Array


@dataclass(frozen=True)
class MixData:
    """Everything scaled: rows are (geo, week) in geo-major order, N of them, then E copies lift tests compare with.

    ``y`` (N,) less the expected base, in units of a geo's mean sales; ``size`` (N,) that unit, and ``sure`` (N,) one
    over a geo's relative noise; ``lags`` (channels, L + 1, N + E) of media in units of the mean week; ``often`` the
    same of frequency or None; ``basis`` (N, p) and ``spread`` (p,) the eigenvectors and values of the covariance the
    base's beliefs put on the rows; ``paid`` (channels,) spend in all; ``geo`` (N + E, geos) of ones; ``phi`` how much
    of a week's noise is still there in the next.
    """

    y: Array
    size: Array
    sure: Array
    lags: Array
    often: Array | None
    basis: Array
    spread: Array
    paid: Array
    geo: Array
    lifts: tuple[LiftRows, ...] = ()
    phi: float = 0.0

    def white(self, r: Array) -> Array:
        """Rows (..., N) in geo-major order as surprises: each less phi of the one before, the first at its scale."""
        if not self.phi:
            return r
        wide = r.reshape(*r.shape[:-1], self.geo.shape[1], -1)
        out = wide.copy()
        out[..., 1:] -= self.phi * wide[..., :-1]
        out[..., 0] *= np.sqrt(1 - self.phi**2)
        return np.asarray(out.reshape(r.shape))

    def white_back(self, g: Array) -> Array:
        """The transpose of ``white``, for slopes."""
        if not self.phi:
            return g
        wide = g.reshape(*g.shape[:-1], self.geo.shape[1], -1)
        out = wide.copy()
        out[..., 0] *= np.sqrt(1 - self.phi**2)
        out[..., :-1] -= self.phi * wide[..., 1:]
        return np.asarray(out.reshape(g.shape))


class MixDensity:
    r"""Log posterior of a mix with the base integrated out.

    With r the sales less what channels brought (less the carry of the week before where noise lasts), U and d the
    eigenvectors and values of the base's covariance:

    .. math::
        \ln p = -\tfrac12 \Big[ \tfrac{r'r - |U'r|^2}{\sigma^2} + \sum_i \tfrac{(U'r)_i^2}{\sigma^2 + d_i}
        + (N - p) \ln\sigma^2 + \sum_i \ln(\sigma^2 + d_i) \Big]
        - \sum_j \tfrac{(\delta_j - lift_j)^2}{2 se_j^2} + \ln \pi

    A call takes coordinates (chains, D) and gives the log density (chains,) and its gradient (chains, D). Cost:
    O(channels * rows * (L + 1) + rows * p) a chain; two matrix products and one tanh, whatever the chains.
    """

    def __init__(
        self, data: MixData, beliefs: Beliefs, *, adstock: str, saturation: str, on: str, scale: Array
    ) -> None:
        self.data, self.beliefs, self.adstock, self.saturation = data, beliefs, adstock, saturation
        self.on, self.scale = on, scale[:, None]
        self.n, self.channels = len(data.y), len(data.paid)
        self.carry_weeks = data.lags.shape[1] - 1
        self.geos = data.geo.shape[1]
        self.blocks = self._layout()
        self.size = sum(s.stop - s.start for s in self.blocks.values())
        self._weight = data.size / data.paid[:, None]
        self._lags_t = np.ascontiguousarray(data.lags.transpose(0, 2, 1))
        self._basis_t = np.ascontiguousarray(data.basis.T)

    def _layout(self) -> dict[str, slice]:
        names = ["return", *ADSTOCKS[self.adstock], *SATURATIONS[self.saturation]]
        sizes = dict.fromkeys(names, self.channels)
        if self.geos > 1:
            sizes |= {"geo_sd": self.channels, "geo": self.channels * self.geos}
        sizes["sigma"] = 1
        ends = np.cumsum(list(sizes.values()))
        return {n: slice(int(e) - k, int(e)) for (n, k), e in zip(sizes.items(), ends, strict=True)}

    def _block(self, v: Array, names: tuple[str, ...]) -> Array:
        out: Array = v[self.blocks[names[0]].start : self.blocks[names[-1]].stop].reshape(len(names), self.channels, -1)
        return out

    def media(self, v: Array) -> dict[str, Any]:
        """What the channels do at coordinates (D, chains): ``q`` (channels, chains, N'), ``effect``, ``roas``, ..."""
        d = self.data
        w, back_w = carry(self.adstock, self.carry_weeks, self._block(v, ADSTOCKS[self.adstock]))
        shape = self._block(v, SATURATIONS[self.saturation])
        if d.often is None:
            s, back_s = saturate(self.saturation, w @ d.lags, shape)
        else:
            s, back_s = self._reached(w, shape)
        out: dict[str, Any] = {"s": s, "q": s, "back_w": back_w, "back_s": back_s}
        if self.geos > 1:
            z = v[self.blocks["geo"]].reshape(self.channels, self.geos, -1).transpose(0, 2, 1)
            out["z"], out["geo_sd"] = z, np.exp(v[self.blocks["geo_sd"]])
            out["tilt"] = np.exp(np.clip(out["geo_sd"][..., None] * z, -50, 50)) @ d.geo.T
            out["q"] = s * out["tilt"]
        u = v[self.blocks["return"]]
        strength = self.scale * np.logaddexp(0, u)
        worth = (out["q"][..., : self.n] @ self._weight[..., None])[..., 0]
        worth = np.maximum(worth, 1e-12 * self._weight.sum(axis=1)[:, None])
        out["worth"] = worth
        out["effect"] = strength / worth if self.on == "roas" else strength
        out["roas"] = strength if self.on == "roas" else strength * worth
        return out

    def _reached(self, w: Array, shape: Array) -> tuple[Array, Any]:
        """Channels with a frequency answer to reach * share(frequency), carried over; the others as ever."""
        d = self.data
        assert d.often is not None
        rf = d.often.any(axis=(1, 2))
        plain, back = saturate(self.saturation, w[~rf] @ d.lags[~rf], shape[:, ~rf])
        s = np.empty((*w.shape[:2], d.lags.shape[2]))
        s[~rf] = plain
        often = np.broadcast_to(d.often[rf][:, None], (int(rf.sum()), w.shape[1], *d.often.shape[1:]))
        share, back_share = saturate(self.saturation, often, shape[:, rf][..., None] + np.zeros(often.shape[2]))
        reach = d.lags[rf][:, None] * share
        s[rf] = np.einsum("cbl,cbln->cbn", w[rf], reach)

        def back_all(g: Array) -> tuple[Array, ...]:
            slope_w = np.empty_like(w)
            first, *rest = back(g[~rf])
            slope_w[~rf] = first @ self._lags_t[~rf]
            slope_w[rf] = np.einsum("cbn,cbln->cbl", g[rf], reach)
            inner = back_share(g[rf][:, :, None] * w[rf][..., None] * d.lags[rf][:, None])
            u = []
            for one, other in zip(rest, inner[1:], strict=True):
                both = np.empty(w.shape[:2])
                both[~rf], both[rf] = one, other.sum(axis=-1)
                u.append(both)
            return (slope_w, *u)

        return s, back_all

    def at(self, lags: Array, often: Array | None, v: Array) -> Array:
        """What all channels together bring (draws, rows) on other rows of the same geos, at coordinates (D, draws)."""
        effect, rows = self.media(v)["effect"], lags.shape[2]
        geo = np.repeat(np.eye(self.geos), rows // self.geos, axis=0)
        other = MixDensity(
            replace(self.data, lags=lags, often=often, geo=geo, y=np.empty(rows), size=np.ones(rows), lifts=()),
            self.beliefs, adstock=self.adstock, saturation=self.saturation, on=self.on, scale=self.scale[:, 0],
        )  # fmt: skip
        return np.asarray(np.einsum("cb,cbn->bn", effect, other.media(v)["q"]))

    def __call__(self, u: Array) -> tuple[Array, Array]:
        """Log density and gradient at coordinates (chains, D); minus infinity where it is not a number."""
        with np.errstate(all="ignore"):
            value, slope = self._both(u)
            fine = np.isfinite(value + slope.sum(axis=1))
        if not fine.all():
            bad = ~fine
            value, slope = np.where(bad, -np.inf, value), np.where(bad[:, None], 0.0, slope)
        return value, slope

    def _both(self, u: Array) -> tuple[Array, Array]:
        d, n = self.data, self.n
        v = u.T
        m = self.media(v)
        q, effect = m["q"], m["effect"]
        brought = (effect[..., None] * q[..., :n]).sum(axis=0)
        value, up, slope_sigma = self._gauss(d.white((d.y - brought) * d.sure), v[-1])
        up = d.white_back(up) * d.sure
        slope_e = np.einsum("bn,cbn->cb", up, q[..., :n])
        slope_q = np.zeros_like(q) if d.lifts else np.empty_like(q)
        np.multiply(effect[..., None], up, out=slope_q[..., :n])
        for t in d.lifts:
            seen = q[t.channel] @ t.rows
            error = t.delta - effect[t.channel] * seen
            value -= 0.5 * (error / t.se) ** 2
            slope_e[t.channel] += error / t.se**2 * seen
            slope_q[t.channel] += (error / t.se**2 * effect[t.channel])[:, None] * t.rows
        rise = special.expit(v[self.blocks["return"]]) * self.scale
        prior, grad = self.beliefs.log_density(u)
        grad = grad.T.copy()
        if self.on == "roas":
            grad[self.blocks["return"]] += slope_e / m["worth"] * rise
            slope_q[..., :n] -= (slope_e * effect / m["worth"])[..., None] * self._weight[:, None]
        else:
            grad[self.blocks["return"]] += slope_e * rise
        if self.geos > 1:
            by_geo = (slope_q * q) @ d.geo
            grad[self.blocks["geo_sd"]] += (by_geo * m["z"]).sum(axis=-1) * m["geo_sd"]
            grad[self.blocks["geo"]] += (by_geo * m["geo_sd"][..., None]).transpose(0, 2, 1).reshape(-1, len(u))
            slope_q *= m["tilt"]
        slope_a, *slope_u = m["back_s"](slope_q)
        slope_w = slope_a if d.often is not None else slope_a @ self._lags_t
        for name, one in zip(ADSTOCKS[self.adstock], m["back_w"](slope_w), strict=True):
            grad[self.blocks[name]] += one
        for name, one in zip(SATURATIONS[self.saturation], slope_u, strict=True):
            grad[self.blocks[name]] += one
        grad[-1] += slope_sigma
        return value + prior, grad.T

    def _gauss(self, r: Array, log_sigma: Array) -> tuple[Array, Array, Array]:
        """Log likelihood of residuals (chains, N), its slope in what was brought, and in ln sigma."""
        d = self.data
        var = np.exp(2 * log_sigma)[:, None]
        along = r @ d.basis
        wide = var + d.spread
        rest = np.einsum("bn,bn->b", r, r) - np.einsum("bp,bp->b", along, along)
        spare = self.n - len(d.spread)
        square = along * along / wide
        value = -0.5 * (rest / var[:, 0] + square.sum(axis=1) + spare * np.log(var[:, 0]) + np.log(wide).sum(axis=1))
        up = r / var + (along * (1 / wide - 1 / var)) @ self._basis_t
        slope = rest / var[:, 0] + ((square - 1) / wide * var).sum(axis=1) - spare
        return value, up, slope
