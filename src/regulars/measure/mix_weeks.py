"""The table the mix model learns from: revenue and spend by week, and by market where spend is known by market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from regulars.measure.channel_weeks import MOST_WEEKS, last_week
from regulars.measure.history import Cubes, first_day
from regulars.measure.newcomers import newcomers

# Smaller channels cannot be told apart by weekly totals: they are one.
MOST_CHANNELS: Final = 10
OTHERS: Final = "other"
MOST_MARKETS, FEWEST_MARKETS = 12, 4


@dataclass(frozen=True)
class MixWeeks:
    """``table`` has a row a week (and market): ``week``, ``market``, ``target`` and a column of spend per channel.

    ``spend`` maps channels to columns; ``geo`` is "market" where there are several; ``joined`` are the small channels
    counted together, ``credits`` whether negative spend had to be taken as none. ``factor`` is None where the target is
    all revenue, else it is that of new customers: what one brings in eight weeks over the first order.
    """

    table: pd.DataFrame
    spend: dict[str, str]
    geo: str | None
    joined: tuple[str, ...]
    credits: bool
    factor: float | None = None

    @property
    def weeks(self) -> pd.DatetimeIndex:
        """First days of the weeks, in order."""
        return pd.DatetimeIndex(sorted(self.table["week"].unique()))

    @property
    def national(self) -> pd.DataFrame:
        """Sums of all markets, by week."""
        return self.table.groupby("week")[["target", *self.spend.values()]].sum()


def mix_weeks(cube: Cubes, today: pd.Timestamp, currency: str) -> MixWeeks | None:
    """Whole weeks from the first spend to the last week that is over, at most three years; None without both.

    The target is what new customers bring (``newcomers``) where customers are known by name, else all revenue.
    """
    end = last_week(today)
    fresh = newcomers(cube, currency, today)
    money = _whole(cube.money[cube.money["currency"] == currency], end)
    spend = _whole(cube.spend[(cube.spend["currency"] == currency) & cube.spend["channel"].notna()], end)
    if money.empty or spend.empty or spend["amount"].sum() <= 0:
        return None
    start = max(money["week"].min(), spend["week"].min(), end - pd.Timedelta(weeks=MOST_WEEKS - 1))
    # Days before the first Monday would make a short week look like a poor one.
    opened = max(money["day"].min(), spend["day"].min())
    if start < opened and start + pd.Timedelta(days=6) >= opened:
        start += pd.Timedelta(days=7)
    if fresh is not None:
        money = _whole(fresh.revenue, end)
    weeks = pd.date_range(start, end, freq="7D", name="week")
    if not len(weeks):
        return None
    spend, money = spend[spend["week"] >= start], money[money["week"] >= start]
    total = spend.groupby("channel")["amount"].sum().sort_values(ascending=False)
    total = total[total > 0]
    joined = tuple(str(c) for c in total.index[MOST_CHANNELS - 1 :]) if len(total) > MOST_CHANNELS else ()
    spend = spend[spend["channel"].isin(total.index)]
    spend = spend.assign(channel=spend["channel"].where(~spend["channel"].isin(joined), OTHERS))
    markets = _markets(spend, money)
    keys: list[Any] = [weeks]
    if markets:
        money, spend = (f.assign(market=f["market"].where(f["market"].isin(markets), OTHERS)) for f in (money, spend))
        keys.append(pd.Index(sorted({*money["market"].dropna(), *spend["market"].dropna()}), name="market"))
    by = ["week", "market"] if markets else ["week"]
    index = pd.MultiIndex.from_product(keys) if markets else weeks
    wide = spend.groupby([*by, "channel"])["amount"].sum().unstack("channel").reindex(index).fillna(0.0).astype(float)
    names = [str(c) for c in wide.columns]
    columns = {name: f"spend_{i}" for i, name in enumerate(names)}
    wide.columns = pd.Index(list(columns.values()))
    credits = bool((wide < 0).to_numpy().any())
    revenue = money.groupby(by)["revenue"].sum().reindex(index).fillna(0.0).astype(float)
    table = wide.clip(lower=0.0).assign(target=revenue).reset_index()
    return MixWeeks(table, columns, "market" if markets else None, joined, credits, fresh.factor if fresh else None)


def _whole(rows: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    rows = rows.assign(week=first_day(rows["day"], "week"))
    return rows[rows["week"] <= end]


def _markets(spend: pd.DataFrame, money: pd.DataFrame) -> list[str]:
    """The markets to tell apart: several, spend nearly all known by market, each with sales worth counting."""
    known = spend["market"].notna()
    if float(spend.loc[known, "amount"].sum()) < 0.95 * float(spend["amount"].sum()):
        return []
    sold = money.groupby("market")["revenue"].sum().sort_values(ascending=False)
    large = [str(m) for m in sold.index[sold > 0.01 * float(sold.sum())]][:MOST_MARKETS]
    return large if len(large) >= FEWEST_MARKETS else []
