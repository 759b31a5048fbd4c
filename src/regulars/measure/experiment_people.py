"""Who was in an experiment and what they did: one row a person, with what was known of them before it began."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.measure.sales import seconds
from regulars.measure.trials import assigned, is_simulated

DAY_S: Final = 86_400
# What a person brought in this many days before is the covariate of CUPED.
BEFORE_DAYS: Final = 180
LOOK_BACK_DAYS: Final = 400
# Room for seconds since 1970 beside the number of a person in one sortable key.
SPAN: Final = 2**34
SILENCE: Final = ("never", "quarter", "year", "longer")
OFTEN: Final = ("none", "one", "several")


def trial_people(messages: Any, orders: Any, *, now: datetime, currency: str, window_days: int) -> pd.DataFrame:
    """Everybody drawn to be written to or held back in the last 400 days, per plan and action.

    Returns ``plan, action`` (categories), ``held, start_s`` and what they did within ``window_days`` of
    being drawn, and before: ``orders, bought, first_s, revenue, x, orders_before, last_before_s``.
    """
    recent = messages.filter(messages.at >= ibis.literal(now) - ibis.interval(days=LOOK_BACK_DAYS))
    people = assigned(recent, simulated=is_simulated(orders)).to_pyarrow()
    start = people["start_s"].to_numpy()
    frame = pd.DataFrame({"plan": _category(people["plan"]), "action": _category(people["action"]),
                          "held": people["held"].to_numpy(), "start_s": start})  # fmt: skip
    until = start + window_days * DAY_S
    return frame.assign(**outcomes(people["customer"], start, until, orders, now=now, currency=currency))


def own_people(assignments: pa.Table, orders: Any, *, now: datetime, currency: str) -> pd.DataFrame:
    """Everybody drawn into experiments of the owner's own, ``experiment, arm, start_s`` and the same columns."""
    start, until = (assignments[c].to_numpy() for c in ("start_s", "until_s"))
    frame = pd.DataFrame({"experiment": _category(assignments["experiment"]), "arm": _category(assignments["arm"]),
                          "start_s": start})  # fmt: skip
    return frame.assign(**outcomes(assignments["customer"], start, until, orders, now=now, currency=currency))


def outcomes(
    customers: pa.ChunkedArray, start: NDArray[np.int64], until: NDArray[np.int64], orders: Any, *, now: datetime,
    currency: str,
) -> dict[str, Any]:  # fmt: skip
    """What each of these people did after ``start`` up to ``until``, and before.

    Cumulative sums over each customer's orders by time, so that any window is a difference of two of them;
    a join of every person with every order would be ten times the rows.
    """
    known = pc.unique(customers)
    code = pc.index_in(customers, value_set=known).to_numpy().astype(np.int64)
    who, sold, money, paid = _orders(orders, known, now, currency)
    key = who * SPAN + sold
    order = np.argsort(key, kind="stable")
    key, paid, money = key[order], paid[order], money[order]
    count, total = (np.concatenate([[0], np.cumsum(v)]) for v in (paid, money))
    # In order of the keys, each look-up lands beside the one before it: several times faster than at random.
    turned = np.argsort(code * SPAN + start, kind="stable")
    code, start, until = code[turned], start[turned], until[turned]
    base = code * SPAN
    first, near, begin, end = (
        np.searchsorted(key, base + np.maximum(at, 0), "right")
        for at in (np.zeros_like(start), start - BEFORE_DAYS * DAY_S, start, until)
    )
    bought = key[paid == 1]
    after = np.searchsorted(bought, base + start, "right")
    padded = np.concatenate([bought, [np.iinfo(np.int64).max]])
    coming = np.where(padded[after] <= base + until, padded[after] - base, -1)
    gone = np.where(after > 0, padded[np.maximum(after - 1, 0)] - base, -1)
    n = count[end] - count[begin]
    found = {
        "orders": n, "bought": (n > 0).astype(np.int64), "first_s": coming, "revenue": total[end] - total[begin],
        "x": total[begin] - total[near], "orders_before": count[begin] - count[first],
        "last_before_s": np.where(gone >= 0, gone, -1),
    }  # fmt: skip
    back = np.empty_like(turned)
    back[turned] = np.arange(len(turned))
    return {name: values[back] for name, values in found.items()}


def _orders(orders: Any, known: pa.Array, now: datetime, currency: str) -> tuple[NDArray[np.int64], ...]:
    """Number of the customer, second, money and "paid sale" of every order that is none of a stranger's."""
    real = orders.filter((orders.kind != "void") & orders.customer.notnull() & (orders.at <= ibis.literal(now)))
    rows = real.select(
        who=real.customer, sold_s=seconds(real.at),
        money=ibis.ifelse(real.currency == currency, real.amount, ibis.literal(0).cast("int64")),
        paid=((real.kind == "sale") & (real.status == "paid")).cast("int64"),
    ).to_pyarrow()  # fmt: skip
    at = pc.index_in(rows["who"], value_set=known.cast(rows["who"].type))
    rows = rows.set_column(0, "who", at).filter(pc.is_valid(at))
    who, sold, money, paid = (rows[c].to_numpy().astype(np.int64) for c in ("who", "sold_s", "money", "paid"))
    return who, sold, money, paid


def _category(column: pa.ChunkedArray) -> pd.Categorical:
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return pd.Categorical.from_codes(
        coded.indices.to_numpy(), categories=pd.Index(coded.dictionary.to_pylist(), dtype=object)
    )


def groups_before(people: pd.DataFrame) -> dict[str, Any]:
    """Groups known before the start, by cut: how often somebody had bought, and how long they had been silent.

    Today's segments are left out on purpose: the message itself moves people between them.
    """
    often = np.minimum(people["orders_before"].to_numpy(), 2)
    last = people["last_before_s"].to_numpy()
    silent = np.digitize((people["start_s"].to_numpy() - last) / DAY_S, [90, 365], right=True) + 1
    return {
        "orders_before": pd.Categorical.from_codes(often, categories=pd.Index(OFTEN)),
        "silence_before": pd.Categorical.from_codes(np.where(last < 0, 0, silent), categories=pd.Index(SILENCE)),
    }
