"""From draws of a mix's coordinates to what an owner asks: returns, contributions, the base, and fresh weeks."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.measure.mix_data import Scaled
from regulars.measure.mix_density import MixDensity
from regulars.measure.mix_shapes import described, saturate

Array = NDArray[np.float64]
FEW: Final = 400
TAIL: Final = (0.05, 0.95)
BINS: Final = 25
# More of the prior left, or an interval wider than this part of the prior's: the data did not decide.
MOST_OVERLAP: Final = 0.6
WIDEST: Final = 0.6
# Nor where the return may be this many times higher or lower, unless it is surely small.
NO_ANSWER: Final = 10.0


def summary(draws: Array) -> dict[str, Array]:
    """Mean and 90 % limits over the first axis."""
    low, high = np.quantile(draws, TAIL, axis=0)
    return {"mean": draws.mean(axis=0), "low": low, "high": high}


def thinned(u: Array, most: int = FEW) -> Array:
    """Evenly chosen rows, at most so many."""
    return np.asarray(u[np.linspace(0, len(u) - 1, min(most, len(u))).astype(int)])


def returns(density: MixDensity, u: Array) -> tuple[Array, Array]:
    """Return and greatest weekly effect (in mean sales) of each channel, (draws, channels) each."""
    step = max(1, 400_000 // max(density.data.lags.shape[2] * density.channels, 1))
    parts = [density.media(u[i : i + step].T) for i in range(0, len(u), step)]
    roas, effect = (np.concatenate([p[k].T for p in parts]) for k in ("roas", "effect"))
    return roas, effect


def named(density: MixDensity, scaled: Scaled, u: Array) -> dict[str, Array]:
    """Draws by name in an owner's units: spend and sales a week of all geos together."""
    v = u.T
    roas, effect = returns(density, u)
    media = scaled.media * scaled.sales.sum()
    out = {
        "roas": roas,
        "effect": effect * scaled.sales.sum(),
        "half": np.exp(v[density.blocks["half"]]).T * media,
        "sigma": np.exp(v[-1]) * scaled.sales.sum(),
    }
    names = [n for n in density.blocks if n in ("decay", "peak", "scale", "shape")]
    for name, draws in described(density.adstock, np.stack([v[density.blocks[n]] for n in names])).items():
        out[name] = draws.T
    if density.saturation == "hill":
        out["slope"] = np.exp(v[density.blocks["slope"]]).T
    return out


def base_draws(density: MixDensity, scaled: Scaled, u: Array, rng: np.random.Generator) -> Array:
    """Coefficients (draws, p) of the base given each draw of the channels: a normal in closed form."""
    d = density.data
    m = density.media(u.T)
    brought = np.einsum("cb,cbn->bn", m["effect"], m["q"][..., : density.n])
    along = d.white((d.y - brought) * d.sure) @ d.basis
    var = np.exp(2 * u[:, -1])[:, None]
    noise = rng.normal(size=(len(u), len(scaled.spread)))
    pull = np.zeros_like(noise)
    pull[:, scaled.spread > 0] = np.sqrt(d.spread) / (var + d.spread) * along
    return np.asarray(scaled.expected + (pull + np.sqrt(var / (var + scaled.spread)) * noise) @ scaled.loading.T)


def brought(density: MixDensity, u: Array, weight: Array) -> Array:
    """What each channel brought (draws, channels, weeks), geos added up."""
    m = density.media(u.T)
    own = m["effect"][..., None] * m["q"][..., : density.n] * weight
    return np.asarray(own.reshape(*own.shape[:2], density.geos, -1).sum(axis=2).swapaxes(0, 1))


def response(density: MixDensity, scaled: Scaled, u: Array, channel: int, media: Array) -> Array:
    """What a steady weekly media brings a week, (draws, steps): media (steps, geos), unscaled."""
    m = density.media(u.T)
    level = media / scaled.sales / scaled.media[channel]
    tilt = m["tilt"][channel] if density.geos > 1 else np.ones((len(u), density.n))
    first = tilt[:, : density.n].reshape(len(u), density.geos, -1)[..., 0]
    often = density.data.often
    u_shape = np.stack([u.T[density.blocks[n]][channel] for n in ("half", "slope") if n in density.blocks])
    if often is not None and often[channel].any():
        seen = often[channel, 0, : density.n]
        share = saturate(density.saturation, np.full((len(u), 1), seen[seen > 0].mean()), u_shape)[0]
        shape = level[:, None, :] * share
    else:
        shape = saturate(density.saturation, np.broadcast_to(level[:, None], (len(level), len(u), level.shape[1])),
                         u_shape[:, None] + np.zeros((len(level), 1)))[0]  # fmt: skip
    total = m["effect"][channel] * (shape * first * scaled.sales).sum(axis=2)
    return np.asarray(total.T)


def identified(channels: tuple[str, ...], prior: Array, posterior: Array, varied: Array) -> pd.DataFrame:
    """How much of the belief is left, and whether the data decided.

    Overlap is the integral of the smaller of the two densities, by bins of equal belief. The data decided where less
    than ``MOST_OVERLAP`` of the belief is left, the 90 % interval is narrower than ``WIDEST`` of the belief's and
    spans less than a factor of ``NO_ANSWER`` (or stays below the belief's median), and
    the spend varied at all.
    """
    rows = []
    for i, channel in enumerate(channels):
        cuts = np.quantile(prior[:, i], np.linspace(0, 1, BINS + 1)[1:-1])
        share = np.bincount(np.searchsorted(cuts, posterior[:, i]), minlength=BINS) / len(posterior)
        overlap = float(np.minimum(share, 1 / BINS).sum())
        (low, high), before = np.quantile(posterior[:, i], TAIL), np.quantile(prior[:, i], (*TAIL, 0.5))
        spans = high > NO_ANSWER * low and high > before[2]
        decided = bool(overlap < MOST_OVERLAP and high - low < WIDEST * (before[1] - before[0]) and not spans)
        reason = "" if decided else "data_did_not_decide"
        if not varied[i]:
            decided, reason = False, "spend_hardly_varied"
        rows.append((channel, overlap, decided, reason))
    return pd.DataFrame(rows, columns=["channel", "overlap", "identified", "reason"])


def table_of(draws: Array, **keys: Any) -> pd.DataFrame:
    """A frame of keys with mean, low and high of draws (draws, rows)."""
    return pd.DataFrame({**keys, **summary(draws)})
