"""Draws of a mix's coordinates by the sampler asked for, and how far they can be trusted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.measure.convergence import ess, r_hat
from regulars.measure.hmc import hmc
from regulars.measure.laplace import laplace
from regulars.measure.mix_density import MixDensity

Array = NDArray[np.float64]


def sampled(
    density: MixDensity, named: list[str], *, sampler: str, chains: int, draws: int, warmup: int,
    rng: np.random.Generator,
) -> tuple[Array, dict[str, Any]]:  # fmt: skip
    """Draws (chains, draws, D) and diagnostics: ``hmc`` starts from the normal at the top, ``laplace`` is that normal.

    Diagnostics are ``sampler, r_hat`` (largest), ``ess`` (smallest), ``divergences, draws``; for hmc also
    ``accepted, gradients`` and ``parameters`` (DataFrame ``name, mean, sd, r_hat, ess``). A preview has no chains to
    compare, so its first three are None.
    """
    beliefs = density.beliefs
    starts = np.concatenate([np.median(beliefs.draw(400, rng), axis=0)[None], beliefs.draw(2, rng)])
    top = laplace(density, starts)
    if sampler == "laplace":
        told = {"sampler": sampler, "r_hat": None, "ess": None, "divergences": None, "draws": chains * draws}
        return top.draw(chains * draws, rng).reshape(chains, draws, -1), told
    begin = top.draw(chains, rng)
    begin = np.where(np.isfinite(density(begin)[0])[:, None], begin, top.mode)
    run = hmc(density, begin, top.covariance, draws=draws, warmup=warmup, rng=rng)
    flat = run.draws.reshape(-1, density.size)
    each = pd.DataFrame({
        "name": named, "mean": flat.mean(axis=0), "sd": flat.std(axis=0), "r_hat": r_hat(run.draws),
        "ess": ess(run.draws),
    })  # fmt: skip
    return run.draws, {
        "sampler": sampler, "r_hat": float(each["r_hat"].max()), "ess": float(each["ess"].min()),
        "divergences": run.divergences, "draws": len(flat), "accepted": run.accepted, "gradients": run.gradients,
        "parameters": each,
    }  # fmt: skip


def names(density: MixDensity, channels: tuple[str, ...], geos: tuple[str, ...]) -> list[str]:
    """A name for every coordinate: ``decay[search]``, ``geo[search, north]``, ``sigma``."""
    out = []
    for block in density.blocks:
        keys = [f"{c}, {g}" for c in channels for g in geos] if block == "geo" else list(channels)
        out += [block] if block == "sigma" else [f"{block}[{k}]" for k in keys]
    return out
