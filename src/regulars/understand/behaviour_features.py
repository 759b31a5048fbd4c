"""What was known of each customer on a day, and what they did after it: features and labels that cannot leak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow
from regulars.understand.day_cells import DayCells, day_cells
from regulars.understand.days import company_days, day_number
from regulars.understand.person_periods import packed

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]

TARGETS: Final = ("purchase", "spend", "upgrade", "usage_drop")
SPANS: Final = (30, 90, 365)
# Usage below this share of the same number of days before is a drop.
DROP = 0.5


class Ledger:
    """Amounts by customer and day, so that any customer's sum over any days is two look-ups."""

    def __init__(self, code: Ints, day: Ints, *values: Any) -> None:
        key = packed(code, day)
        order = np.argsort(key, kind="stable")
        self.key = key[order]
        self.sums = [np.r_[0.0, np.cumsum(np.asarray(v, dtype=np.float64)[order])] for v in values]

    def between(self, code: Ints, first: int, end: int, value: int = 0) -> Vector:
        """The sum over first <= day < end for these customers."""
        return self.on(code, np.full(len(code), first), np.full(len(code), end), value)

    def on(self, code: Ints, first: Ints, end: Ints, value: int = 0) -> Vector:
        """The same with days of their own for each."""
        low, high = (np.searchsorted(self.key, packed(code, day)) for day in (first, end))
        return np.asarray(self.sums[value][high] - self.sums[value][low])


@dataclass(frozen=True)
class History:
    """Everything that happened, by customer code and day; ``until`` is the last day seen.

    ``cells`` holds net money by purchase day; ``refunds`` what was later taken off (code, day given
    back, amount < 0), so that a refund is unknown before the day it was given.
    """

    cells: DayCells
    refunds: tuple[Ints, Ints, Vector]
    usage: Ledger | None = None
    tickets: Ledger | None = None
    unhappy: Ledger | None = None
    upgrades: Ledger | None = None
    traits: pa.Table | None = None
    holders: NDArray[np.bool_] | None = None
    known: dict[int, tuple[Ints, pa.Table]] = field(default_factory=dict, repr=False)

    @property
    def until(self) -> int:
        """The last day seen."""
        return self.cells.last_day

    def codes_of(self, customers: Any) -> Ints:
        """The code of these customer keys, -1 for strangers."""
        keys = customers.combine_chunks() if isinstance(customers, pa.ChunkedArray) else customers
        found = pc.index_in(keys.cast(self.cells.customers.type), value_set=self.cells.customers)
        return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)

    def amounts(self, before: int) -> Vector:
        """Money of each purchase day as it was known the day before ``before``: later refunds are added back."""
        amount = self.cells.amount.astype(np.float64)
        code, day, given = self.refunds
        late = np.flatnonzero(day >= before)
        if late.size:
            key = packed(self.cells.code, self.cells.day)
            at = np.searchsorted(key, packed(code[late], day[late]), side="right") - 1
            at = np.where((at < 0) | (self.cells.code[np.maximum(at, 0)] != code[late]), at + 1, at)
            at = np.minimum(at, len(key) - 1)
            mine = self.cells.code[at] == code[late]
            np.add.at(amount, at[mine], -given[late][mine])
        return amount


def history(
    facts: Any,
    *,
    zone: str = "UTC",
    until: date | datetime | int | None = None,
    currency: str | None = None,
    cells: DayCells | None = None,
    people: pa.Table | None = None,
) -> History:
    """Gather what happened, from a table of orders or from the lake's tables by name.

    Of the lake ``orders`` are needed; ``usage`` (per customer and day), ``feedback`` (tickets) and
    ``subscriptions`` (upgrades) are used where they are. ``people`` adds channel, market, language.

    Raises ``ValueError`` when there is no paid order.
    """
    tables = facts if isinstance(facts, Mapping) and "orders" in facts else {"orders": facts}
    last = until if isinstance(until, int | None) else day_number(until, zone)
    if cells is None:
        cells = day_cells(to_arrow(tables["orders"]), zone=zone, until=last, currency=currency)
    if len(cells.code) == 0:
        raise ValueError("there is no paid order yet: nothing to learn behaviour from")
    plain = History(cells, (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)))
    found: dict[str, Any] = {"refunds": _refunds(plain, tables["orders"], zone, currency)}
    wanted = (("usage", "usage", None, "quantity"), ("tickets", "feedback", "ticket", None),
              ("upgrades", "subscriptions", "upgrade", None))  # fmt: skip
    for name, table, kind, value in wanted:
        if table in tables:
            found[name] = _ledger(plain, tables[table], kind, value, zone)
    if "feedback" in tables:
        found["unhappy"] = _unhappy(plain, tables["feedback"], zone)
    if "subscriptions" in tables:
        found["holders"] = _holders(plain, tables["subscriptions"], zone)
    if people is not None:
        found["traits"] = _traits(plain, people)
    return History(cells, **found)


def _narrow(table: Any, columns: Sequence[str], kind: str | None = None) -> pa.Table:
    """Only what is needed, narrowed by the engine before it is read."""
    if not hasattr(table, "to_pyarrow"):
        table = to_arrow(table)
        names = [c for c in columns if c in table.column_names]
        if kind is not None and "kind" in table.column_names:
            table = table.filter(pc.fill_null(pc.equal(table.column("kind"), kind), False))
        elif kind is not None:
            table = table.slice(0, 0)
        return table.select(names)
    if kind is not None:
        table = table.filter(table["kind"] == kind)
    return table.select([c for c in columns if c in table.columns]).to_pyarrow()


def _refunds(plain: History, orders: Any, zone: str, currency: str | None) -> tuple[Ints, Ints, Vector]:
    names = orders.columns if hasattr(orders, "to_pyarrow") else to_arrow(orders).column_names
    time = "day" if "day" in names else "at"
    rows = _narrow(orders, ("customer", time, "amount", "currency"), "refund")
    if currency is not None and "currency" in rows.column_names:
        rows = rows.filter(pc.fill_null(pc.equal(rows.column("currency"), currency), False))
    if rows.num_rows == 0:
        return plain.refunds
    code, day = plain.codes_of(rows.column("customer")), company_days(rows, zone)
    keep = (code >= 0) & (day <= plain.until)
    return code[keep], day[keep], np.asarray(rows.column("amount").to_numpy(), dtype=np.float64)[keep]


def _ledger(plain: History, table: Any, kind: str | None, value: str | None, zone: str) -> Ledger | None:
    if hasattr(table, "to_pyarrow"):
        if kind is not None:
            table = table.filter(table["kind"] == kind)
        counted = table[value].sum() if value else table.count()
        rows = table.group_by("customer", "day").aggregate(_v=counted).to_pyarrow()
        amount = rows.column("_v")
    else:
        rows = _narrow(table, ("customer", "day", "at", *([value] if value else [])), kind)
        amount = rows.column(value) if value else pa.chunked_array([np.ones(rows.num_rows)])
    if rows.num_rows == 0:
        return None
    code, day = plain.codes_of(rows.column("customer")), company_days(rows, zone)
    keep = (code >= 0) & (day <= plain.until)
    values = np.nan_to_num(np.asarray(amount.to_numpy(), dtype=np.float64))[keep]
    return Ledger(code[keep], day[keep], values) if keep.any() else None


def _unhappy(plain: History, feedback: Any, zone: str) -> Ledger | None:
    """Marks that say unhappy: csat and reviews up to 2 of 5, recommendation up to 6 of 10."""
    rows = _narrow(feedback, ("customer", "day", "at", "kind", "score"))
    if not rows.num_rows or not {"kind", "score"} <= set(rows.column_names):
        return None
    limit = pc.if_else(pc.equal(rows.column("kind"), "nps"), 6.0, 2.0)
    rows = rows.filter(pc.fill_null(pc.less_equal(rows.column("score"), limit), False))
    return _ledger(plain, rows, None, None, zone) if rows.num_rows else None


def _holders(plain: History, subscriptions: Any, zone: str) -> NDArray[np.bool_]:
    rows = _narrow(subscriptions, ("customer", "day", "at", "kind"))
    code = plain.codes_of(rows.column("customer"))
    mask = np.zeros(len(plain.cells.customers), dtype=np.bool_)
    mask[code[code >= 0]] = True
    return mask


def _traits(plain: History, people: pa.Table) -> pa.Table:
    at = pc.index_in(plain.cells.customers.cast(pa.string()), value_set=people.column("customer").combine_chunks())
    columns = [c for c in ("channel", "market", "language") if c in people.column_names]
    return people.select(columns).take(at)


def features(past: History, cutoff: int) -> tuple[Ints, pa.Table]:
    """Codes of everybody who had bought before this day, and what was known of them strictly before it.

    Several models ask about the same day, so the answer is kept with the history.
    """
    if cutoff not in past.known:
        past.known[cutoff] = _features(past, cutoff)
    return past.known[cutoff]


def _features(past: History, cutoff: int) -> tuple[Ints, pa.Table]:
    cells = past.cells
    seen = cells.day < cutoff
    code, day = cells.code[seen], cells.day[seen]
    if not len(code):
        return np.empty(0, np.int64), pa.table({"recency": pa.array([], pa.float64())})
    amount, orders = past.amounts(cutoff)[seen], cells.orders[seen].astype(np.float64)
    first = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    last = np.r_[first[1:], len(code)] - 1
    who, visits = code[first], (last - first + 1).astype(np.float64)
    ledger = Ledger(code, day, amount, orders)
    age, silence = (cutoff - day[first]).astype(np.float64), (cutoff - day[last]).astype(np.float64)
    # A newcomer's own rhythm is not known yet: everybody's is mixed in, weighing as much as one gap of their own.
    span = (day[last] - day[first]).astype(np.float64)
    usual = float(np.sum(span) / max(np.sum(visits - 1), 1.0)) or 30.0
    own = (span + usual) / visits
    spent = np.maximum(np.add.reduceat(amount, first), 0.0)
    # Nothing that only grows as time goes by: totals learnt from at one cut would all lie higher at the next.
    columns: dict[str, Any] = {
        "recency": silence, "newness": 90.0 / (90.0 + age), "few_purchases": 1.0 / visits, "own_gap": own,
        "overdue": silence / np.maximum(own, 1.0), "value_per_order": spent / visits,
        "last_value": np.maximum(amount[last], 0.0),
    }  # fmt: skip
    for window in SPANS:
        # As if everybody had been a customer for the whole window; at most four times what was seen.
        scale = window / np.clip(age, window / 4, window)
        columns[f"orders_{window}"] = scale * ledger.between(who, cutoff - window, cutoff, 1)
        columns[f"spent_{window}"] = scale * np.maximum(ledger.between(who, cutoff - window, cutoff, 0), 0.0)
    if past.usage is not None:
        columns |= _usage(past.usage, who, cutoff)
    if past.tickets is not None:
        columns["tickets_90"] = past.tickets.between(who, cutoff - 90, cutoff)
    table = pa.table(columns)
    if past.traits is not None:
        for name in past.traits.column_names:
            table = table.append_column(name, past.traits.column(name).take(pa.array(who)))
    return who, table


def _usage(usage: Ledger, who: Ints, cutoff: int) -> dict[str, Vector]:
    now, before = usage.between(who, cutoff - 28, cutoff), usage.between(who, cutoff - 56, cutoff - 28)
    change = np.clip((now + 1e-9) / (now + before + 2e-9), 0.0, 1.0)
    return {"usage_28": now, "usage_share": np.where(now + before > 0, change, 0.5)}


def labels(past: History, who: Ints, target: str, cutoff: int, horizon: int) -> Vector:
    """What each of them did on cutoff <= day < cutoff + horizon; NaN for whom the question does not arise."""
    end = cutoff + horizon
    if target == "spend":
        return np.maximum(Ledger(past.cells.code, past.cells.day, past.amounts(end)).between(who, cutoff, end), 0.0)
    if target == "purchase":
        return (Ledger(past.cells.code, past.cells.day, past.cells.orders).between(who, cutoff, end) > 0).astype(float)
    if target == "upgrade":
        if past.upgrades is None or past.holders is None:
            return np.full(len(who), np.nan)
        moved = (past.upgrades.between(who, cutoff, end) > 0).astype(float)
        return np.where(past.holders[who], moved, np.nan)
    if target == "usage_drop":
        if past.usage is None:
            return np.full(len(who), np.nan)
        before = past.usage.between(who, cutoff - horizon, cutoff)
        return np.where(before > 0, (past.usage.between(who, cutoff, end) < DROP * before).astype(float), np.nan)
    raise ValueError(f"no target is called {target!r}; there are {', '.join(TARGETS)}")


def next_purchase(past: History, who: Ints, cutoff: int) -> tuple[Vector, NDArray[np.bool_]]:
    """Days from the cut-off to the first purchase at or after it, and whether one came; else the days waited."""
    key = packed(past.cells.code, past.cells.day)
    at = np.searchsorted(key, packed(who, np.full(len(who), cutoff)))
    inside = np.minimum(at, len(key) - 1)
    came = (at < len(key)) & (past.cells.code[inside] == who)
    return np.where(came, past.cells.day[inside] - cutoff, past.until + 1 - cutoff).astype(np.float64), came
