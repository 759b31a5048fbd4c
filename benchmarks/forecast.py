"""Forecasting 1,000 weekly series 13 weeks ahead: ours against statsforecast in the same run.

Run: ``python -m benchmarks.forecast``. The weeks held out are the same for both; errors are printed beside
the CPU seconds, so that nobody is fast by doing less.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from benchmarks import statsforecast_peer as peer
from benchmarks.rows import Row, answer

from regulars.measure.ets import best, ets
from regulars.measure.forecast import Forecast
from regulars.measure.theta import THETAS, theta

SERIES, WEEKS, HORIZON = 1000, 208, 13
TARGET = 3


def series() -> np.ndarray:
    """Four years of weekly sales: levels that wander, some with a trend, noise in proportion."""
    rng = np.random.default_rng(0)
    length = WEEKS + HORIZON
    level = np.cumsum(rng.normal(0, 0.03, (SERIES, length)), axis=1) * rng.uniform(0.2, 1.5, (SERIES, 1))
    trend = rng.normal(0, 0.002, (SERIES, 1)) * np.arange(length)
    noise = rng.normal(0, 1, (SERIES, length)) * rng.uniform(0.02, 0.2, (SERIES, 1))
    return np.exp(rng.normal(6, 1, (SERIES, 1)) + level + trend + noise)


def smape(said: np.ndarray, came: np.ndarray) -> float:
    return float((200 * np.abs(said - came) / (np.abs(said) + np.abs(came))).mean())


def by_ets(past: np.ndarray) -> np.ndarray:
    found = ets(past)
    return np.array([one.ahead(HORIZON) for one in found.values()])[best(found)[1], np.arange(len(past))]


def by_theta(past: np.ndarray) -> np.ndarray:
    return theta(past, HORIZON, THETAS)


def tested(past: np.ndarray) -> np.ndarray:
    n, length = past.shape
    names = np.repeat([f"s{i:04d}" for i in range(n)], length)
    table = pd.DataFrame({"series": names, "t": np.tile(np.arange(length), n), "value": past.ravel()})
    found = Forecast(horizon=HORIZON, origins=6).fit(table)
    found.predict()
    return found.values_


def rows() -> list[Row]:
    values = series()
    past, came = values[:, :WEEKS], values[:, WEEKS:]
    jobs: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
        "AutoETS": ("ETS, form by AICc", by_ets), "AutoTheta": ("Theta, curvature fitted", by_theta),
        "tested": ("all methods, six past starts, intervals (peer: two methods, six windows)", tested),
    }  # fmt: skip
    there, out = peer.installed(), []
    for job, (what, ours) in jobs.items():
        begin = time.process_time()
        said = ours(past)
        cpu = time.process_time() - begin
        name = f"Forecast of {SERIES:,} weekly series: {what}"
        mine = f"{cpu:.2f} CPU s, sMAPE {smape(said, came):.3f}"
        if not there:
            out.append(Row(name, mine, peer.HOW, target=f">= {TARGET}x"))
            continue
        seconds, told = peer.ask(job, past, HORIZON)
        out.append(Row(name, mine, f"{seconds:.2f} CPU s, sMAPE {smape(told, came):.3f}", f"{seconds / cpu:.1f}x",
                       f">= {TARGET}x", seconds / cpu >= TARGET))  # fmt: skip
    return out


if __name__ == "__main__":
    answer(rows)
