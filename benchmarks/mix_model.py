"""A mix model on the published two-channel example: ours against pymc-marketing with nutpie, same beliefs, same run.

Run: ``REGULARS_MIX_PEER=PATH python -m benchmarks.mix_model``. The example (179
weeks) is made again from its recipe, so its returns are known: 4,967.83 and 2,274.88.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from typing import Any

import numpy as np
import pandas as pd
from benchmarks import pymc_marketing_peer as peer
from benchmarks.rows import Row, answer

from regulars.measure import MixModel
from regulars.measure.mix_priors import MixPriors

TARGET = 4
NEAR = 0.05


def example() -> tuple[pd.DataFrame, dict[str, float]]:
    """Weeks of the example and the true return on each channel. Source: pymc-marketing, "MMM Example Notebook"."""
    rng = np.random.default_rng(sum(map(ord, "mmm")))
    table = pd.DataFrame({"date": pd.date_range("2018-04-01", "2021-09-01", freq="W-MON")})
    n = len(table)
    x1 = rng.uniform(0, 1, n)
    table["x1"] = np.where(x1 > 0.9, x1, x1 / 2)
    x2 = rng.uniform(0, 1, n)
    table["x2"] = np.where(x2 > 0.8, x2, 0)
    effect = {}
    for name, decay, rate, most in (("x1", 0.4, 4, 3_000), ("x2", 0.2, 3, 2_000)):
        weights = decay ** np.arange(8)
        stock = np.convolve(table[name], weights / weights.sum())[:n]
        effect[name] = most * np.tanh(rate * stock / 2)
    day = table["date"].dt.day_of_year.to_numpy()
    season = 0.5 * (np.cos(2 * np.pi * day / 365.5) - np.sin(4 * np.pi * day / 365.5))
    trend = (np.linspace(0, 50, n) + 10) ** 0.25 - 1
    table["event_1"] = (table["date"] == "2019-05-13") * 1.0
    table["event_2"] = (table["date"] == "2020-09-14") * 1.0
    table["t"] = np.arange(n) / n
    events = 1.5 * table["event_1"] + 2.5 * table["event_2"]
    table["y"] = 1000 * (2 + trend + season + events + rng.normal(0, 0.25, n)) + effect["x1"] + effect["x2"]
    return table, {c: float(e.sum() / table[c].sum()) for c, e in effect.items()}


def same_beliefs(table: pd.DataFrame, target: str, channels: tuple[str, ...]) -> MixPriors:
    """The peer's default beliefs, which are in units of the largest week, in ours of the mean week."""
    size = float(table[target].max() / table[target].mean())
    units = tuple(float(table[c].max() / table[c][table[c] > 0].mean()) for c in channels)
    return MixPriors(
        on="effect", effect_sd=2 * size, decay=(1, 3), rate=(3, 1, units), noise_sd=2 * size, base=(0, 2 * size),
        control_sd=2 * size, event_sd=2 * size, season_sd=size,
    )  # fmt: skip


def ours(table: pd.DataFrame, *, target: str, date: str, channels: tuple[str, ...], controls: tuple[str, ...],
         events: tuple[str, ...] = (), draws: int = 500) -> dict[str, Any]:  # fmt: skip
    begin = time.process_time()
    model = MixModel(
        priors=same_beliefs(table, target, channels), trend=False, carry_weeks=7, holdout_weeks=0, draws=draws
    ).fit(table, target=target, spend=channels, date=date, controls=controls, events=events)  # fmt: skip
    cpu = time.process_time() - begin
    roas = {r.channel: [r.mean, r.low, r.high] for r in model.roas_.itertuples()}
    return {"all": cpu, "roas": roas, "r_hat": model.diagnostics_["r_hat"], "model": model}


def rows() -> list[Row]:
    table, truth = example()
    asked = {"target": "y", "date": "date", "channels": ("x1", "x2")}
    found = ours(table, **asked, controls=("t",), events=("event_1", "event_2"))

    def told(roas: dict[str, list[float]]) -> str:
        return "; ".join(f"{c} {v[0]:,.0f} [{v[1]:,.0f}, {v[2]:,.0f}]" for c, v in roas.items())

    what = "Mix model of 2 channels, 179 weeks, against pymc-marketing with nutpie"
    measured = f"{found['all']:.1f} CPU s, {told(found['roas'])}, R-hat {found['r_hat']:.3f}"
    out = [
        Row("Mix model, the example's true returns", measured, told({c: [v, v, v] for c, v in truth.items()}),
            target="inside the 90 % interval",
            met=all(found["roas"][c][1] <= v <= found["roas"][c][2] for c, v in truth.items()))
    ]  # fmt: skip
    if not peer.installed():
        return [*out, Row(what, measured, peer.HOW, target=f">= {TARGET}x")]
    other = peer.fit(table, **asked, controls=("t", "event_1", "event_2"))
    ratio = other["fit"] / found["all"]
    apart = max(abs(found["roas"][c][0] / other["roas"][c][0] - 1) for c in truth)
    said = f"fit {other['fit']:.1f} CPU s ({other['all']:.1f} with imports), {told(other['roas'])}"
    return [
        *out,
        Row(what, measured, said, f"{ratio:.1f}x", f">= {TARGET}x", ratio >= TARGET),
        Row("  means of the returns apart", f"{apart:.1%}", "", "", f"<= {NEAR:.0%}", apart <= NEAR),
    ]


if __name__ == "__main__":
    answer(rows)
