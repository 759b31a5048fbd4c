"""Order lines as the models of what goes together read them: who bought what on which day, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from regulars.lake.frames import to_arrow
from regulars.understand.days import company_days
from regulars.understand.itemsets import codes_of, incidence

Ints = NDArray[np.int64]
COLUMNS = ("source", "order_id", "customer", "day", "at", "kind", "product", "goods", "quantity")


@dataclass(frozen=True)
class Purchases:
    """One row per order and product that was kept; ``who`` is -1 for buyers nobody knows."""

    people: list[str]
    products: list[str]
    order: Ints
    who: Ints
    what: Ints
    day: Ints

    @property
    def orders(self) -> int:
        """How many orders."""
        return int(self.order.max(initial=-1)) + 1

    def known(self) -> Purchases:
        """Only rows with a known buyer."""
        return self.some(self.who >= 0)

    def some(self, keep: NDArray[np.bool_]) -> Purchases:
        """Only some rows; people, products and orders keep their numbers."""
        return Purchases(self.people, self.products, self.order[keep], self.who[keep], self.what[keep], self.day[keep])

    def owned(self) -> sparse.csr_array:
        """People by products, ones where bought."""
        rows = self.known() if (self.who < 0).any() else self
        return incidence(rows.who, rows.what, len(self.people), len(self.products))

    def lines(self) -> pa.Table:
        """As a table of (basket, product)."""
        return pa.table(
            {"basket": self.order, "product": pa.array(self.products, pa.string()).take(pa.array(self.what))}
        )


def purchases(lines: Any, *, zone: str = "UTC", until: int | None = None) -> Purchases:
    """Read order lines: sales of goods, less what was sent back.

    Parameters
    ----------
    lines : table
        ``product``, ``customer`` or ``order_id``, ``day`` or ``at``; also
        ``kind`` (sale, refund), ``goods``, ``quantity``, ``source`` where there are.
        Without ``order_id`` a customer's day is an order.
    until : int, optional
        The last day seen (days since 1970-01-01).

    A line that a refund of the same order took back whole is left out. Raises
    ``KeyError`` naming the missing column.
    """
    table = _folded(lines)
    if "product" not in table.column_names:
        raise KeyError(f"lines need a column 'product'; they have {', '.join(table.column_names)}")
    if not {"customer", "order_id"} & set(table.column_names):
        raise KeyError("lines need a column 'customer' or 'order_id'")
    day = company_days(table, zone) if table.num_rows else np.empty(0, dtype=np.int64)
    keep = np.asarray(table["product"].is_valid())
    if until is not None:
        keep = keep & (day <= until)
    if "quantity" in table.column_names:
        keep &= np.nan_to_num(table["quantity"].to_numpy().astype(np.float64), nan=1.0) > 0
    table, day = table.filter(pa.array(keep)), day[keep]
    who, people = _people(table)
    what, products = codes_of(table["product"])
    if "order_id" in table.column_names:
        order, orders = codes_of(table["order_id"])
        if "source" in table.column_names:
            source, _ = codes_of(table["source"])
            order = order + len(orders) * source
    else:
        order = who * (int(day.max(initial=0)) + 1) + day
    order = np.unique(order, return_inverse=True)[1].astype(np.int64)
    once = np.unique(order * max(len(products), 1) + what, return_index=True)[1]
    return Purchases(people, products, order[once], who[once], what[once], day[once])


def _people(table: pa.Table) -> tuple[Ints, list[str]]:
    if "customer" not in table.column_names:
        return np.full(table.num_rows, -1, dtype=np.int64), []
    column = table["customer"].cast(pa.string())
    known = pc.and_(pc.is_valid(column), pc.fill_null(pc.not_equal(column, ""), False))
    codes, people = codes_of(column.filter(known))
    who = np.full(table.num_rows, -1, dtype=np.int64)
    who[np.asarray(known)] = codes
    return who, people


def _folded(lines: Any) -> pa.Table:
    """One row per order and product with what is left of it; rows of the lake are counted where they are."""
    ibis_like = hasattr(lines, "to_pyarrow") and hasattr(lines, "group_by")
    names = list(lines.columns) if ibis_like else to_arrow(lines).column_names
    names = [c for c in COLUMNS if c in names and not (c == "at" and "day" in names)]
    if not ibis_like:
        return _folded_arrow(to_arrow(lines).select(names))
    rows = lines.select(names)
    if "kind" in names:
        rows = rows.filter(rows.kind.isin(["sale", "refund"]))
    if "goods" in names:
        rows = rows.filter(rows.goods.fill_null(True))
    if not {"order_id", "quantity"} <= set(names):
        return _folded_arrow(rows.to_pyarrow())
    by = [c for c in ("source", "order_id", "product") if c in names]
    when = "day" if "day" in names else "at"
    found: pa.Table = (
        rows.group_by(by)
        .aggregate(customer=rows.customer.max(), **{when: rows[when].min()}, quantity=rows.quantity.sum())
        .to_pyarrow()
    )
    return found


def _folded_arrow(table: pa.Table) -> pa.Table:
    names = table.column_names
    keep: Any = pa.array(np.ones(table.num_rows, dtype=np.bool_))
    if "kind" in names:
        kinds = ["sale", "refund"] if {"order_id", "quantity"} <= set(names) else ["sale"]
        keep = pc.is_in(table["kind"], value_set=pa.array(kinds))
    if "goods" in names:
        keep = pc.and_(keep, pc.fill_null(table["goods"], True))
    table = table.filter(keep)
    if not {"order_id", "quantity", "kind"} <= set(names):
        return table
    by = [c for c in ("source", "order_id", "product") if c in names]
    when = "day" if "day" in names else "at"
    measures = [(c, f) for c, f in (("customer", "max"), (when, "min"), ("quantity", "sum")) if c in names]
    folded = table.group_by(by, use_threads=False).aggregate(measures)
    return folded.rename_columns([*by, *(c for c, _ in measures)])
