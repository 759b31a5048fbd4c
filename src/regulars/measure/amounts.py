"""The figures of money, one currency at a time: what came in, what it cost, and what one of each gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

import pandas as pd

from regulars.measure.cubes import Cubes, first_day
from regulars.measure.recurring import recurring

Figure = tuple[str, pd.Series, str]
DAYS_A_MONTH: Final = 365.25 / 12


@dataclass(frozen=True)
class Ratios:
    """What ratios need beside money: new customers, and the days customers were customers, by (period, *by)."""

    today: date
    margin: float
    won: pd.Series
    customer_days: pd.Series


def divide(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """Ratios on the joint index; nothing over nothing is unknown, not infinite."""
    top, bottom = top.astype(float).align(bottom.astype(float), join="outer")
    return top / bottom.where(bottom != 0)


def amounts(cube: Cubes, grain: str, by: tuple[str, ...], money: str, ratios: Ratios | None = None) -> list[Figure]:
    """(name, values by (period, *by), currency) of one currency; without ``ratios`` only what adds up."""
    sold = cube.sums(cube.money[cube.money["currency"] == money], grain, by, ["revenue", "orders"])
    cost = cube.sums(cube.spend[cube.spend["currency"] == money], grain, by, ["amount"])["amount"]
    out: list[Figure] = [("revenue", sold["revenue"], money), ("spend", cost, money)]
    if ratios is None:
        return out
    # Markets have no touch of their own: the order's market is the credit.
    source = cube.money if by == ("market",) else cube.credit
    gain = cube.sums(source[source["currency"] == money], grain, by, ["revenue"])["revenue"]
    gain, cost_all = gain.align(cost, join="outer", fill_value=0)
    sales_made, cost_made = sold["revenue"].align(cost, join="outer", fill_value=0)
    made = (gain, cost_all) if by == ("channel",) else (sales_made, cost_made)
    cac = divide(cost, ratios.won)
    out += [
        ("aov", divide(sold["revenue"], sold["orders"]), money),
        ("gross_margin", ratios.margin * sold["revenue"], money),
        ("cac", cac, money),
        ("payback_months", _payback(cube, grain, by, money, cac, ratios), money),
        ("profit_per_new_customer", divide(ratios.margin * made[0] - made[1], ratios.won), money),
        ("roas", divide(gain, cost), money),
        ("roi", divide(ratios.margin * gain - cost_all, cost), money),
        ("new_revenue_share", _new_share(cube, grain, by, money), money),
    ]
    if by != ("channel",):
        out.append(("channel_concentration", _concentration(cube, grain, by, money), money))
    return out + _recurring(cube, grain, by, money, ratios.today)


def _payback(cube: Cubes, grain: str, by: tuple[str, ...], money: str, cac: pd.Series, ratios: Ratios) -> pd.Series:
    """Acquisition cost over the margin a customer brings a month; unknown while customers bring none."""
    earned = cube.sums(cube.earned[cube.earned["currency"] == money], grain, by, ["revenue"])["revenue"]
    a_month = ratios.margin * divide(earned, ratios.customer_days) * DAYS_A_MONTH
    return divide(cac, a_month.where(a_month > 0)).dropna()


def _new_share(cube: Cubes, grain: str, by: tuple[str, ...], money: str) -> pd.Series:
    own = cube.sums(cube.repeats[cube.repeats["currency"] == money], grain, by, ["amount", "repeat_amount"])
    return divide(own["amount"] - own["repeat_amount"], own["amount"])


def _concentration(cube: Cubes, grain: str, by: tuple[str, ...], money: str) -> pd.Series:
    own = cube.credit[cube.credit["currency"] == money]
    revenue = cube.sums(own, grain, (*by, "channel"), ["revenue"])["revenue"].clip(lower=0).astype(float)
    keys = ["period", *by]
    squares = (revenue**2).groupby(level=keys).sum()
    return divide(squares, revenue.groupby(level=keys).sum() ** 2)


def _recurring(cube: Cubes, grain: str, by: tuple[str, ...], money: str, today: date) -> list[Figure]:
    moves = cube.recurring[cube.recurring["currency"] == money]
    if moves.empty:
        return []
    level, kept = recurring(moves, grain, by, today, partial(first_day, opened=cube.opened))
    return [("mrr", level, money), *([("net_revenue_retention", kept, money)] if grain != "all" else [])]
