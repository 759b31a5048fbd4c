"""Additive sums per day that every period of every key figure is built from.

The engine groups, so only sums and counts cross over; ``history`` makes periods and ratios of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.measure import lapses as lapse
from regulars.measure.recurring import COLUMNS as MOVEMENTS
from regulars.measure.recurring import movements
from regulars.measure.sales import HELD_ORDERS, acquired, credited, fact, hold, numbered, sales

if TYPE_CHECKING:
    from collections.abc import Mapping


def first_day(days: pd.Series, grain: str, opened: pd.Timestamp | None = None) -> pd.Series:
    """First day of the period each day falls in; weeks begin on Monday, "all" on the first day on record."""
    stamps: pd.Series = pd.to_datetime(days).dt.as_unit("s")
    if grain == "week":
        # The first day of 1970 was a Thursday.
        number = stamps.to_numpy().astype("datetime64[D]").astype(np.int64)
        return pd.Series((number - (number + 3) % 7).astype("datetime64[D]").astype("datetime64[s]"), index=days.index)
    if grain == "month":
        months = stamps.to_numpy().astype("datetime64[M]").astype("datetime64[s]")
        return pd.Series(months, index=days.index)
    if grain == "all":
        return pd.Series(stamps.min() if opened is None else opened, index=days.index, dtype=stamps.dtype)
    return stamps


def spread_spend(spend: pd.DataFrame) -> pd.DataFrame:
    """Spread figures that cover several days evenly over them, to the minor unit.

    Takes and returns ``day, days, channel, market, currency, amount, clicks``; what does not
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
    for column in ("amount", "clicks"):
        if column in spend:
            whole, rest = np.divmod(spend[column].fillna(0).to_numpy(dtype=np.int64), days)
            out[column] = whole[rows] + (nth < rest[rows])
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
    """Additive sums per day that every period is built from.

    ``money`` is by the channel of the order, ``credit`` by the last touch, ``won`` by the first;
    ``earned`` is the money of every later order too, by the channel and market that won the customer.
    """

    money: pd.DataFrame
    credit: pd.DataFrame
    won: pd.DataFrame
    repeats: pd.DataFrame
    earned: pd.DataFrame
    spend: pd.DataFrame
    spells: pd.DataFrame
    recurring: pd.DataFrame
    feedback: pd.DataFrame
    touched: bool
    markets: int
    gap_days: float
    expressions: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def opened(self) -> pd.Timestamp:
        """The first day on record, where "all" begins."""
        every = (self.money, self.credit, self.won, self.repeats, self.spend, self.feedback, self.recurring)
        days: list[pd.Timestamp] = [c["day"].min() for c in every if not c.empty]
        return min(days, default=pd.Timestamp(0))

    @property
    def empty(self) -> bool:
        """Whether nothing happened that a figure could be made of."""
        return not self.touched and all(c.empty for c in (self.money, self.spend, self.feedback, self.recurring))

    def sums(self, cube: pd.DataFrame, grain: str, by: tuple[str, ...], columns: list[str]) -> pd.DataFrame:
        """Sum a daily cube over periods and one cut; the index is (period, *by)."""
        keys = [first_day(cube["day"], grain, self.opened).rename("period"), *(cube[c] for c in by)]
        return cube.groupby(keys, dropna=True, observed=True)[columns].sum()


def cubes(facts: Mapping[str, Any], today: date, before: Cubes | None = None) -> Cubes:
    """Group the facts up to ``today`` into daily sums on the engine they live in.

    With ``before``, the sums of earlier days, ``facts`` are only those of the days since: sums are added, and
    what is about people (who is new, who came again, who left) goes on from the rows kept in ``before``.
    """
    orders, touches, spend, feedback, subs = (
        fact(facts, name, today) for name in ("orders", "touches", "spend", "feedback", "subscriptions")
    )
    # A row that voids a paid sale takes its order back; voided pairs are gone from the current view anyway.
    undone = (orders.status == "paid") & (orders.kind == "void") & (orders.amount < 0)
    paid = (orders.status == "paid") & (orders.kind == "sale")
    counted = orders.mutate(one=paid.cast("int64") - undone.cast("int64"))
    small = orders.count().to_pyarrow().as_py() <= HELD_ORDERS
    credit = hold(credited(orders, _with(before, "touches", touches)), small)
    new, again = _on_from(before, hold(acquired(credit), small), hold(_bought(orders), small))
    kept = {name: _with(before, name, rows) for name, rows in (
        ("bought", again), ("touches", touches), ("won", new), ("credit", credit), ("subscriptions", subs),
        ("markets", sales(orders).select("market").union(touches.select("market")).union(spend.select("market"))),
    )}  # fmt: skip
    costs = _frame(spend.group_by(["day", "days", "channel", "market", "currency"]).aggregate(
        amount=spend.amount.sum(), clicks=spend.clicks.sum()
    ))  # fmt: skip
    costs = costs if before is None else pd.concat([before.expressions["costs"], costs], ignore_index=True)
    spread = spread_spend(costs)
    count = int(kept["touches"].count().to_pyarrow().as_py())
    kept["seen"] = _seen(kept["touches"], count <= HELD_ORDERS)
    gap = lapse.usual_gap_days(kept["bought"])
    known = kept["markets"].filter(kept["markets"].market.notnull()).distinct()
    added = _added(counted, credit, new, again, kept["won"], feedback)
    old = (None,) * len(added) if before is None else (
        before.money, before.credit, before.won, before.repeats, before.earned, before.feedback
    )  # fmt: skip
    money, credited_to, won, repeats, earned, answers = (
        b if a is None else pd.concat([a, b], ignore_index=True) for a, b in zip(old, added, strict=True)
    )
    return Cubes(
        money, credited_to, won, repeats, earned, spread[spread["day"] <= pd.Timestamp(today)],
        lapse.lapses(kept["bought"], kept["subscriptions"], kept["won"], gap), _recurring(kept["subscriptions"]),
        answers, count > 0, int(known.count().to_pyarrow().as_py()), gap,
        {**kept, "costs": costs},
    )  # fmt: skip


def _added(counted: Any, credit: Any, won: Any, bought: Any, everybody: Any, feedback: Any) -> tuple[pd.DataFrame, ...]:
    """What these days add: money, credit, won, repeats, earned and answers by day."""
    money = counted.group_by(["day", "channel", "market", "currency"]).aggregate(
        revenue=counted.amount.sum(), orders=counted.one.sum()
    )
    credit_cube = credit.group_by(["day", "last_channel", "market", "currency"]).aggregate(
        revenue=credit.amount.sum(), orders=credit.count()
    )
    won_cube = won.group_by(["day", "channel", "market"]).aggregate(n=won.count(), referred=won.referred.sum())
    late = (bought.number > 1).cast("int64")
    repeats = bought.group_by(["day", "channel", "market", "currency"]).aggregate(
        purchases=bought.count(),
        repeat=late.sum(),
        amount=bought.amount.sum(),
        repeat_amount=(late * bought.amount).sum(),
    )
    who = everybody.select(
        person=everybody.customer, since=everybody.day, own_channel=everybody.channel, own_market=everybody.market
    )
    theirs = counted.join(who, [counted.customer == who.person, counted.day >= who.since])
    earned = theirs.group_by(["day", "own_channel", "own_market", "currency"]).aggregate(revenue=theirs.amount.sum())
    answers = feedback.filter(feedback.kind != "void").select(
        "day", "channel", "market", "kind", "score", "first_response_s", "resolution_s"
    )
    words = {"last_channel": "channel", "own_channel": "channel", "own_market": "market"}
    return tuple(_frame(e).rename(columns=words) for e in (money, credit_cube, won_cube, repeats, earned, answers))


def _seen(touches: Any, small: bool) -> Any:
    """Whom a touch reached on which day and where: what is read once for every period and cut."""
    seen = touches.filter(touches.customer.notnull())
    return hold(seen.select("customer", "day", "channel", "market").distinct(), small)


def _recurring(subscriptions: Any) -> pd.DataFrame:
    if not int(subscriptions.count().to_pyarrow().as_py()):
        return pd.DataFrame({c: pd.Series(dtype="datetime64[s]" if c == "day" else object) for c in MOVEMENTS})
    return movements(subscriptions)


def _bought(orders: Any) -> Any:
    return numbered(orders).select("customer", "day", "channel", "market", "number", "amount", "currency")


def _with(before: Cubes | None, name: str, rows: Any) -> Any:
    """Rows kept from earlier days and those of these days."""
    if before is None:
        return rows
    old = before.expressions[name]
    parts = [old.to_pyarrow(), rows.select(*old.columns).to_pyarrow()]
    # Columns of the lake may forbid nulls and kept ones do not: a union of the two would be refused.
    loose = [pa.table({c: part.column(c) for c in old.columns}) for part in parts]
    return ibis.memtable(pa.concat_tables(loose))


def _on_from(before: Cubes | None, won: Any, bought: Any) -> tuple[Any, Any]:
    """Only customers nobody knew before are new, and purchases are numbered on from those before."""
    if before is None:
        return won, bought
    old, had = before.expressions["won"], before.expressions["bought"]
    new = won.anti_join(old, won.customer == old.customer)
    so_far = had.group_by("customer").aggregate(so_far=had.count())
    so_far = so_far.select("so_far", person=so_far.customer)
    joined = bought.left_join(so_far, bought.customer == so_far.person)
    number = joined.number + ibis.coalesce(joined.so_far, ibis.literal(0))
    return new, joined.mutate(number=number).select(*bought.columns)
