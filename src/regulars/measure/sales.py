"""Paid orders as portable Ibis expressions, and which channel brought or closed each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ibis

from regulars.lake.frames import to_arrow
from regulars.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

DIRECT: Final = "direct"
LOOKBACK_DAYS: Final = 90
# Up to this many orders, what several queries share is computed once and kept in memory (about 300 MB).
HELD_ORDERS: Final = 2_000_000


def fact(facts: Mapping[str, Any], name: str, until: date | None = None) -> Any:
    """One table of facts as an Ibis table, empty where it is missing, without days after ``until``."""
    given = facts.get(name)
    if given is None:
        given = TABLES[name].empty()
    table = given if isinstance(given, ibis.Table) else ibis.memtable(_plain(to_arrow(given), name))
    return table if until is None or "day" not in table.columns else table.filter(table.day <= ibis.literal(until))


def _plain(rows: Any, name: str) -> Any:
    """Give a table of a caller's own the schema of the lake, so null columns keep their type."""
    return TABLES[name].fill({c: rows.column(c) for c in rows.column_names if c in TABLES[name].names}, rows.num_rows)


def sales(orders: Any) -> Any:
    """Paid sales, one row each: ``source, id, customer, at, day, amount, currency, channel, market``."""
    paid = orders.filter((orders.kind == "sale") & (orders.status == "paid"))
    return paid.select("source", "id", "customer", "at", "day", "amount", "currency", "channel", "market")


def seconds(at: Any) -> Any:
    """Whole seconds since 1970; ``epoch_seconds`` alone keeps the fraction on DuckDB and drops it on Spark."""
    return at.truncate("s").epoch_seconds().cast("int64")


def touched(orders: Any, touches: Any, lookback_days: int = LOOKBACK_DAYS) -> Any:
    """Every (paid sale, touch) pair with the touch at or before the sale and within the lookback window.

    Columns: ``source, id, at, day, amount, currency, customer, touch_channel, touch_at, touch_source, touch_id,
    n`` (touches on the way to this sale), ``place`` (0 = first) and ``place_back`` (0 = last).
    """
    bought = sales(orders)
    bought = bought.filter(bought.customer.notnull()).mutate(sold_s=seconds(bought.at))
    seen = touches.filter(touches.customer.notnull() & touches.channel.notnull())
    seen = seen.select(
        person=seen.customer, touch_at=seen.at, touch_s=seconds(seen.at), touch_channel=seen.channel,
        touch_source=seen.source, touch_id=seen.id, touch_kind=seen.kind,
    )  # fmt: skip
    pairs = bought.join(
        seen,
        [
            bought.customer == seen.person,
            seen.touch_at <= bought.at,
            seen.touch_s >= bought.sold_s - lookback_days * 86_400,
        ],
    )
    order = [pairs.touch_at, pairs.touch_source, pairs.touch_id]
    forward = ibis.window(group_by=[pairs.source, pairs.id], order_by=order)
    backward = ibis.window(group_by=[pairs.source, pairs.id], order_by=[ibis.desc(c) for c in order])
    whole = ibis.window(group_by=[pairs.source, pairs.id])
    return pairs.mutate(
        place=ibis.row_number().over(forward),
        place_back=ibis.row_number().over(backward),
        n=pairs.touch_id.count().over(whole),
    )


def credited(orders: Any, touches: Any, lookback_days: int = LOOKBACK_DAYS) -> Any:
    """Paid sales with ``first_channel`` and ``last_channel``, which opened and closed the way, and ``touches`` on it.

    Where no touch is known, the channel of the order itself is the touch; where
    that is unknown too, it is ``direct``.
    """
    pairs = touched(orders, touches, lookback_days)
    ends = pairs.group_by(["source", "id"]).aggregate(
        first_touch=pairs.touch_channel.max(where=pairs.place == 0),
        last_touch=pairs.touch_channel.max(where=pairs.place_back == 0),
        referred=(pairs.touch_kind == "referral").cast("int64").max(),
        n=pairs.count(),
    )
    ends = ends.select(
        end_source=ends.source, end_id=ends.id, first_touch=ends.first_touch, last_touch=ends.last_touch,
        referred=ends.referred, n=ends.n,
    )  # fmt: skip
    bought = sales(orders)
    joined = bought.left_join(ends, [bought.source == ends.end_source, bought.id == ends.end_id])
    return joined.select(
        "source", "id", "customer", "at", "day", "amount", "currency", "market",
        first_channel=ibis.coalesce(joined.first_touch, joined.channel, ibis.literal(DIRECT)),
        last_channel=ibis.coalesce(joined.last_touch, joined.channel, ibis.literal(DIRECT)),
        referred=ibis.coalesce(joined.referred, ibis.literal(0)),
        touches=ibis.coalesce(joined.n, ibis.literal(0)),
    )  # fmt: skip


def numbered(orders: Any) -> Any:
    """Paid sales of known customers with ``number``: 1 for a customer's first purchase, 2 for the second, ..."""
    bought = sales(orders)
    bought = bought.filter(bought.customer.notnull())
    own = ibis.window(group_by=[bought.customer], order_by=[bought.at, bought.source, bought.id])
    return bought.mutate(number=ibis.row_number().over(own) + 1)


def acquired(credit: Any) -> Any:
    """One row per customer: day, channel, market and amount of the first paid sale, and whether they were referred.

    Takes the sales of ``credited``. Columns: ``customer, at, day, channel, market, amount, currency, referred``.
    """
    known = credit.filter(credit.customer.notnull())
    own = ibis.window(group_by=[known.customer], order_by=[known.at, known.source, known.id])
    first = known.mutate(number=ibis.row_number().over(own))
    first = first.filter(first.number == 0)
    return first.select(
        "customer", "at", "day", "market", "amount", "currency", "referred", channel=first.first_channel
    )


def hold(expression: Any, small: bool) -> Any:
    """Compute an expression once when it is small enough to keep, instead of in every query that uses it.

    Only on DuckDB: what Spark computes stays on Spark. Not ``expression.cache()``: with
    DuckDB that prints errors when the interpreter ends (Ibis 12).
    """
    keep = small and expression.get_backend().name == "duckdb"
    return ibis.memtable(expression.to_pyarrow()) if keep else expression
