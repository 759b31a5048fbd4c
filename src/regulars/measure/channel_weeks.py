"""Weekly spend and conversions per channel, and what one conversion is worth: the input of the response curves."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.measure.history import Cubes, first_day

Array = NDArray[np.float64]

MOST_WEEKS: Final = 156
# A channel's own customers count fully only beyond this many; below, the company's mean leans in.
LEANING: Final = 30.0
YEAR_DAYS: Final = 365
MOST_REFERRED: Final = 0.5


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


def conversion_values(
    worth: pd.DataFrame, currency: str, margin: float, counted: str, today: pd.Timestamp | None = None
) -> pd.DataFrame:
    """What one conversion of a channel is worth in minor units: ``value, low, high, customers`` by channel.

    A new customer is worth the margin of the first order plus the mean CLV (what comes
    after it); an order is worth its margin. With ``today`` and at least ``LEANING`` customers won within a year, a
    new customer is worth the first year of those: the margin of what they spent so far, and of their CLV (a year
    ahead) the part that falls into it, and what the people they refer are worth (``brought_along``). The CLV of old
    customers, most of whom have left, says little of a new one. A channel leans on the company's mean with the weight
    of ``LEANING`` customers, or more where channels differ no more than their customers' scatter explains (method of
    moments). Where ``worth`` tells who has a contract (``contract``), the mean it leans on is that of its own mix of
    contracts and single sales: a few large contracts would otherwise decide what a channel is worth. The row ``""``
    is the company's mean.

    >>> won = pd.DataFrame({"channel": ["a", "a"], "first_amount": [100, 300], "currency": "CNY", "clv": [50.0, 50.0]})
    >>> float(conversion_values(won, "CNY", 0.5, "new_customers").loc["a", "value"])
    150.0
    """
    own = worth[(worth["currency"] == currency)]
    each = margin * own["first_amount"].astype(float)
    if counted == "new_customers":
        each = each + own["clv"].fillna(own["clv"].mean()).fillna(0.0)
        year = first_year(own, margin, today)
        if len(year) >= LEANING:
            own, each = own.loc[year.index], year + brought_along(own.loc[year.index], year)
    if each.empty:
        return pd.DataFrame(columns=["value", "low", "high", "customers"])
    overall, spread = float(each.mean()), float(each.std()) if len(each) > 1 else 0.0
    groups = each.groupby(own["channel"])
    n, mean = groups.count().astype(float), groups.mean()
    expected, mixed = _by_mix(own, each)
    rest = each - own["channel"].map(expected).fillna(overall) if mixed is not None else each
    spread_in = float((each - each.groupby(own["contract"]).transform("mean")).std()) if mixed is not None else spread
    lean = leaning(n, rest.groupby(own["channel"]).mean() if mixed is not None else mean, spread_in)
    weight = n / (n + lean)
    value = weight * mean + (1 - weight) * (expected if mixed is not None else overall)
    half = 1.645 * np.sqrt(spread_in**2 / (n + lean) + (0.0 if mixed is None else mixed))
    table = pd.DataFrame({"value": value, "low": value - half, "high": value + half, "customers": n})
    half_all = 1.645 * spread / np.sqrt(len(each))
    table.loc[""] = [overall, overall - half_all, overall + half_all, float(len(each))]
    return table


def _by_mix(worth: pd.DataFrame, each: pd.Series) -> tuple[pd.Series, pd.Series | None]:
    """What the customers of each channel would be worth if contracts were worth the same everywhere, and its variance.

    Formula: share_c m_1 + (1 - share_c) m_0, variance share_c (1 - share_c) / n_c (m_1 - m_0)^2. Nothing where all or
    none have a contract.
    """
    if "contract" not in worth or worth["contract"].nunique() < 2:
        return pd.Series(dtype=float), None
    means = each.groupby(worth["contract"]).mean()
    groups = worth.groupby("channel")["contract"]
    # Half a customer of each kind keeps a young channel from looking sure.
    share, n = (groups.sum() + 0.5) / (groups.count() + 1.0), groups.count()
    apart = float(means[True] - means[False])
    return means[False] + share * apart, share * (1 - share) / n * apart**2


def pulled(values: Array, variances: Array) -> tuple[Array, Array]:
    """Figures pulled to their common mean by their scatter beyond error, and their standard errors.

    Formula: (t y_i + v_i m) / (t + v_i) with t the variance between by the method of moments (DerSimonian and
    Laird, 1986); error sqrt(t v_i / (t + v_i)), and that of m where t is nothing.

    >>> pulled(np.array([0.3, 0.5]), np.array([1.0, 1.0]))[0].tolist()
    [0.4, 0.4]
    """
    w = 1 / variances
    centre = float((w * values).sum() / w.sum())
    scale = float(w.sum() - (w**2).sum() / w.sum())
    excess = float((w * (values - centre) ** 2).sum()) - (len(values) - 1)
    between = max(0.0, excess / scale) if scale > 0 else 0.0
    kept = between / (between + variances)
    return centre + kept * (values - centre), np.sqrt(kept * variances + (1 - kept) ** 2 / w.sum())


def first_year(worth: pd.DataFrame, margin: float, today: pd.Timestamp | None) -> pd.Series:
    """Contribution of the first year of each customer won within a year, what is still to come included.

    >>> won = pd.DataFrame({"day": [pd.Timestamp("2026-01-01")], "spent": [1000.0], "clv": [730.0]})
    >>> float(first_year(won, 0.5, pd.Timestamp("2026-07-02")).round().iloc[0])
    866.0
    """
    if today is None or "spent" not in worth:
        return pd.Series(dtype=float)
    age = (today - worth["day"]).dt.days
    rows = worth[(age >= 0) & (age < YEAR_DAYS) & worth["spent"].notna() & worth["clv"].notna()]
    left = 1.0 - age[rows.index] / YEAR_DAYS
    first: pd.Series = margin * rows["spent"] + rows["clv"] * left
    return first


def brought_along(worth: pd.DataFrame, each: pd.Series) -> float:
    """What the people whom a new customer refers are worth: r v / (1 - r), r the share of new customers referred.

    In a steady company everybody brings r others in the end, each worth v, who bring others in turn.

    >>> won = pd.DataFrame({"referred": [0, 0, 0, 1]})
    >>> round(brought_along(won, pd.Series([10.0, 10.0, 10.0, 30.0])), 6)
    10.0
    """
    if "referred" not in worth or not len(worth):
        return 0.0
    referred = worth["referred"].fillna(0).astype(bool)
    r = min(float(referred.mean()), MOST_REFERRED)
    return r / (1 - r) * float(each[referred].mean()) if referred.any() else 0.0


def leaning(n: pd.Series, mean: pd.Series, spread: float) -> float:
    """How many customers the company's mean counts for: variance within over variance between, ``LEANING`` at least.

    Source: the between variance is that of DerSimonian and Laird (1986), with one variance within.

    >>> leaning(pd.Series([50.0, 50.0]), pd.Series([100.0, 100.0]), 40.0)
    inf
    """
    if len(n) < 2 or spread <= 0:
        return LEANING
    centre = float((n * mean).sum() / n.sum())
    excess = float((n * (mean - centre) ** 2).sum()) - (len(n) - 1) * spread**2
    between = excess / float(n.sum() - (n**2).sum() / n.sum())
    return max(LEANING, spread**2 / between) if between > 0 else float("inf")
