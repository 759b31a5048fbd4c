"""Simulated companies of known returns: does the mix model's 90 % interval hold the truth nine times in ten?

Run: ``python -m benchmarks.mix_recovery``. Spend follows campaigns, seasons and budgets
that grow; effects are carried over and saturate; sales trend, swing with the year, follow a price and are noisy.
Truth is drawn evenly over wide ranges, not from the model's beliefs. What such benchmarks look like: mmm-param-recovery
(its presets small, growing and medium business).
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from benchmarks.rows import Row, answer

from regulars.measure import MixModel

COMPANIES = 60


@dataclass(frozen=True)
class Company:
    """Weeks of a company, its channels, their true returns over the table, and the form of its saturation."""

    table: pd.DataFrame
    channels: tuple[str, ...]
    roas: dict[str, float]
    saturation: str


def spend_of(rng: np.random.Generator, weeks: int) -> np.ndarray:
    """A channel's weeks: always on and growing, seasonal, or campaigns with silence between."""
    t = np.arange(weeks)
    kind = rng.choice(["steady", "seasonal", "campaigns"])
    noise = np.exp(rng.normal(0, rng.uniform(0.2, 0.5), weeks))
    if kind == "steady":
        return (1 + rng.uniform(-0.5, 1.5) * t / weeks) * noise
    if kind == "seasonal":
        return (1 + rng.uniform(0.2, 0.8) * np.sin(2 * np.pi * (t / 52 + rng.random()))) * noise
    on, burst = np.zeros(weeks), rng.integers(3, 9)
    for start in range(int(rng.integers(0, burst)), weeks, int(burst + rng.integers(2, 9))):
        on[start : start + burst] = rng.uniform(0.4, 1.6)
    on[0] = max(on[0], 0.3)
    return on * noise


def company(rng: np.random.Generator, *, saturation: str = "tanh", carry: float = 0.0) -> Company:
    """One company, everything about it drawn; ``carry`` is how much of a week's surprise lasts into the next."""
    weeks, n = int(rng.integers(104, 209)), int(rng.integers(3, 7))
    t = np.arange(weeks)
    names = tuple(f"channel_{i}" for i in range(n))
    level = 10 ** rng.uniform(4, 6)
    season = sum(
        rng.uniform(0, 0.15) / k * np.sin(2 * np.pi * (k * t / 52.18 + rng.random())) for k in (1, 2)
    )  # fmt: skip
    price = 0.6 * np.sin(t / rng.uniform(5, 15)) + rng.normal(0, 0.5, weeks)
    base = 1 + rng.uniform(-0.2, 0.5) * (t / weeks) + season - rng.uniform(0, 0.05) * price
    shares = rng.dirichlet(np.full(n, 3.0)) * rng.uniform(0.15, 0.6)
    table = pd.DataFrame({"week": pd.date_range("2022-01-03", periods=weeks, freq="7D"), "price": price})
    sales, roas = base.copy(), {}
    for name, share in zip(names, shares, strict=True):
        x = spend_of(rng, weeks)
        x *= rng.uniform(0.02, 0.1) / x.mean()
        weights = rng.uniform(0.05, 0.75) ** np.arange(13)
        stock = np.convolve(x, weights / weights.sum())[:weeks]
        half = x[x > 0].mean() * rng.uniform(0.5, 4.0)
        if saturation == "tanh":
            shape = np.tanh(np.arctanh(0.5) * stock / half)
        else:
            slope = rng.uniform(1.0, 2.0)
            shape = stock**slope / (stock**slope + half**slope)
        effect = shape * share / shape.mean()
        sales += effect
        table[name] = x * level
        roas[name] = float(effect.sum() / x.sum())
    noise = rng.normal(0, rng.uniform(0.02, 0.08) * sales.mean(), weeks)
    for i in range(1, weeks if carry else 0):
        noise[i] = carry * noise[i - 1] + np.sqrt(1 - carry**2) * noise[i]
    table["sales"] = level * (sales + noise)
    return Company(table, names, roas, saturation)


def recovered(firm: Company, **settings: object) -> tuple[pd.DataFrame, MixModel]:
    """Truth beside the model's answer, a row a channel."""
    model = MixModel(saturation=firm.saturation, **settings).fit(
        firm.table, target="sales", spend=firm.channels, date="week", controls=["price"]
    )
    out = model.roas_.assign(truth=[firm.roas[c] for c in model.roas_["channel"]])
    out["held"] = (out["low"] <= out["truth"]) & (out["truth"] <= out["high"])
    out["identified"] = model.identified_["identified"].to_numpy()
    return out, model


def rows(companies: int = COMPANIES) -> list[Row]:
    out = []
    for saturation, carry in (("tanh", 0.0), ("hill", 0.0), ("tanh", 0.6)):
        rng, found, cpu, worst, diverged = np.random.default_rng(20), [], [], 0.0, 0
        for _ in range(companies):
            begin = time.process_time()
            table, model = recovered(company(rng, saturation=saturation, carry=carry), holdout_weeks=0)
            cpu.append(time.process_time() - begin)
            worst = max(worst, model.diagnostics_["r_hat"])
            diverged += model.diagnostics_["divergences"]
            found.append(table)
            print(f"{saturation} {len(found)} of {companies}", end="\r", file=sys.stderr, flush=True)
        every, kind = pd.concat(found), saturation + (", noise that lasts" if carry else "")
        held, sure = every["held"].mean(), every[every["identified"]]
        error = (sure["mean"] / sure["truth"] - 1).abs().median()
        out.append(
            Row(
                f"Mix model, {companies} companies ({kind}), coverage of 90 % intervals of return",
                f"{held:.3f} of {len(every)} channels; decided {len(sure) / len(every):.0%}, of those "
                f"{sure['held'].mean():.3f}, median error {error:.0%}; {np.median(cpu):.1f} CPU s a fit, "
                f"largest R-hat {worst:.3f}, {diverged} divergences",
                target=".85 to .95",
                met=bool(0.85 <= held <= 0.95),
            )
        )
    return out


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        answer(lambda: rows(int(sys.argv[1])))
    else:
        answer(rows)
