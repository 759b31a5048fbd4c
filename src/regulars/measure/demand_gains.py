"""What more or less demand is worth, and what putting more behind it earns by the measured response curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.count_regression import count_regression

# Steps of spend tried, as shares of today's: beyond half as much again the curve was rarely seen.
STEPS: Final = (0.1, 0.2, 0.3, 0.4, 0.5)
DRAWS: Final = 1000
FEWEST_WEEKS: Final = 16
LEAST_MOVE: Final = 0.02
NORMAL_90: Final = 1.645
PARTS: Final = ("ceiling", "half", "value")


@dataclass(frozen=True)
class Bid:
    """More spend in one channel: ``extra`` minor units a week, and the profit it adds with its interval."""

    channel: str
    extra: float
    gain: float
    low: float
    high: float


def response_rows(kpis: pd.DataFrame, spend: pd.DataFrame, until: pd.Timestamp, currency: str) -> pd.DataFrame:
    """The measured curves of a turn as ``channel, spend, ceiling, half, value`` with ``_low`` and ``_high`` of each.

    ``spend`` is minor units a week of the last four weeks; channels without a curve or spend are left out.
    """
    own = kpis[kpis["name"].isin([f"response_{p}" for p in PARTS]) & kpis["channel"].notna()]
    wide: dict[str, pd.Series] = {}
    for part in PARTS:
        rows = own[own["name"] == f"response_{part}"].drop_duplicates("channel", keep="last").set_index("channel")
        wide |= {part: rows["value"], f"{part}_low": rows["low"], f"{part}_high": rows["high"]}
    found = pd.DataFrame(wide).dropna(subset=list(PARTS))
    recent = spend[(spend["currency"] == currency) & (spend["day"] > until - pd.Timedelta(days=28))]
    found["spend"] = recent.groupby("channel")["amount"].sum() / 4
    kept = found[(found["spend"] > 0) & (found["half"] > 0) & (found["ceiling"] > 0) & (found["value"] > 0)]
    return kept.rename_axis("channel").reset_index()


def best_bid(
    curves: pd.DataFrame | None, share: float, lift: tuple[float, float, float], *, level: float, seed: int
) -> Bid | None:  # fmt: skip
    r"""The channel and step of spend that earn most when ``share`` of what a channel brings is asked for more.

    With demand up by :math:`\lambda` the part w of a channel that serves it responds as

    .. math:: f(x) = (1 + \lambda)\, w\, C \frac{x / w}{x / w + H}

    and more spend earns :math:`V (f(x + d) - f(x)) - d`. Curves and lift are drawn from their intervals; None without
    curves, or where no step earns anything on average.
    """
    if curves is None or curves.empty or share <= 0:
        return None
    rng = np.random.default_rng(seed)
    more = _drawn(rng, *lift)
    best: Bid | None = None
    for row in curves.itertuples():
        ceiling, half, value = (
            np.maximum(_drawn(rng, *(float(getattr(row, p + end)) for end in ("", "_low", "_high"))), 1e-9)
            for p in PARTS
        )
        # The slice's own spend; scaling both sides by the share keeps the curve's shape.
        now = float(row.spend)  # type: ignore[arg-type]
        for step in STEPS:
            x = now * (1 + step)
            added = (1 + more) * share * ceiling * (x / (x + half) - now / (now + half))
            profit = value * added - share * now * step
            gain = float(profit.mean())
            if gain > 0 and (best is None or gain > best.gain):
                low, high = np.quantile(profit, [0.5 - level / 2, 0.5 + level / 2])
                best = Bid(str(row.channel), share * now * step, gain, float(low), float(high))
    return best


def demand_worth(
    demand: pd.DataFrame, units: pd.Series, weekly: float, change: tuple[float, float, float], level: float
) -> tuple[float, float, float] | None:
    """What a change of the demand index is worth a week: ``weekly * ((1 + change) ** e - 1)``, e from our own weeks.

    Args:
        demand: ``day, value`` of the index.
        units: what we sold by day, indexed by day.
        weekly: profit a week now, minor units.
        change: how far demand moved, with its interval.
        level: share of the intervals that hold.

    None where fewer than 16 weeks of both are known, the index hardly moved, or sales do not clearly move with it.
    """
    days = pd.DatetimeIndex(units.index)
    index = demand["value"].groupby(_mondays(pd.DatetimeIndex(demand["day"]))).mean()
    sold = pd.Series(units.to_numpy(float)).groupby(_mondays(days)).sum()
    # The newest week is not over.
    both = pd.DataFrame({"index": np.log(index), "units": sold}).dropna().iloc[:-1]
    if len(both) < FEWEST_WEEKS or float(both["index"].std()) < LEAST_MOVE:
        return None
    columns = np.column_stack([np.ones(len(both)), both["index"] - both["index"].mean(), np.linspace(-1, 1, len(both))])
    fit = count_regression(both["units"].clip(lower=0), columns)
    if fit is None:
        return None
    middle, low, high = (float(v) for v in fit.interval(1, level))
    if low <= 0:
        return None
    rng = np.random.default_rng(0)
    moved = np.maximum(1 + _drawn(rng, *change), 1e-6) ** _drawn(rng, middle, low, high)
    ends = np.quantile(weekly * (moved - 1), [0.5 - level / 2, 0.5 + level / 2])
    return float(weekly * ((1 + change[0]) ** middle - 1)), float(ends[0]), float(ends[1])


def _mondays(days: pd.DatetimeIndex) -> Any:
    return (days - pd.to_timedelta(np.asarray(days.day_of_week), unit="D")).to_numpy()


def _drawn(rng: Any, middle: float, low: float, high: float) -> Any:
    """Normal draws of a figure told with a 90 % interval; a missing end leaves it at its middle."""
    spread = (high - low) / (2 * NORMAL_90)
    return rng.normal(middle, spread if np.isfinite(spread) and spread > 0 else 0.0, DRAWS)
