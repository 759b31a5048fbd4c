"""Orders and order lines from any file of sales: one row per order, per product or per payment.

Every amount is summed exactly. An order is rounded once, half away from zero,
to minor units; its lines share that total by largest remainder. So lines always
add up to their order, and an order is never half a minor unit away from its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.canonical import Facts
from regulars.collect.content import content_ids
from regulars.collect.goods import Catalogue, read_products
from regulars.collect.grouping import first_of, group_sum, nth, on_scale, pick, pick_cells, share_out
from regulars.collect.moments import When, days, fill_dates, instants, read_when, refund_times
from regulars.collect.money import Amounts, decimal_text, exact_sum, product, rounded
from regulars.collect.names import digits_lost
from regulars.collect.people import People, read_people
from regulars.collect.settle import settle
from regulars.collect.sheet import Cells
from regulars.collect.statements import refunds_by_type, sort_rows
from regulars.tables import currency_digits

if TYPE_CHECKING:
    from regulars.collect.columns import Columns

_MONEY = ("amount", "total", "line_amount", "unit_price", "refund", "subtotal", "expense", "line_discount")
_LARGEST = 2**53


@dataclass(frozen=True)
class Trade:
    """What a file of sales gave."""

    facts: dict[str, Facts]
    people: People
    products: pa.Table
    money_in: dict[str, str]
    money_out: dict[str, int]


def read_orders(columns: Columns) -> Trade:
    """Turn a sheet of sales into orders, refunds and order lines.

    Rows that cannot be used are set aside with their reason; rows without a
    customer are kept as anonymous orders.
    """
    money = {name: columns.amounts(name) for name in _MONEY if columns.has(name)}
    for name in ("amount", "total", "line_amount", "unit_price", "refund"):
        if name in money:
            columns.reject(~money[name].valid & ~columns.cells(name).blank, "amount_unreadable", name)
    count_of = columns.amounts("quantity") if columns.has("quantity") else None
    _set_copies_aside(columns)
    when = read_when(columns)
    group, count = _orders_of(columns, when)
    when = fill_dates(columns, when, group, count)
    refund_row = _refund_rows(columns, money)
    group, count = _apart(columns, group, refund_row)
    line = _line_amounts(columns, money, count_of)
    _reject_moneyless(columns, money, line, group, count)
    group = np.where(columns.used, group, -1)
    group, count = _renumber(group)
    people = read_people(columns, keep_fields=False)
    return _build(columns, money, line, count_of, when, group, count, refund_row, people)


def _set_copies_aside(columns: Columns) -> None:
    """The same order twice, cell for cell, is one order; the same product twice on an order is not."""
    if not columns.has("order_id") or columns.has("sku", "product_title", "line_id", "sequence"):
        return
    codes = [columns.sheet.cells(i).codes for i in range(len(columns.sheet.header))]
    columns.reject((nth(codes) > 0) & ~columns.cells("order_id").blank, "duplicate_row", "order_id")


def _orders_of(columns: Columns, when: When) -> tuple[np.ndarray, int]:
    """Number the orders; rows without an order number are orders of their own."""
    number = columns.cells("order_id")
    readable = number.each(lambda t: None if digits_lost(t) else t)
    if len(readable.values) < len(number.values):
        columns.notes["digits_lost"] = str(int(((number.codes >= 0) & (readable.codes < 0)).sum()))
        number = readable
    if columns.has("line_id") and not len(number.values):
        number = columns.cells("line_id")
    codes = number.codes.astype(np.int64)
    alone = codes < 0
    codes[alone] = len(number.values) + np.arange(int(alone.sum()))
    ids = np.empty(len(number.values) + int(alone.sum()), object)
    ids[: len(number.values)] = number.values.to_pylist()
    if alone.any():
        if len(number.values) == 0:
            columns.notes["ids_from_content"] = str(int(alone.sum()))
        ids[len(number.values) :] = content_ids(columns, np.flatnonzero(alone), when.at)
    columns.order_ids = ids[codes] if len(codes) else np.zeros(0, object)
    group, found = pd.factorize(codes)
    return group, len(found)


def _refund_rows(columns: Columns, money: dict[str, Amounts]) -> np.ndarray:
    main = money.get("amount") or money.get("total")
    negative = (main.units < 0) & main.valid if main else np.zeros(columns.rows, bool)
    if "expense" in money:
        spent = money["expense"]
        paid_out = spent.valid & (spent.units != 0)
        columns.reject(
            paid_out & ~(main.valid & (main.units != 0) if main else np.zeros(columns.rows, bool)), "expense", "expense"
        )
    if columns.has("direction") or columns.mapping.platform == "paypal":
        refund, closed = sort_rows(columns, negative)
        columns.reject(closed, "not_a_sale", "status")
        return refund
    return refunds_by_type(columns)


def _apart(columns: Columns, group: np.ndarray, refund_row: np.ndarray) -> tuple[np.ndarray, int]:
    """Refund rows that carry the number of the order they refund become orders of their own."""
    if not refund_row.any():
        return group, int(group.max(initial=-1)) + 1
    sales = np.bincount(group[~refund_row & columns.used], minlength=int(group.max()) + 1) > 0
    twin = refund_row & sales[group]
    columns.order_ids = np.where(twin, columns.order_ids + "#refund", columns.order_ids)
    apart, found = pd.factorize(group * 2 + twin)
    return apart, len(found)


def _line_amounts(columns: Columns, money: dict[str, Amounts], count_of: Amounts | None) -> Amounts | None:
    """What each row is worth by itself, if the file says so."""
    if "line_amount" in money and money["line_amount"].valid.any():
        return money["line_amount"]
    if "unit_price" not in money or not money["unit_price"].valid.any():
        return None
    price = money["unit_price"]
    if count_of is None:
        return price
    columns.reject(~count_of.valid & ~columns.cells("quantity").blank, "quantity_unreadable", "quantity")
    one = Amounts(
        np.where(count_of.valid, count_of.units, 10**count_of.scale),
        count_of.scale,
        np.ones(columns.rows, bool),
        count_of.currency,
    )
    worth = product(price, one)
    if "line_discount" in money:
        off = money["line_discount"]
        scale = max(off.scale, worth.scale)
        return Amounts(on_scale(worth, scale) - np.abs(on_scale(off, scale)), scale, worth.valid, worth.currency)
    return worth


def _reject_moneyless(
    columns: Columns, money: dict[str, Amounts], line: Amounts | None, group: np.ndarray, count: int
) -> None:
    """Orders that say nothing about money are set aside."""
    said = line.valid.copy() if line is not None else np.zeros(columns.rows, bool)
    for name in ("amount", "total", "subtotal"):
        if name in money:
            said |= money[name].valid
    whole = np.bincount(group[said & (group >= 0)], minlength=count) > 0
    columns.reject(~whole[group], "amount_missing")


def _renumber(group: np.ndarray) -> tuple[np.ndarray, int]:
    out: np.ndarray = np.full(len(group), -1, np.int64)
    some = np.flatnonzero(group >= 0)
    codes, found = pd.factorize(group[some])
    out[some] = codes
    return out, len(found)


def _build(
    columns: Columns, money: dict[str, Amounts], line: Amounts | None, count_of: Amounts | None, when: When,
    group: np.ndarray, count: int, refund_row: np.ndarray, people: People,
) -> Trade:  # fmt: skip
    catalogue = read_products(columns)
    orders = settle(columns, money, line, group, count, when.paid_blank, refund_row, people.person)
    first = first_of(np.ones(len(group), bool), group, count)
    ids = columns.order_ids[first] if count else np.zeros(0, object)
    at, day = pick(when.at, first, 0), pick(when.day, first, 0)
    currency = pick_cells(columns.currencies(*money.values()), group, count)
    place = pick_cells(
        columns.cells("market").or_else(columns.cells("country")).or_else(columns.cells("region")), group, count
    )
    channel = pick_cells(columns.cells("channel"), group, count)
    who = pick(people.person, first_of(people.person >= 0, group, count), -1)
    digits = np.array([currency_digits(c) for c in currency.values.to_pylist()] or [2])[np.maximum(currency.codes, 0)]
    received, ordered, back = (
        _to_minor(u, orders.scale, digits) for u in (orders.received, orders.ordered, orders.back)
    )
    refunded_at, refunded_day = refund_times(columns, at, day, group, count)
    back_rows = np.flatnonzero(back > 0)
    refund = orders.refund

    def both(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.concatenate([a, b[back_rows]])

    ids_back = np.array([f"{i}#refund" for i in ids], object)
    amount = both(np.where(refund, -np.abs(received), received), -back)
    currency_text = Cells(np.concatenate([currency.codes, currency.codes[back_rows]]), currency.values).text()
    base = {
        "source": columns.company.source, "revision": 0, "recorded_at": columns.company.now,
        "currency": currency_text,
    }  # fmt: skip
    facts = {
        "orders": Facts.make("orders", {
            **base, "id": pa.array(both(ids, ids_back), pa.string()),
            "at": instants(both(at, refunded_at)), "day": days(both(day, refunded_day)),
            "kind": pa.array(np.where(both(refund, np.ones(count, bool)), "refund", "sale")),
            "status": pa.array(both(orders.status, np.full(count, "paid", object)), pa.string()),
            "amount": amount, "ordered": both(np.where(refund, 0, ordered), np.zeros(count, np.int64)),
            "channel": Cells(both(channel.codes, channel.codes), channel.values).text(),
            "market": Cells(both(place.codes, place.codes), place.values).text(),
        }, both(who, who), both(columns.sheet.rows[first], columns.sheet.rows[first])),
    }  # fmt: skip
    worth = orders.rows_worth if orders.rows_worth is not None else line
    place_of = _Orders(ids, orders.refund, orders.refund & (orders.received > 0), currency, digits)
    lines = _lines(columns, worth, count_of, catalogue, group, place_of, when, people, base)
    if lines is not None:
        facts["order_lines"] = lines
    net = np.where(refund, -np.abs(orders.received), orders.received) - orders.back
    return Trade(facts, people, catalogue.table if lines is not None else catalogue.table.slice(0, 0),
                 *_books(net, orders.scale, currency, amount, currency_text))  # fmt: skip


def _to_minor(units: np.ndarray, scale: int, digits: np.ndarray) -> np.ndarray:
    out = np.zeros(len(units), np.int64)
    for d in np.unique(digits) if len(digits) else ():
        some = digits == d
        out[some] = np.clip(rounded(units[some], scale - int(d)), -_LARGEST, _LARGEST).astype(np.int64)
    return out


@dataclass(frozen=True)
class _Orders:
    """What the lines need to know of their orders."""

    ids: np.ndarray
    refund: np.ndarray
    flipped: np.ndarray
    currency: Cells
    digits: np.ndarray


def _lines(
    columns: Columns,
    line: Amounts | None,
    count_of: Amounts | None,
    catalogue: Catalogue,
    group: np.ndarray,
    orders: _Orders,
    when: When,
    people: People,
    base: dict[str, object],
) -> Facts | None:
    """One fact per row that names a product; amounts add up to the order's goods exactly."""
    if not len(catalogue.names) or line is None or columns.has("direction"):
        return None
    some = np.flatnonzero((group >= 0) & (catalogue.code >= 0) & line.valid)
    g, code = group[some], catalogue.code[some]
    units = line.units[some]
    sums = group_sum(units, g, len(orders.ids))
    amount: np.ndarray = np.zeros(len(some), np.int64)
    for d in np.unique(orders.digits) if len(orders.digits) else ():
        inside = orders.digits[g] == d
        shared = share_out(
            np.where(inside, units, 0), np.where(inside, g, -1), rounded(sums, line.scale - int(d)), line.scale - int(d)
        )
        amount[inside] = shared[inside].astype(np.int64)
    counts = np.nan_to_num(count_of.floats()[some], nan=1.0) if count_of is not None else np.ones(len(some))
    refund, flipped = orders.refund[g], orders.flipped[g]
    amount, counts = np.where(flipped, -amount, amount), np.where(flipped, -np.abs(counts), counts)
    names = catalogue.names[code] if len(code) else np.zeros(0, object)
    repeat = pa.array(nth([g, code]) + 1).cast(pa.string())
    order_ids, skus = pa.array(orders.ids[g], pa.string()), pa.array(names, pa.string())
    line_ids = pc.binary_join_element_wise(order_ids, skus, repeat, "#") if len(some) else pa.array([], pa.string())
    return Facts.make("order_lines", {
        **base, "id": line_ids, "order_id": order_ids,
        "at": instants(when.at[some]), "day": days(when.day[some]),
        "kind": pa.array(np.where(refund, "refund", "sale")), "product": skus,
        "goods": catalogue.goods[code], "quantity": counts, "amount": amount,
        "currency": Cells(orders.currency.codes[g], orders.currency.values).text(),
    }, people.person[some], columns.sheet.rows[some])  # fmt: skip


def _books(
    net: np.ndarray, scale: int, currency: Cells, amount: np.ndarray, stored: pa.Array
) -> tuple[dict[str, str], dict[str, int]]:
    """Money in, as the exact sum of the file, and money out, as stored, per currency."""
    taken: dict[str, str] = {}
    for code, name in enumerate(currency.values.to_pylist()):
        some = currency.codes == code
        if some.any():
            taken[name] = decimal_text(exact_sum(net[some]), scale)
    out = pd.Series(amount).groupby(np.array(stored.to_pylist(), object)).sum()
    return taken, {str(k): int(v) for k, v in out.items()}
