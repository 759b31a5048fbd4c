"""What each cohort did in each period, as sums the engine makes: additive over days, so yesterday's can be added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ibis
import pandas as pd

from regulars.measure.sales import numbered

if TYPE_CHECKING:
    from datetime import date

GRAINS: Final = ("week", "month", "quarter")
CELLS: Final = ("cohort", "cut", "period", "currency", "people", "orders", "revenue")


def period_number(day: Any, grain: str) -> Any:
    """The period a day falls in, counted from one fixed point: plain numbers, the same on every engine."""
    if grain == "week":
        days = (day.cast("timestamp").epoch_seconds().cast("int64") / 86_400).floor().cast("int64")
        # 1970 began on a Thursday; weeks begin on Monday.
        return ((days + 3) / 7).floor().cast("int64")
    months = day.year().cast("int64") * 12 + day.month().cast("int64") - 1
    return months if grain == "month" else (months / 3).floor().cast("int64")


def period_start(number: Any, grain: str) -> Any:
    """First day of each numbered period.

    >>> period_start([24312], "month")[0].date().isoformat(), period_start([2926], "week")[0].date().isoformat()
    ('2026-01-01', '2026-01-26')
    """
    plain = pd.Series(number, dtype="int64")
    if grain == "week":
        return pd.DatetimeIndex(pd.Timestamp(0) + pd.to_timedelta(plain * 7 - 3, unit="D")).as_unit("s")
    months = plain * (3 if grain == "quarter" else 1) - 1970 * 12
    return pd.DatetimeIndex(months.to_numpy().astype("datetime64[M]")).as_unit("s")


def cohort_cells(
    orders: Any, grain: str, groups: Any | None = None, *, since: date | None = None, until: date | None = None
) -> pd.DataFrame:
    """Sums per cohort, cut, period and currency: a frame with the columns ``CELLS``.

    ``people`` counts each customer once a period, on the day of the first sale in it, so
    the cells of any two ranges of days add up to those of both. ``revenue`` is all money
    of the cohort, refunds included.

    Args:
        orders: the orders table (Ibis), whole: a customer's first sale decides the cohort.
        grain: week, month or quarter.
        groups: one row a customer with ``customer`` and ``cut``; left out, there is one cut, "".
        since, until: count only days from here to there, both included.
    """
    known = orders.filter(orders.customer.notnull())
    paid = (known.kind == "sale") & (known.status == "paid")
    rows = known.mutate(sold=paid.cast("int64"), sold_day=ibis.ifelse(paid, known.day, ibis.null("date")))
    own = {"group_by": [rows.customer], "order_by": [rows.at, rows.source, rows.id, rows.sold]}
    rows = rows.mutate(
        first_day=rows.sold_day.min().over(ibis.window(group_by=[rows.customer])),
        sold_before=rows.sold_day.max().over(ibis.window(**own, preceding=(None, 1))),
    )
    # Money given back before the first sale belongs to no cohort.
    rows = rows.filter(rows.first_day.notnull() & (rows.day >= rows.first_day))
    if since is not None:
        rows = rows.filter(rows.day >= ibis.literal(since))
    if until is not None:
        rows = rows.filter(rows.day <= ibis.literal(until))
    again = rows.sold_before.notnull() & (period_number(rows.sold_before, grain) == period_number(rows.day, grain))
    rows = rows.mutate(
        cohort=period_number(rows.first_day, grain), period=period_number(rows.day, grain),
        person=ibis.ifelse((rows.sold == 1) & ~again, 1, 0),
    )  # fmt: skip
    keys = ["cohort", "period", "currency"]
    if groups is not None:
        who = groups.select(grouped=groups.customer, cut=groups.cut.cast("string"))
        rows = rows.left_join(who, rows.customer == who.grouped)
        rows = rows.mutate(cut=ibis.coalesce(rows.cut, ibis.literal("")))
        keys.append("cut")
    sums = rows.group_by(keys).aggregate(
        people=rows.person.sum(), orders=rows.sold.sum(), revenue=rows.amount.sum()
    )  # fmt: skip
    frame: pd.DataFrame = sums.to_pyarrow().to_pandas()
    if groups is None:
        frame["cut"] = ""
    whole = ("cohort", "period", "people", "orders", "revenue")
    return frame[list(CELLS)].astype(dict.fromkeys(whole, "int64"))


def first_cut(orders: Any, by: str) -> Any:
    """The channel or market of each customer's first paid order: rows ``customer, cut``."""
    first = numbered(orders)
    first = first.filter(first.number == 1)
    return first.select(first.customer, cut=first[by])


def first_product(orders: Any, lines: Any) -> Any:
    """The product that cost most on each customer's first paid order: rows ``customer, cut``."""
    first = numbered(orders)
    first = first.filter(first.number == 1).select(first_source=first.source, first_id=first.id, buyer=first.customer)
    sold = lines.filter((lines.kind == "sale") & lines.goods).select("source", "order_id", "product", "amount")
    both = sold.join(first, [sold.source == first.first_source, sold.order_id == first.first_id])
    dearest = ibis.window(group_by=[both.buyer], order_by=[ibis.desc(both.amount), both["product"]])
    both = both.mutate(place=ibis.row_number().over(dearest))
    top = both.filter(both.place == 0)
    return top.select(customer=top.buyer, cut=top["product"])
