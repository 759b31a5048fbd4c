"""Who buys in each part of a cut: buyers, how many came again, how much is from new customers, what came back."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd

PEOPLE = ("buyers", "again", "new", "revenue_new", "gross", "refunded")


def cut_people(rows: Any, won: Any, cut: str, span: tuple[date, date], currency: str) -> pd.DataFrame:
    """One row a value of the cut, of one span: two groupings in one query.

    Args:
        rows: ``customer, day, currency, revenue`` with the cut, and ``one`` (1 a sale, -1 voided) or ``order``.
        won: ``customer, day`` of each customer's first purchase.
        cut: the column.
        span: first and last day, both included.
        currency: only money in this currency.

    Returns ``cut`` as the index and ``buyers`` (customers known by name who bought), ``again`` (of them with two orders
    or more), ``new`` (of them won within the span), ``revenue_new`` (theirs, less refunds), ``gross`` and
    ``refunded`` (money in and back, of everybody).
    """
    first, last = (ibis.literal(d) for d in span)
    inside = rows.filter((rows.day >= first) & (rows.day <= last) & (rows.currency == currency) & rows[cut].notnull())
    orders = inside.order.nunique() if "order" in inside.columns else inside.one.sum()
    each = inside.group_by([cut, "customer"]).aggregate(
        orders=orders, money=inside.revenue.sum(), gross=inside.revenue.sum(where=inside.revenue > 0),
        back=inside.revenue.sum(where=inside.revenue < 0),
    )  # fmt: skip
    since = won.select(person=won.customer, since=won.day)
    both = each.left_join(since, each.customer == since.person)
    bought = both.customer.notnull() & (both.orders > 0)
    fresh = both.customer.notnull() & (both.since >= first).fill_null(False)

    def count(which: Any) -> Any:
        return which.cast("int64").sum()

    found = both.group_by(cut).aggregate(
        buyers=count(bought), again=count(bought & (both.orders > 1)), new=count(bought & fresh),
        revenue_new=both.money.sum(where=fresh), gross=both.gross.sum(), refunded=-both.back.sum(),
    )  # fmt: skip
    frame: pd.DataFrame = found.to_pyarrow().to_pandas()
    return frame.fillna(0).set_index(cut)
