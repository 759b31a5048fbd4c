"""Monthly recurring revenue of contracts, and how much of it the customers who were there keep bringing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import ibis
import pandas as pd

# Parts of a minor unit a month that sums of floating numbers may leave behind.
NOTHING: Final = 1e-6
COLUMNS: Final = ("holder", "day", "channel", "market", "currency", "delta")


def movements(subscriptions: Any) -> pd.DataFrame:
    """Changes of monthly recurring revenue: ``holder, day, channel, market, currency, delta`` (minor units a month).

    A contract brings ``amount / months`` a month from each change until the next one, and nothing once cancelled.
    Channel and market are those it began with, so that what comes and what goes falls on the same one. The
    holder is the customer who began it; a contract of nobody known is its own holder.
    """
    rows = subscriptions.filter((subscriptions.kind != "void") & subscriptions.contract.notnull())
    months = ibis.greatest(ibis.coalesce(rows.months, ibis.literal(1)), 1)
    rows = rows.mutate(
        after=ibis.ifelse(rows.kind == "cancel", 0.0, rows.amount.cast("float64") / months.cast("float64")),
    )
    own = ibis.window(group_by=[rows.source, rows.contract], order_by=[rows.at, rows.id])
    steps = rows.mutate(
        before=rows.after.lag().over(own), before_currency=rows.currency.lag().over(own),
        place=ibis.row_number().over(own),
    )  # fmt: skip
    # A change of currency ends the old money and begins the new one.
    same = (steps.before_currency == steps.currency) | (steps.kind == "cancel")
    came = steps.mutate(
        money=ibis.ifelse(same, steps.before_currency, steps.currency),
        delta=steps.after - ibis.ifelse(same, steps.before, 0.0),
    )
    came = came.mutate(
        money=ibis.coalesce(came.money, came.currency), delta=ibis.coalesce(came.delta, came.after)
    ).select("source", "contract", "day", "money", "delta")
    left = steps.filter((steps.before_currency != steps.currency) & (steps.kind != "cancel"))
    left = left.mutate(money=left.before_currency, delta=-left.before)
    moved = came.union(left.select("source", "contract", "day", "money", "delta"))
    moved = moved.filter(moved.delta.abs() > NOTHING)
    first = steps.filter(steps.place == 0)
    first = first.select(
        first_source=first.source, first_contract=first.contract, channel=first.channel, market=first.market,
        holder=ibis.coalesce(first.customer, first.source + "/" + first.contract),
    )  # fmt: skip
    placed = moved.join(first, [moved.source == first.first_source, moved.contract == first.first_contract])
    frame: pd.DataFrame = placed.select(
        "holder", "day", "channel", "market", "delta", currency=placed.money
    ).to_pyarrow().to_pandas()  # fmt: skip
    frame["day"] = pd.to_datetime(frame["day"]).dt.as_unit("s")
    return frame[list(COLUMNS)]


def recurring(
    moves: pd.DataFrame, grain: str, by: tuple[str, ...], today: date, first_day: Callable[[pd.Series, str], pd.Series]
) -> tuple[pd.Series, pd.Series]:
    """MRR at the end of every period and net revenue retention over it, by (period, *by); one currency at a time.

    Retention compares people, not movements: the recurring revenue at the end of those who had some at the
    start, over what they had at the start.

    >>> day = pd.to_datetime(["2026-01-05", "2026-01-07", "2026-02-10", "2026-02-12"]).as_unit("s")
    >>> moves = pd.DataFrame({"holder": ["a", "b", "a", "c"], "day": day, "delta": [100.0, 100.0, -50.0, 300.0]})
    >>> month = lambda days, grain: days.dt.to_period("M").dt.to_timestamp()
    >>> level, kept = recurring(moves, "month", (), date(2026, 2, 20), month)
    >>> level.tolist(), kept.dropna().tolist()
    ([200.0, 450.0], [0.75])
    """
    moves = moves.dropna(subset=list(by))
    if moves.empty:
        names = ["period", *by]
        nothing = pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[] for _ in names], names=names))
        return nothing, nothing
    days = pd.Series(pd.date_range(moves["day"].min(), pd.Timestamp(today), freq="D").as_unit("s"))
    periods = pd.Index(first_day(days, grain).drop_duplicates(), name="period")
    cut = [moves[c] for c in by]
    period = first_day(moves["day"], grain).rename("period")
    people = moves["delta"].groupby([moves["holder"], *cut, period]).sum()
    had = people.groupby(level=["holder", *by]).cumsum() - people
    stayed = people[had > NOTHING]
    level = _wide(people, by, periods).cumsum()
    start = level.shift(1)
    end = start + _wide(stayed, by, periods).reindex(columns=level.columns, fill_value=0.0)
    kept = (end / start.where(start > NOTHING)).clip(lower=0.0)
    return _long(level.where(level.abs() > NOTHING, 0.0), by), _long(kept, by)


def _wide(values: pd.Series, by: tuple[str, ...], periods: pd.Index) -> pd.DataFrame:
    """Sums by period, one column a value of the cut, with nought where nothing changed."""
    if not by:
        sums = values.groupby(level="period").sum().to_frame()
    else:
        sums = values.groupby(level=["period", *by]).sum().unstack(list(by)).fillna(0.0)
    return sums.reindex(periods, fill_value=0.0)


def _long(wide: pd.DataFrame, by: tuple[str, ...]) -> pd.Series:
    return pd.Series(wide.stack(list(by), future_stack=True) if by else wide.iloc[:, 0]).rename("value")
