"""Spend without result: a channel that costs as before and brings nearly nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from scipy.stats import nbinom, poisson

DAYS: Final = 14
PAST_WEEKS: Final = 26
RARE: Final = 1e-4


@dataclass(frozen=True)
class IdleSpend:
    """``orders`` came of ``spend`` in the last two weeks where ``usual`` would have; ``lost`` is what they bring."""

    channel: str
    day: date
    end: date
    spend: int
    orders: int
    usual: float
    p: float


def idle_spend(spend: pd.DataFrame, credit: pd.DataFrame, today: date) -> tuple[IdleSpend, ...]:
    r"""Channels whose credited orders of two weeks are far below what their spend brought in the half year before.

    With N orders for spend s, and fortnights before with orders :math:`n_i` for spend :math:`s_i`, N is negative
    binomial with mean :math:`s \sum n_i / \sum s_i` and the fortnights' own overdispersion; told when
    :math:`P(n \le N)` is below one in ten thousand.

    Parameters
    ----------
    spend : ``day, channel, amount`` of one currency, one row a day.
    credit : ``day, channel, orders`` by the channel that closed the sale.
    """
    end = pd.Timestamp(today) - pd.Timedelta(days=1)
    if spend.empty:
        return ()
    block = _block(spend["day"], end)
    cost = spend.assign(block=block)[block >= 0].groupby(["channel", "block"])["amount"].sum()
    block = _block(credit["day"], end)
    won = credit.assign(block=block)[block >= 0].groupby(["channel", "block"])["orders"].sum()
    table = pd.concat([cost.rename("spend"), won.rename("orders")], axis=1).fillna(0.0).reset_index()
    found = []
    for channel, own in table.groupby("channel"):
        now, past = own[own["block"] == 0], own[(own["block"] > 0) & (own["spend"] > 0)]
        if now.empty or len(past) < 4 or past["orders"].sum() < 10 or now["spend"].iloc[0] <= 0:
            continue
        s, n = float(now["spend"].iloc[0]), int(now["orders"].iloc[0])
        usual = s * float(past["orders"].sum()) / float(past["spend"].sum())
        p = _below(n, usual, past)
        if p < RARE:
            found.append(IdleSpend(str(channel), today - timedelta(days=DAYS), end.date(), round(s), n, usual, p))
    return tuple(sorted(found, key=lambda i: i.p))


def _block(days: Any, end: pd.Timestamp) -> Any:
    """Which fortnight before the end each day is in, 0 the newest; -1 where too old or too new."""
    age = (end - pd.to_datetime(days)).dt.days
    return (age // DAYS).where((age >= 0) & (age < 7 * PAST_WEEKS), -1)


def _below(n: int, usual: float, past: pd.DataFrame) -> float:
    told = past["spend"] * past["orders"].sum() / past["spend"].sum()
    extra = float((((past["orders"] - told) ** 2 - told) / told**2).mean())
    if extra <= 0.001:
        return float(poisson.cdf(n, usual))
    size = 1 / extra
    return float(nbinom.cdf(n, size, size / (size + usual)))
