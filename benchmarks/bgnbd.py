"""Fitting BG/NBD to 200,000 customers: ours against scipy's generic optimisers on the straightforward likelihood.

Run: ``python -m benchmarks.bgnbd``. Runs are interleaved; CPU
seconds and ratios are printed, with the log-likelihood each one reached.
lifetimes joins where ``--peer-python`` names an interpreter that has it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from benchmarks import lifetimes_peer
from benchmarks.rows import Row, answer
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from regulars.understand import BetaGeo

TARGET = 10
TARGET_LIFETIMES = 15


def customers(n: int) -> pd.DataFrame:
    """Two years of daily stamps: r .8, alpha 60 days, a .8, b 2.5."""
    rng = np.random.default_rng(0)
    T = rng.integers(1, 731, n).astype(float)
    rate, p = rng.gamma(0.8, 1 / 60, n), rng.beta(0.8, 2.5, n)
    x, last, clock = np.zeros(n), np.zeros(n), np.zeros(n)
    alive = np.ones(n, dtype=bool)
    while alive.any():
        clock = clock + rng.exponential(1.0, n) / rate
        day = np.floor(clock)
        bought = alive & (clock <= T)
        new = bought & (day > last)
        x[new] += 1
        last[new] = day[new]
        alive = bought & (rng.random(n) >= p)
    return pd.DataFrame({"frequency": x, "recency": last, "T": T})


def log_likelihood(p: np.ndarray, x: np.ndarray, tx: np.ndarray, T: np.ndarray) -> float:
    r, alpha, a, b = p
    stay = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + T)
    left = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + tx)
    both = np.where(x > 0, np.logaddexp(stay, left), stay)
    return float(np.sum(gammaln(r + x) - gammaln(r) + r * np.log(alpha) + both))


def generic(method: str) -> Callable[[pd.DataFrame], tuple[float, np.ndarray]]:
    def fit(data: pd.DataFrame) -> tuple[float, np.ndarray]:
        x, tx, T = (data[c].to_numpy() for c in ("frequency", "recency", "T"))
        start = np.log([0.5, 0.5 * T.mean() / x.mean(), 1.0, 2.0])
        options = {"maxiter": 5000, "fatol": 1e-4, "xatol": 1e-5} if method == "Nelder-Mead" else {}
        found = minimize(lambda u: -log_likelihood(np.exp(u), x, tx, T) / len(x), start, method=method, options=options)
        return -found.fun * len(x), np.exp(found.x)

    return fit


def ours(data: pd.DataFrame) -> tuple[float, np.ndarray]:
    model = BetaGeo().fit(data)
    return model.log_likelihood_, model.parameters_


def by_lifetimes(data: pd.DataFrame) -> tuple[float, float, np.ndarray]:
    cpu, parameters = lifetimes_peer.fit("BetaGeoFitter", dict(data))
    p = np.array(parameters)
    return cpu, log_likelihood(p, *(data[c].to_numpy() for c in ("frequency", "recency", "T"))), p


def rows(n: int = 200_000, runs: int = 2) -> list[Row]:
    data = customers(n)
    tools = {"regulars": ours, "scipy L-BFGS-B": generic("L-BFGS-B"), "scipy Nelder-Mead": generic("Nelder-Mead")}
    missing = not lifetimes_peer.installed()
    targets = dict.fromkeys(tools, TARGET) | ({} if missing else {"lifetimes": TARGET_LIFETIMES})
    cpu: dict[str, list[float]] = {name: [] for name in targets}
    found: dict[str, tuple[float, np.ndarray]] = {}
    for _ in range(runs):
        for name, tool in tools.items():
            begin = time.process_time()
            found[name] = tool(data)
            cpu[name].append(time.process_time() - begin)
        if not missing:
            seconds, *rest = by_lifetimes(data)
            cpu["lifetimes"].append(seconds)
            found["lifetimes"] = (rest[0], rest[1])
    mine, best = min(cpu["regulars"]), found["regulars"][0]
    out = []
    for name in list(targets)[1:]:
        ratio, worse = min(cpu[name]) / mine, best - found[name][0]
        # A fit that ends lower down the hill is not the same job done faster.
        assert worse > -1e-3, f"{name} found a better fit: {found[name]} against {found['regulars']}"
        out.append(
            Row(
                f"BG/NBD fit of {n:,} customers against {name}",
                f"{mine:.2f} CPU s (best of {runs}), log-likelihood {best:,.2f}",
                f"{min(cpu[name]):.2f} CPU s, log-likelihood {found[name][0]:,.2f}",
                f"{ratio:.1f}x",
                f">= {targets[name]}x",
                ratio >= targets[name],
            )
        )
    if missing:
        what = f"BG/NBD fit of {n:,} customers against lifetimes"
        out.append(Row(what, "", lifetimes_peer.HOW, target=f">= {TARGET_LIFETIMES}x"))
    return out


if __name__ == "__main__":
    answer(rows)
