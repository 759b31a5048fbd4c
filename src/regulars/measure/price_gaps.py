"""Our price beside theirs, and how what we sell moves with the gap."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.count_regression import count_regression

# A price seen longer ago than this is not today's price.
STALE_DAYS: Final = 28
WINDOW_DAYS: Final = 28
FEWEST_WEEKS: Final = 16
# Below this spread of the log price nothing can be learnt from how it moved.
LEAST_MOVE: Final = 0.015
GAPS: Final = ("watched", "product", "market", "currency", "ours", "theirs", "gap", "low", "high", "days", "seen")
ELASTICITIES: Final = ("product", "elasticity", "low", "high", "weeks", "moved", "known")


def daily_prices(rows: pd.DataFrame, days: pd.DatetimeIndex) -> pd.Series:
    """The last price seen up to each day, no older than ``STALE_DAYS``."""
    last = rows.sort_values("at").groupby("day")["value"].last()
    # Every day between, or days without a price would not count as old.
    wide = last.reindex(pd.date_range(min(last.index.min(), days[0]), days[-1]))
    return wide.ffill(limit=STALE_DAYS).reindex(days)


def our_prices(sales: pd.DataFrame, days: pd.DatetimeIndex) -> pd.Series:
    """Mean price a unit of one product by day, carried over days without a sale."""
    own = sales.groupby("day")[["amount", "quantity"]].sum()
    price = (own["amount"] / own["quantity"].where(own["quantity"] > 0)).reindex(days)
    return price.ffill(limit=STALE_DAYS)


def price_gaps(signals: pd.DataFrame, sales: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """``gap = ours / theirs - 1`` on the last day per competitor, product and market; ``low`` to ``high`` of 28 days.

    Prices of another currency are not compared. Takes signals of kind ``price`` with a ``day``, and sales
    ``day, product, market, currency, quantity, amount`` in minor units.
    """
    days = pd.date_range(until - pd.Timedelta(days=WINDOW_DAYS - 1), until)
    found = []
    for (watched, product, market, coin), theirs in signals.groupby(["watched", "product", "market", "currency"]):
        own = sales[(sales["product"] == product) & (sales["currency"] == coin)]
        own = own[own["market"] == market] if market else own
        recent = own[own["day"] > until - pd.Timedelta(days=2 * WINDOW_DAYS)]
        if recent.empty or not watched:
            continue
        wide = pd.date_range(min(recent["day"].min(), days[0]), until)
        ours, other = our_prices(recent, wide).reindex(days), daily_prices(theirs, days)
        gap = (ours / other - 1).dropna()
        if gap.empty or gap.index[-1] != until:
            continue
        low, high = np.quantile(gap, [0.05, 0.95])
        found.append((watched, product, market, coin, float(ours.iloc[-1]), float(other.iloc[-1]),
                      float(gap.iloc[-1]), float(low), float(high), len(gap), theirs["day"].max()))  # fmt: skip
    return pd.DataFrame(found, columns=list(GAPS))


def elasticities(signals: pd.DataFrame, sales: pd.DataFrame, until: pd.Timestamp, level: float = 0.9) -> pd.DataFrame:
    """How units of a product move with our price while the cheapest competitor's stays: ``d ln units / d ln ours``.

    Weekly units by quasi-Poisson regression on our mean log price and theirs, with a level and a trend.
    ``known`` is false where fewer than 16 weeks are there or our own price hardly moved: how customers answer a
    rival's price does not tell how they answer ours. What else happened in the weeks the price moved is in the
    figure too: it is a reason to test, not a proof.
    """
    found = []
    for product, theirs in signals[signals["watched"] != ""].groupby("product"):
        own = sales[(sales["product"] == product) & sales["currency"].isin(theirs["currency"])]
        if own.empty:
            continue
        days = pd.date_range(max(own["day"].min(), theirs["day"].min()), until)
        others = [daily_prices(g, days) for _key, g in theirs.groupby(["watched", "currency"])]
        if not len(days) or not others:
            continue
        ours, rival = np.log(our_prices(own, days)), np.log(pd.concat(others, axis=1).min(axis=1))
        units = own.groupby("day")["quantity"].sum().reindex(days, fill_value=0.0)
        week = (days - pd.Timestamp("2000-01-03")).days // 7
        daily = pd.DataFrame({"ours": np.asarray(ours), "rival": np.asarray(rival), "units": np.asarray(units), "n": 1},
                             index=week).dropna()  # fmt: skip
        weekly = daily.groupby(level=0).agg(
            ours=("ours", "mean"), rival=("rival", "mean"), units=("units", "sum"), n=("n", "sum")
        )
        weekly = weekly[weekly["n"] == 7]
        moved = float(weekly["ours"].std()) if len(weekly) > 1 else 0.0
        fit = None
        if len(weekly) >= FEWEST_WEEKS and moved >= LEAST_MOVE:
            parts: list[Any] = [
                np.ones(len(weekly)),
                weekly["ours"] - weekly["ours"].mean(),
                np.linspace(-1, 1, len(weekly)),
            ]
            if weekly["rival"].std() >= LEAST_MOVE:
                parts.append(weekly["rival"] - weekly["rival"].mean())
            fit = count_regression(weekly["units"].clip(lower=0), np.column_stack(parts))
        value, low, high = fit.interval(1, level) if fit else (None, None, None)
        found.append((product, value, low, high, len(weekly), moved, fit is not None))
    return pd.DataFrame(found, columns=list(ELASTICITIES))
