"""When each order happened, and when money went back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from regulars.collect.grouping import first_of, pick

if TYPE_CHECKING:
    from regulars.collect.columns import Columns


@dataclass
class When:
    """Instants and days per row, where they are known, and whether a paying time was given."""

    at: np.ndarray
    day: np.ndarray
    known: np.ndarray
    blank: np.ndarray
    paid_blank: np.ndarray | None
    column: str


def read_when(columns: Columns) -> When:
    """Instants per row: paid, else ordered, else finished."""
    rows = columns.rows
    at, day, known, blank = (
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.zeros(rows, bool),
        np.ones(rows, bool),
    )
    paid_blank, column = None, ""
    for name in ("paid_at", "ordered_at", "finished_at"):
        if not columns.has(name):
            continue
        got, empty = columns.dates(name), columns.cells(name).blank
        take = got.valid & ~known
        at, day = np.where(take, got.at, at), np.where(take, got.day, day)
        known, blank, column = known | got.valid, blank & empty, column or name
        if name == "paid_at":
            paid_blank = empty
    return When(at, day, known, blank, paid_blank, column)


def fill_dates(columns: Columns, when: When, group: np.ndarray, count: int) -> When:
    """Rows without a date take the one of their order; without any they are set aside."""
    first = first_of(when.known, group, count)[group]
    take = ~when.known & (first >= 0)
    at = np.where(take, pick(when.at, first, 0), when.at)
    day = np.where(take, pick(when.day, first, 0), when.day)
    known = when.known | take
    columns.reject(~known & ~when.blank, "date_unreadable", when.column)
    columns.reject(~known, "date_missing")
    return When(at, day, known, when.blank, when.paid_blank, when.column)


def refund_times(
    columns: Columns, at: np.ndarray, day: np.ndarray, group: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """When each order was refunded: the time given, else the time of the order."""
    if not columns.has("refunded_at"):
        return at, day
    got = columns.dates("refunded_at")
    first = first_of(got.valid, group, count)
    return np.where(first >= 0, pick(got.at, first, 0), at), np.where(first >= 0, pick(got.day, first, 0), day)


def instants(at: np.ndarray) -> pa.Array:
    """UTC microseconds as Arrow instants."""
    return pa.array(at.astype(np.int64)).cast(pa.timestamp("us", tz="UTC"))


def days(day: np.ndarray) -> pa.Array:
    """Days since 1970 as Arrow dates."""
    return pa.array(day.astype(np.int32)).cast(pa.date32())
