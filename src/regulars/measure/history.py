"""The history of every key figure by day, week, month and since the beginning, in all, per channel and per market.

The engine groups, so only sums and counts cross over; periods and ratios are made here. Money of different
currencies is never added: every money figure has one row per currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from regulars.measure import lapses as lapse
from regulars.measure.kpis import KPIS
from regulars.measure.sales import HELD_ORDERS, acquired, credited, fact, hold, numbered, sales

if TYPE_CHECKING:
    from collections.abc import Mapping

# Longer histories than these are read from the coarser grains.
DAYS_KEPT: Final = 400
WEEKS_KEPT: Final = 160
MARKETS_BY_DAY: Final = 20
DAILY: Final = ("revenue", "orders", "new_customers", "spend")
CUTS: Final = ((), ("channel",), ("market",))
COLUMNS: Final = ("name", "day", "grain", "channel", "market", "value", "currency", "why")


def first_day(days: pd.Series, grain: str, opened: pd.Timestamp | None = None) -> pd.Series:
    """First day of the period each day falls in; weeks begin on Monday, "all" on the first day on record."""
    stamps: pd.Series = pd.to_datetime(days).dt.as_unit("s")
    if grain == "week":
        return pd.Series(stamps - pd.to_timedelta(stamps.dt.day_of_week, unit="D"))
    if grain == "month":
        return pd.Series(stamps.dt.to_period("M").dt.to_timestamp().dt.as_unit("s"))
    if grain == "all":
        return pd.Series(stamps.min() if opened is None else opened, index=days.index, dtype=stamps.dtype)
    return stamps


def spread_spend(spend: pd.DataFrame) -> pd.DataFrame:
    """Spread figures that cover several days evenly over them, to the minor unit.

    Takes and returns ``day, days, channel, market, currency, amount``; what does not
    divide goes to the first days, so every total stays exactly the same.

    >>> import datetime
    >>> week = pd.DataFrame({"day": [datetime.date(2026, 3, 2)], "days": [3], "amount": [100]})
    >>> spread_spend(week)["amount"].tolist()
    [34, 33, 33]
    """
    days = np.maximum(spend["days"].to_numpy(dtype=np.int64, na_value=1), 1)
    rows = np.repeat(np.arange(len(spend)), days)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(days) - days, days)
    out = spend.iloc[rows].reset_index(drop=True)
    whole, rest = np.divmod(spend["amount"].to_numpy(dtype=np.int64), days)
    out["amount"] = whole[rows] + (nth < rest[rows])
    out["day"] = pd.to_datetime(out["day"]).dt.as_unit("s") + pd.to_timedelta(nth, unit="D")
    out["days"] = 1
    return out


def _frame(expression: Any) -> pd.DataFrame:
    frame: pd.DataFrame = expression.to_pyarrow().to_pandas()
    for column in ("day", "period"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column]).dt.as_unit("s")
    return frame


@dataclass
class Cubes:
    """Additive sums per day that every period is built from."""

    money: pd.DataFrame
    credit: pd.DataFrame
    won: pd.DataFrame
    repeats: pd.DataFrame
    spend: pd.DataFrame
    spells: pd.DataFrame
    feedback: pd.DataFrame
    touched: bool
    markets: int
    gap_days: float
    expressions: dict[str, Any] = field(default_factory=dict)

    @property
    def opened(self) -> pd.Timestamp:
        """The first day on record, where "all" begins."""
        every = (self.money, self.credit, self.won, self.repeats, self.spend, self.feedback)
        days: list[pd.Timestamp] = [c["day"].min() for c in every if not c.empty]
        return min(days, default=pd.Timestamp(0))

    def sums(self, cube: pd.DataFrame, grain: str, by: tuple[str, ...], columns: list[str]) -> pd.DataFrame:
        """Sum a daily cube over periods and one cut; the index is (period, *by)."""
        keys = [first_day(cube["day"], grain, self.opened).rename("period"), *(cube[c] for c in by)]
        return cube.groupby(keys, dropna=True, observed=True)[columns].sum()


def cubes(facts: Mapping[str, Any], today: date) -> Cubes:
    """Group the facts up to ``today`` into daily sums on the engine they live in."""
    orders, touches, spend, feedback, subs = (
        fact(facts, name, today) for name in ("orders", "touches", "spend", "feedback", "subscriptions")
    )
    paid = (orders.status == "paid") & (orders.kind == "sale")
    # A row that voids a paid sale takes its order back; voided pairs are gone from the current view anyway.
    undone = (orders.status == "paid") & (orders.kind == "void") & (orders.amount < 0)
    counted = orders.mutate(one=paid.cast("int64") - undone.cast("int64"))
    money = counted.group_by(["day", "channel", "market", "currency"]).aggregate(
        revenue=counted.amount.sum(), orders=counted.one.sum()
    )
    small = orders.count().to_pyarrow().as_py() <= HELD_ORDERS
    credit = hold(credited(orders, touches), small)
    credit_cube = credit.group_by(["day", "last_channel", "currency"]).aggregate(
        revenue=credit.amount.sum(), orders=credit.count()
    )
    won = hold(acquired(credit), small)
    won_cube = won.group_by(["day", "channel", "market"]).aggregate(n=won.count(), referred=won.referred.sum())
    bought = hold(numbered(orders).select("customer", "day", "channel", "market", "number"), small)
    repeats = bought.group_by(["day", "channel", "market"]).aggregate(
        purchases=bought.count(), repeat=(bought.number > 1).cast("int64").sum()
    )
    costs = spend.group_by(["day", "days", "channel", "market", "currency"]).aggregate(
        amount=spend.amount.sum(), clicks=spend.clicks.sum()
    )
    gap = lapse.usual_gap_days(bought)
    answers = feedback.filter(feedback.kind != "void").select(
        "day", "channel", "market", "kind", "score", "first_response_s", "resolution_s"
    )
    spread = spread_spend(_frame(costs))
    known = sales(orders).select("market").union(touches.select("market")).union(spend.select("market"))
    return Cubes(
        _frame(money), _frame(credit_cube).rename(columns={"last_channel": "channel"}), _frame(won_cube),
        _frame(repeats), spread[spread["day"] <= pd.Timestamp(today)], lapse.lapses(bought, subs, won, gap),
        _frame(answers), int(touches.count().to_pyarrow().as_py()) > 0,
        int(known.filter(known.market.notnull()).distinct().count().to_pyarrow().as_py()), gap,
        {"bought": bought, "touches": touches, "won": won, "credit": credit},
    )  # fmt: skip


def _divide(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """Ratios on the joint index; nothing over nothing is unknown, not infinite."""
    top, bottom = top.astype(float).align(bottom.astype(float), join="outer")
    return top / bottom.where(bottom != 0)


def history(
    facts: Mapping[str, Any] | Cubes, scores: Any, *, today: date, currency: str, margin: float
) -> pd.DataFrame:
    """Every key figure by period: a frame with the columns ``COLUMNS``.

    Args:
        facts: the lake's tables by name, Ibis or Arrow, or daily sums made before.
        scores: Arrow table of scores; only ``clv`` is read.
        today: the last day to count, in the company's zone.
        currency: the company's currency; other currencies get rows of their own.
        margin: share of the revenue that is left after the cost of goods, 0 to 1.
    """
    from regulars.measure.buyers import Buyers
    from regulars.measure.ratings import ratings
    from regulars.measure.worth import customers_worth, worth

    cube = facts if isinstance(facts, Cubes) else cubes(facts, today)
    if cube.money.empty and cube.spend.empty and cube.feedback.empty and not cube.touched:
        return pd.DataFrame(columns=list(COLUMNS))
    buyers = Buyers(cube.expressions["bought"], cube.expressions["touches"], cube.opened)
    parts: list[pd.DataFrame] = []
    for grain in ("day", "week", "month", "all"):
        for by in CUTS:
            figures = _figures(cube, buyers, grain, by, today, currency, margin)
            parts += [_rows(*f, grain, by) for f in figures if grain != "day" or f[0] in DAILY]
    parts += [_rows(*f) for f in ratings(cube.feedback, partial(first_day, opened=cube.opened))]
    parts += [_rows(*f) for f in worth(customers_worth(cube.expressions["won"], scores), currency, cube.opened)]
    whole = pd.concat([p for p in parts if not p.empty], ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return _trim(whole, cube, today)


def _figures(
    cube: Cubes, buyers: Any, grain: str, by: tuple[str, ...], today: date, currency: str, margin: float
) -> list[tuple[str, pd.Series, str | None]]:
    """(name, values by (period, *by), currency) of one grain and cut."""
    out: list[tuple[str, pd.Series, str | None]] = []
    won = cube.sums(cube.won, grain, by, ["n", "referred"])
    count = cube.sums(cube.money, grain, by, ["orders"])["orders"]
    out += [("orders", count, None), ("new_customers", won["n"], None)]
    seen = {m for c in (cube.money, cube.spend) for m in c["currency"].dropna().unique()}
    monies = sorted(seen, key=lambda m: (m != currency, m))
    for money in monies:
        sold = cube.sums(cube.money[cube.money["currency"] == money], grain, by, ["revenue", "orders"])
        cost = cube.sums(cube.spend[cube.spend["currency"] == money], grain, by, ["amount"])["amount"]
        # Markets have no touch of their own: the order's market is the credit.
        source = cube.money if by == ("market",) else cube.credit
        gain = cube.sums(source[source["currency"] == money], grain, by, ["revenue"])["revenue"]
        gain, cost_all = gain.align(cost, join="outer", fill_value=0)
        out += [("revenue", sold["revenue"], money), ("spend", cost, money)]
        if grain == "day":
            continue
        sales_made, cost_made = sold["revenue"].align(cost, join="outer", fill_value=0)
        profit = (margin * (gain if by == ("channel",) else sales_made)) - (
            cost_all if by == ("channel",) else cost_made
        )
        out += [
            ("aov", _divide(sold["revenue"], sold["orders"]), money),
            ("cac", _divide(cost, won["n"]), money),
            ("profit_per_new_customer", _divide(profit, won["n"]), money),
            ("roas", _divide(gain, cost), money),
            ("roi", _divide(margin * gain - cost_all, cost), money),
        ]
    if grain == "day":
        return out
    again = cube.sums(cube.repeats, grain, by, ["purchases", "repeat"])
    out.append(("loyalty_index", _divide(again["repeat"], again["purchases"]), None))
    if cube.touched:
        out.append(("referral_rate", _divide(won["referred"], won["n"]), None))
    out.append(("repeat_rate", buyers.repeat_rate(grain, by), None))
    out.append(("conversion_rate", _conversion(cube, buyers, grain, by), None))
    if by != ("market",) and cube.markets:
        sold_in = cube.money[(cube.money["orders"] > 0) & cube.money["market"].notna()]
        keys = [first_day(sold_in["day"], grain, cube.opened).rename("period"), *(sold_in[c] for c in by)]
        out.append(("market_coverage", sold_in.groupby(keys)["market"].nunique() / cube.markets, None))
    if grain != "all":
        churn = _churn(cube.spells, grain, by, today)
        out += [("churn_rate", churn, None), ("retention_rate", 1 - churn, None)]
    return out


def _conversion(cube: Cubes, buyers: Any, grain: str, by: tuple[str, ...]) -> pd.Series:
    if cube.touched:
        reached: pd.Series = buyers.conversion_rate(grain, by)
        return reached
    clicks = cube.sums(cube.spend, grain, by, ["clicks"])["clicks"]
    paid = cube.money if by == ("market",) else cube.credit
    bought = cube.sums(paid[paid["channel"].isin(cube.spend["channel"])], grain, by, ["orders"])["orders"]
    return _divide(bought, clicks).clip(upper=1.0)


def _churn(spells: pd.DataFrame, grain: str, by: tuple[str, ...], today: date) -> pd.Series:
    """Lost over customers at start, for every period from the second on."""
    spells = spells.dropna(subset=list(by))
    if spells.empty:
        return pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[], *([] for _ in by)], names=["period", *by]))
    origin = pd.Timestamp("1970-01-01")
    opened = origin + pd.Timedelta(days=int(spells["since"].min()))
    days = pd.Series(pd.date_range(opened, pd.Timestamp(today), freq="D"))
    starts = first_day(days, grain).drop_duplicates()
    ends = pd.Series([*starts.iloc[1:], pd.Timestamp(today) + pd.Timedelta(days=1)])
    start_no, end_no = ((s - origin).dt.days.to_numpy() for s in (starts, ends))
    parts = []
    for key, own in spells.groupby(list(by), dropna=True) if by else [((), spells)]:
        lost, base = lapse.lost_and_at_start(own, start_no, end_no)
        index = pd.MultiIndex.from_tuples([(s, *key) for s in starts], names=["period", *by])
        parts.append(pd.Series(np.divide(lost, base, out=np.full(len(lost), np.nan), where=base > 0), index=index))
    return pd.concat(parts)


def _rows(name: str, values: pd.Series, money: str | None, grain: str, by: tuple[str, ...]) -> pd.DataFrame:
    """Long rows of one figure; what is unknown is kept in the totals only."""
    long = values.rename("value").reset_index()
    if by:
        long = long[long["value"].notna()]
    return pd.DataFrame({
        "name": name, "day": long["period"], "grain": grain,
        "channel": long["channel"] if "channel" in by else None,
        "market": long["market"] if "market" in by else None,
        "value": long["value"].astype(float),
        "currency": money if KPIS[name].unit == "minor units" or name in ("roi", "roas") else None, "why": None,
    })  # fmt: skip


def _trim(rows: pd.DataFrame, cube: Cubes, today: date) -> pd.DataFrame:
    """Keep the long history in coarse grains, the largest markets by day, and mark the period still running."""
    oldest = {"day": DAYS_KEPT, "week": 7 * WEEKS_KEPT}
    age = (pd.Timestamp(today) - rows["day"]).dt.days
    keep = age < rows["grain"].map(oldest).fillna(np.inf)
    top = cube.money.groupby("market")["orders"].sum().nlargest(MARKETS_BY_DAY).index
    keep &= (rows["grain"] != "day") | rows["market"].isna() | rows["market"].isin(top)
    running = {
        grain: first_day(pd.Series([pd.Timestamp(today)]), grain).iloc[0]
        for grain, last in (("week", today + timedelta(days=1)), ("month", today + timedelta(days=1)))
        if first_day(pd.Series([pd.Timestamp(last)]), grain).iloc[0]
        == first_day(pd.Series([pd.Timestamp(today)]), grain).iloc[0]
    }
    rows["why"] = np.where(rows["day"] == rows["grain"].map(running), "period_running", "")
    kept: pd.DataFrame = rows[keep][list(COLUMNS)].reset_index(drop=True)
    return kept
