"""Weekly spend and conversions per channel, and what one conversion is worth: the input of the response curves."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from regulars.measure.history import Cubes, first_day

MOST_WEEKS: Final = 156
# A channel's own customers count fully only beyond this many; below, the company's mean leans in.
LEANING: Final = 30.0


def last_week(today: pd.Timestamp) -> pd.Timestamp:
    """First day of the last week that is over.

    >>> last_week(pd.Timestamp("2026-03-04")).date().isoformat()
    '2026-02-23'
    """
    tomorrow = today + pd.Timedelta(days=1)
    return tomorrow - pd.Timedelta(days=tomorrow.weekday() + 7)


def channel_weeks(cube: Cubes, today: pd.Timestamp, currency: str) -> tuple[pd.DataFrame, str]:
    """A row per channel with spend and full week: ``channel, week, spend, conversions``, and what was counted.

    Conversions are new customers by first touch; where the channels with spend brought
    none at all, orders by last touch. The second value says which: ``new_customers``, ``orders`` or
    ``none`` (nothing is credited to any channel with spend).
    """
    spend = cube.spend[(cube.spend["currency"] == currency) & cube.spend["channel"].notna()]
    end = last_week(today)
    spend = spend[spend["day"] < end + pd.Timedelta(days=7)]
    empty = pd.DataFrame(columns=["channel", "week", "spend", "conversions"])
    if spend.empty:
        return empty, "none"
    start = max(first_day(spend["day"], "week").min(), end - pd.Timedelta(weeks=MOST_WEEKS - 1))
    weeks = pd.date_range(start, end, freq="7D")
    names = sorted(spend["channel"].unique())

    def by_week(rows: pd.DataFrame, column: str) -> pd.DataFrame:
        wide = rows.groupby([first_day(rows["day"], "week").rename("week"), "channel"])[column].sum().unstack()
        return wide.reindex(index=weeks, columns=names).fillna(0.0).astype(float)

    money = by_week(spend, "amount")
    counted, conversions = "none", money * 0.0
    for name, rows, column in (("new_customers", cube.won, "n"), ("orders", cube.credit, "orders")):
        own = rows[rows["channel"].isin(names)]
        found = by_week(own, column) if not own.empty else money * 0.0
        if found.to_numpy().sum() > 0:
            counted, conversions = name, found
            break
    long = pd.DataFrame({
        "channel": np.tile(names, len(weeks)), "week": np.repeat(weeks.to_numpy(), len(names)),
        "spend": money.to_numpy().ravel(), "conversions": conversions.to_numpy().ravel(),
    })  # fmt: skip
    return long, counted


def conversion_values(worth: pd.DataFrame, currency: str, margin: float, counted: str) -> pd.DataFrame:
    """What one conversion of a channel is worth in minor units: ``value, low, high, customers`` by channel.

    A new customer is worth the margin of the first order plus the mean CLV (what comes
    after it); an order is worth its margin. A channel with few customers leans on the company's mean
    with the weight of ``LEANING`` customers. The row ``""`` is the company's mean.

    >>> won = pd.DataFrame({"channel": ["a", "a"], "first_amount": [100, 300], "currency": "CNY", "clv": [50.0, 50.0]})
    >>> float(conversion_values(won, "CNY", 0.5, "new_customers").loc["a", "value"])
    150.0
    """
    own = worth[(worth["currency"] == currency)]
    each = margin * own["first_amount"].astype(float)
    if counted == "new_customers":
        each = each + own["clv"].fillna(own["clv"].mean()).fillna(0.0)
    if each.empty:
        return pd.DataFrame(columns=["value", "low", "high", "customers"])
    overall, spread = float(each.mean()), float(each.std()) if len(each) > 1 else 0.0
    groups = each.groupby(own["channel"])
    n, mean = groups.count().astype(float), groups.mean()
    weight = n / (n + LEANING)
    value = weight * mean + (1 - weight) * overall
    half = 1.645 * spread / np.sqrt(n + LEANING)
    table = pd.DataFrame({"value": value, "low": value - half, "high": value + half, "customers": n})
    half_all = 1.645 * spread / np.sqrt(len(each))
    table.loc[""] = [overall, overall - half_all, overall + half_all, float(len(each))]
    return table
