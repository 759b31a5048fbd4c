"""What each order brought in: paid or not, gross or net of refunds, and what went back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regulars.collect.grouping import first_of, group_sum, is_per_group, on_scale, pick, pick_cells
from regulars.collect.money import Amounts
from regulars.collect.statuses import is_refund_done, order_status

if TYPE_CHECKING:
    from regulars.collect.columns import Columns


@dataclass(frozen=True)
class Settled:
    """Exact units per order on one scale.

    ``received`` is what the customer paid (negative for a cancellation),
    ``back`` what was returned afterwards, ``refund`` marks orders that are
    refunds themselves. ``rows_worth`` is the amount of each row when the file
    gives amounts per product only in the amount column.
    """

    received: np.ndarray
    ordered: np.ndarray
    back: np.ndarray
    status: np.ndarray
    refund: np.ndarray
    scale: int
    rows_worth: Amounts | None


def settle(
    columns: Columns,
    money: dict[str, Amounts],
    line: Amounts | None,
    group: np.ndarray,
    count: int,
    paid_blank: np.ndarray | None,
    refund_row: np.ndarray,
    person: np.ndarray,
) -> Settled:
    """Settle every order of a file."""
    scale = max([a.scale for n, a in money.items() if n != "unit_price"] + ([line.scale] if line is not None else [0]))
    line_units = on_scale(line, scale) if line is not None else None
    known: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    worth = None
    for name in ("amount", "total", "refund", "subtotal"):
        if name not in money:
            continue
        own = Amounts(on_scale(money[name], scale), scale, money[name].valid, money[name].currency)
        valid = own.valid & (group >= 0)
        there = np.bincount(group[valid], minlength=count) > 0
        if is_per_group(own, group, count, line_units, name):
            known[name] = pick(np.where(own.valid, own.units, 0), first_of(valid, group, count), 0), there
            if (
                line is None
                and name in ("amount", "total")
                and (np.bincount(group[group >= 0], minlength=count) <= 1).all()
            ):
                worth = worth or own
        else:
            known[name] = group_sum(np.where(valid, own.units, 0), group, count), there
            if name in ("amount", "total"):
                worth = own if "line_amount" not in money else worth
                columns.notes.setdefault("payments_added", name)
    lines = group_sum(line_units, group, count) if line_units is not None else None
    zero, none = np.zeros(count, np.int64), np.zeros(count, bool)
    paid, has_paid = known.get("amount", (zero, none))
    total, has_total = known.get("total", (zero, none))
    if lines is not None or "subtotal" in known:
        fallback = lines if lines is not None else known["subtotal"][0]
        total, has_total = np.where(has_total, total, fallback), np.ones(count, bool)
    ordered = np.where(has_total, total, paid)
    received = np.where(has_paid, paid, total)
    back = np.abs(known["refund"][0]) if "refund" in known else zero
    if "amount" in known and "refund" in known:
        received = _gross(columns, received, ordered if "total" in known else None, back)
    refund = _refunds(columns, received, group, count, refund_row)
    status, back = _status(
        columns, group, count, paid_blank, received, ordered, back, "amount" in known and "total" in known
    )
    if line_units is not None and columns.has("sku", "product_title"):
        free = (group_sum(np.abs(line_units), group, count) == 0) & (received == 0)
        free &= pick(person, first_of(person >= 0, group, count), -1) < 0
        if free.any():
            status[free] = "cancelled"
            columns.notes["free_rows"] = str(int(free.sum()))
    received = np.where(status == "paid", received, 0)
    ordered = np.where(refund, 0, np.maximum(ordered, 0))
    return Settled(received, ordered, np.where(refund, 0, back), status, refund, scale, worth)


def _gross(columns: Columns, paid: np.ndarray, total: np.ndarray | None, back: np.ndarray) -> np.ndarray:
    """Paid before refunds: some platforms show the paid amount with refunds already taken off."""
    some = back > 0
    if not some.any():
        return paid
    if total is not None:
        net = (paid[some] == total[some] - back[some]).mean()
        gross = ((paid[some] == total[some]) & (paid[some] > 0)).mean()
        is_net = net > gross
    else:
        is_net = bool((paid[some] < back[some]).any())
    columns.notes["paid_is_net" if is_net else "paid_is_gross"] = str(int(some.sum()))
    return paid + back if is_net else paid


def _refunds(
    columns: Columns, received: np.ndarray, group: np.ndarray, count: int, refund_row: np.ndarray
) -> np.ndarray:
    """Orders that are refunds themselves: negative, or a cancellation by their number ("C536379")."""
    ids = columns.order_ids[first_of(np.ones(len(group), bool), group, count)] if count else np.zeros(0, object)
    letter = np.array([isinstance(i, str) and len(i) > 4 and i[0] in "Cc" and i[1:].isdigit() for i in ids], bool)
    plain = sum(isinstance(i, str) and i.isdigit() for i in ids[:2000]) > 0.5 * min(len(ids), 2000)
    marked = np.bincount(group[refund_row & (group >= 0)], minlength=count) > 0
    return (received < 0) | (letter & plain & (received <= 0)) | marked


def _status(
    columns: Columns,
    group: np.ndarray,
    count: int,
    paid_blank: np.ndarray | None,
    received: np.ndarray,
    ordered: np.ndarray,
    back: np.ndarray,
    both: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Paid, unpaid or cancelled per order, and what went back when only the status says so."""
    status = np.full(count, "paid", object)
    went_back: np.ndarray = np.zeros(count, bool)
    if columns.has("status"):
        words = pick_cells(columns.cells("status"), group, count).each(order_status)
        names = np.array([*words.values.to_pylist(), "paid"], object)
        status = names[words.codes].copy()
        went_back |= status == "refunded"
    elif paid_blank is not None:
        given = np.bincount(group[~paid_blank & (group >= 0)], minlength=count) > 0
        status[~given & (received <= 0)] = "unpaid"
        if both or not given.all():
            status[~given] = "unpaid"
    elif both:
        status[(received == 0) & (ordered > 0) & (back == 0)] = "unpaid"
    if columns.has("refund_status"):
        done = pick_cells(columns.cells("refund_status"), group, count).each(
            lambda t: "yes" if is_refund_done(t) else None
        )
        went_back |= done.codes >= 0
    full = went_back & (back == 0)
    back = np.where(full, np.maximum(received, 0), back)
    status[went_back | ((back > 0) & (status == "cancelled") & (received > 0))] = "paid"
    return status, back
