"""Each customer's purchases as seven numbers that can be merged: yesterday's state and today's orders suffice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.understand.customer_codes import customer_codes
from regulars.understand.day_cells import DayCells, day_cells, fold, in_order
from regulars.understand.days import company_days

if TYPE_CHECKING:
    import ibis.expr.types as ir

Ints = NDArray[np.int64]
# Orders read from the lake at once; a part costs about 150 bytes an order while it is folded.
PART = 750_000


@dataclass(frozen=True)
class CustomerStates:
    """What the orders of some days say about each customer, sorted by customer key.

    ``first`` and ``last`` purchase day, ``days`` with a purchase, ``orders``,
    the money of the first purchase day and of the repeat days, and ``early``:
    refunds given before the first purchase of these days, which belong to an
    earlier purchase. Where ``days`` is 0 only ``early`` speaks. Days are numbers
    since 1970-01-01; ``from_day`` and ``to_day`` are the days looked at.

    States of disjoint days form a monoid under ``merged``: any cut of history
    into batches gives the same integers, on any engine.
    """

    customers: pa.Array
    first: Ints
    last: Ints
    days: Ints
    orders: Ints
    first_amount: NDArray[Any]
    repeat_amount: NDArray[Any]
    early: NDArray[Any]
    from_day: int
    to_day: int


def customer_states(
    orders: Any, *, zone: str = "UTC", until: int | None = None, currency: str | None = None
) -> CustomerStates:
    """Fold orders to states; what counts as a purchase is said in ``day_cells``.

    >>> first = customer_states({"customer": ["ann"], "day": ["2026-01-01"], "amount": [900]})
    >>> later = customer_states({"customer": ["ann", "bob"], "day": ["2026-01-11", "2026-01-12"], "amount": [50, 7]})
    >>> merged([first, later]).repeat_amount.tolist()
    [50, 0]
    """
    cells = day_cells(orders, zone=zone, until=until, currency=currency, attach=False)
    return states_of(cells)


def states_of(cells: DayCells) -> CustomerStates:
    """The states of day cells."""
    n = len(cells.customers)
    starts = cells.starts
    who = cells.code[starts]
    count = np.diff(np.append(starts, len(cells.code)))
    first_amount = cells.amount[starts]
    total = np.add.reduceat(cells.amount, starts) if starts.size else first_amount
    orders = np.add.reduceat(cells.orders, starts) if starts.size else starts

    def spread(values: NDArray[Any]) -> NDArray[Any]:
        if len(who) == n:
            return values
        out = np.zeros(n, dtype=values.dtype)
        out[who] = values
        return out

    early = cells.early if cells.early is not None else np.zeros(n, dtype=cells.amount.dtype)
    return CustomerStates(
        cells.customers,
        spread(cells.day[starts]),
        spread(cells.day[starts + count - 1]),
        spread(count),
        spread(orders),
        spread(first_amount),
        spread(total - first_amount),
        early,
        cells.first_day,
        cells.last_day,
    )


def merged(states: Sequence[CustomerStates]) -> CustomerStates:
    """One state from those of disjoint days, whatever the cut.

    Raises ``ValueError`` when two of them speak of the same day: a late order
    calls for the states of its days to be made anew.
    """
    parts = sorted(states, key=lambda s: (s.from_day, s.to_day))
    if not parts:
        raise ValueError("there is no state to merge")
    for one, other in pairwise(parts):
        if other.from_day <= one.to_day:
            raise ValueError(f"two states speak of day {other.from_day}; make the states of these days anew")
    spoken = [p for p in parts if len(p.customers)] or parts[:1]
    from_day, to_day = parts[0].from_day, parts[-1].to_day
    if len(spoken) == 1:
        return replace(spoken[0], from_day=from_day, to_day=to_day)
    parts = spoken
    kind = reduce(np.promote_types, (p.early.dtype for p in parts))
    keys, code = customer_codes(pa.chunked_array([p.customers for p in parts]))
    code, order = in_order(code)
    first, last, days, orders = (
        np.concatenate([getattr(p, name) for p in parts])[order] for name in ("first", "last", "days", "orders")
    )
    first_amount, repeat, early = (
        np.concatenate([getattr(p, name) for p in parts]).astype(kind, copy=False)[order]
        for name in ("first_amount", "repeat_amount", "early")
    )
    starts = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1])))
    length = np.diff(np.append(starts, len(code)))
    bought = days > 0
    # How many parts with a purchase came before this one, for the same customer.
    before: Ints = np.cumsum(bought) - bought
    before -= np.repeat(before[starts], length)
    opening = bought & (before == 0)
    single = np.repeat(np.add.reduceat(np.where(opening, days, 0), starts) == 1, length)
    # A refund before a part's first purchase goes to the purchase before it, if there was one.
    to_none: NDArray[np.bool_] = before == 0
    to_first: NDArray[np.bool_] = (before == 1) & single
    to_repeat = ~(to_none | to_first)
    return CustomerStates(
        keys,
        np.add.reduceat(np.where(opening, first, 0), starts),
        np.maximum.reduceat(last, starts),
        np.add.reduceat(days, starts),
        np.add.reduceat(orders, starts),
        np.add.reduceat(np.where(opening, first_amount, 0) + np.where(to_first, early, 0), starts),
        np.add.reduceat(repeat + np.where(bought & ~opening, first_amount, 0) + np.where(to_repeat, early, 0), starts),
        np.add.reduceat(np.where(to_none, early, 0), starts),
        from_day,
        to_day,
    )


def day_cell_rows(orders: ir.Table, *, until: int | None = None, currency: str | None = None) -> ir.Table:
    """The day-cell table as one expression for any engine: customer, day, orders, sales, refunds.

    Give rows that hold now (``Lake.current``): voids are not looked for. Sums
    are of integers, so every engine and every partition gives the same bits.
    """
    rows = _counted(orders, until, currency)
    found: ir.Table = rows.group_by("customer", "day").aggregate(
        orders=rows.sale.ifelse(1, 0).sum().cast("int64"),
        sales=rows.sale.ifelse(rows.amount, 0).sum().cast("int64"),
        refunds=rows.sale.ifelse(0, rows.amount).sum().cast("int64"),
    )
    return found


def states_of_rows(rows: pa.Table, *, from_day: int | None = None, to_day: int | None = None) -> CustomerStates:
    """The states of rows of the day-cell table; the days looked at, where they reach beyond the rows."""
    day = company_days(rows, "UTC") if rows.num_rows else np.empty(0, dtype=np.int64)
    customers, code = customer_codes(rows.column("customer"))
    count, sales, refunds = (rows.column(name).to_numpy() for name in ("orders", "sales", "refunds"))
    back, sold = np.flatnonzero(refunds), np.flatnonzero(count)
    at = np.concatenate([sold, back])
    is_sale = np.arange(len(at)) < len(sold)
    last = int(day.max(initial=0)) if to_day is None else to_day
    cells = fold(
        customers, code[at], day[at], np.concatenate([sales[sold], refunds[back]]), is_sale, ~is_sale, last,
        count=np.concatenate([count[sold], np.zeros(len(back), dtype=np.int64)]),
    )  # fmt: skip
    first = from_day if from_day is not None else int(day.min()) if day.size else last
    states = states_of(cells)
    return replace(states, from_day=first, to_day=last)


def states_in_parts(
    orders: ir.Table, *, until: int | None = None, currency: str | None = None
) -> Iterator[CustomerStates]:
    """The states of a table of the lake, a stretch of customers at a time, in the order of their keys.

    Give rows that hold now (``Lake.current``): voids are not looked for. The
    lake keeps its rows in the order of customers, so a stretch reads only its own
    part of every file; the next one is read while this one is folded.
    """
    seen = orders if until is None else orders.filter(orders.day <= _day(until))
    extent = seen.aggregate(n=seen.count(), low=seen.day.min(), high=seen.day.max()).to_pyarrow().to_pylist()[0]
    first, last = (int(np.datetime64(extent[end] or 0, "D").astype(int)) for end in ("low", "high"))
    rows = _counted(orders, until, currency)
    edges = [None, *_edges(seen, last, -(-extent["n"] // PART)), None]
    last = last if until is None else until
    with ThreadPoolExecutor(1) as reader:

        def read(low: str | None, high: str | None) -> Any:
            some = rows if low is None else rows.filter(rows.customer >= low)
            some = some if high is None else some.filter(some.customer < high)
            return reader.submit(some.to_pyarrow)

        waiting = read(*edges[:2])
        for place in range(1, len(edges)):
            table = waiting.result()
            if place + 1 < len(edges):
                waiting = read(*edges[place : place + 2])
            yield replace(_of_counted(table, last), from_day=first)
            del table


def _counted(orders: ir.Table, until: int | None, currency: str | None) -> ir.Table:
    """The rows that count: customer, day, amount and whether it is a sale."""
    rows = orders.filter(orders.customer.notnull() & (orders.customer != ""))
    if until is not None:
        rows = rows.filter(rows.day <= _day(until))
    # Plain comparisons: the engine skips what a file's own statistics rule out.
    rows = rows.filter(((rows.kind == "sale") & (rows.status == "paid")) | (rows.kind == "refund"))
    amount = rows.amount if currency is None else (rows.currency == currency).ifelse(rows.amount, 0)
    return rows.select("customer", "day", amount=amount.cast("int64"), sale=rows.kind == "sale")


def _edges(rows: ir.Table, last: int, parts: int) -> list[str]:
    """Customer keys that cut the rows in about equal parts, from those of the last days."""
    for days in (7, 365, 36_500):
        if parts < 2:
            break
        recent = rows.filter(rows.day > _day(last - days)).select("customer").to_pyarrow()
        if recent.num_rows > 50 * parts or days > 365:
            keys = np.sort(recent["customer"].drop_null().to_numpy(zero_copy_only=False).astype(str))
            return sorted({str(k) for k in keys[np.linspace(0, len(keys), parts + 1).astype(int)[1:-1]]})
    return []


def _day(number: int) -> Any:
    return np.datetime64(number, "D").astype(object)


def _of_counted(table: pa.Table, last_day: int) -> CustomerStates:
    customers, code = customer_codes(table.column("customer"))
    sale = table.column("sale").to_numpy(zero_copy_only=False)
    amount = table.column("amount").to_numpy()
    return states_of(fold(customers, code, company_days(table, "UTC"), amount, sale, ~sale, last_day))
