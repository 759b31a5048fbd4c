"""Subscription facts folded to one row per contract: when it began, how often it was renewed, whether it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow
from regulars.understand.days import company_days

Ints = NDArray[np.int64]
DAYS_A_MONTH = 365.25 / 12.0
# A renewal may come this share of a period late before the contract counts as lapsed, at least so many days.
GRACE, GRACE_DAYS = 0.25, 7.0


def contract_table(subscriptions: Any, today: int) -> pa.Table:
    """One row per contract as of a day (number since 1970-01-01); later rows are not seen.

    Columns: ``contract, customer, plan, channel, start_day, months, price, days``
    (since the start, up to the end or today), ``renewals`` (made so far; of a
    contract that ended, the period in which it did, 1 for the first) and ``active``.

    A contract ends with its ``cancel``; one that has renewal rows also ends when
    the next is overdue by a quarter of a period. Voided rows do not count.
    Terms as of the latest row. Raises ``KeyError`` for a missing column.
    """
    table = to_arrow(subscriptions)
    if missing := [c for c in ("contract", "kind") if c not in table.column_names]:
        raise KeyError(f"subscriptions need the columns contract and kind; missing: {', '.join(missing)}")
    if table.num_rows == 0:
        return _EMPTY
    day = company_days(table, "UTC")
    table = table.filter(pc.and_(pa.array(day <= today), _standing(table)))
    if table.num_rows == 0:
        return _EMPTY
    day, kind = company_days(table, "UTC"), table.column("kind")
    coded = table.column("contract").combine_chunks().cast(pa.string()).dictionary_encode()
    code = np.asarray(coded.indices.to_numpy(), dtype=np.int64)
    # On one day a start comes before what follows it, and a cancel last.
    rank = np.select([pc.equal(kind, k).to_numpy() for k in ("start", "cancel")], [0, 2], 1)
    order = np.lexsort((rank, day, code))
    table, code, day = table.take(pa.array(order)), code[order], day[order]
    first = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1])))
    last = np.append(first[1:], len(code)) - 1
    kind = table.column("kind")
    renewed = np.maximum.reduceat(np.where(pc.equal(kind, "renewal").to_numpy(), day, -1), first)
    # A start or renewal after a cancel takes the cancel back.
    ended = np.asarray(pc.equal(kind, "cancel").to_numpy())[last]
    months = np.maximum(_numbers(table, "months", 1)[last].astype(np.int64), 1)
    period = months * DAYS_A_MONTH
    start, end = day[first], np.where(ended, day[last], today)
    due = renewed + period * (1.0 + GRACE) + GRACE_DAYS
    lapsed = ~ended & (renewed >= 0) & (due < today)
    end = np.where(lapsed, np.minimum(renewed + period, today).astype(np.int64), end)
    gone = ended | lapsed
    passed = (end - start) / period
    # Two hundredths of a period: months are not equally long.
    renewals = np.where(gone, np.maximum(np.ceil(passed - 0.02), 1), np.floor(passed + 0.02)).astype(np.int64)
    at = pa.array(last)
    return pa.table(
        {
            "contract": coded.dictionary.take(pa.array(code[first])),
            "customer": _words(table, "customer", at),
            "plan": _words(table, "plan", at),
            "channel": _words(table, "channel", pa.array(first)),
            "start_day": start.astype(np.int64),
            "months": months,
            "price": _numbers(table, "amount", 0)[last],
            "days": (end - start).astype(np.int64),
            "renewals": renewals,
            "active": pa.array(~gone),
        }
    )


_EMPTY = pa.table(
    {
        "contract": pa.array([], pa.string()), "customer": pa.array([], pa.string()), "plan": pa.array([], pa.string()),
        "channel": pa.array([], pa.string()), "start_day": pa.array([], pa.int64()), "months": pa.array([], pa.int64()),
        "price": pa.array([], pa.float64()), "days": pa.array([], pa.int64()), "renewals": pa.array([], pa.int64()),
        "active": pa.array([], pa.bool_()),
    }
)  # fmt: skip


def _standing(table: pa.Table) -> pa.Array:
    """Rows that no void took back, voids themselves left out."""
    void = pc.fill_null(pc.equal(table.column("kind"), "void"), False)
    keep = pc.and_(pc.invert(void), pc.is_valid(table.column("contract")))
    names = [c for c in ("source", "id", "revision") if c in table.column_names]
    if not pc.any(void).as_py() or "id" not in names:
        return keep.combine_chunks() if isinstance(keep, pa.ChunkedArray) else keep
    keys = pc.binary_join_element_wise(*(table.column(c).cast(pa.string()) for c in names), "\x1f")
    taken = pc.is_in(keys, value_set=pc.unique(keys.filter(void)))
    found = pc.and_(keep, pc.invert(taken))
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _numbers(table: pa.Table, name: str, missing: float) -> NDArray[np.float64]:
    if name not in table.column_names:
        return np.full(table.num_rows, float(missing))
    return np.asarray(pc.fill_null(table.column(name).cast(pa.float64()), float(missing)).to_numpy())


def _words(table: pa.Table, name: str, at: pa.Array) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(len(at), pa.string())
    return table.column(name).combine_chunks().cast(pa.string()).take(at)
