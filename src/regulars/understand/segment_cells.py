"""Day cells of one thing a rule counts: what is kept of a customer's facts so that one more costs microseconds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from regulars.tables import INT, TABLES
from regulars.understand.days import day_number
from regulars.understand.segment_facts import (
    AVERAGE,
    COUNT,
    DAY_COUNT,
    FACTS,
    FIRST,
    HIGHEST,
    LAST,
    LATEST,
    LOWEST,
    RUNNING,
    SUM,
)
from regulars.understand.segment_query import days_of
from regulars.understand.segment_rules import Measured

Row: TypeAlias = Mapping[str, Any]
Chunk: TypeAlias = tuple[NDArray[np.int64], NDArray[Any], NDArray[np.int64]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Counted:
    """What is counted, whatever the window and the number it is compared with."""

    fact: str
    measure: str
    where: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, leaf: Measured) -> Counted:
        """What a condition counts."""
        return cls(leaf.fact, leaf.measure, leaf.where)

    @property
    def table(self) -> str:
        """The table of facts it reads."""
        return FACTS[self.fact].table

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        if self.measure in (COUNT, DAY_COUNT, LAST, FIRST, RUNNING):
            return True
        column = FACTS[self.fact].value
        return bool(next(c.type for c in TABLES[self.table].columns if c.name == column) == INT)

    def read(self, row: Row, currency: str | None) -> tuple[Any, int] | None:
        """What a row adds, as the two figures of a cell; None where it does not count.

        The second figure is the number of rows for an average, the moment for the
        latest, and moment and state of a contract in one number for the running.
        """
        fact = FACTS[self.fact]
        options = fact.rows(self.measure)
        if options and not any(all(_same(row.get(c), v) for c, v in one.items()) for one in options):
            return None
        if self.measure == RUNNING:
            over = row["kind"] == "cancel"
            on = not over and all(row.get(c) == v for c, v in self.where)
            return hashed(row["contract"]), _moment(row["at"]) * 4 + over * 2 + on
        if any(row.get(column) != value for column, value in self.where):
            return None
        if self.measure in (COUNT, DAY_COUNT, LAST, FIRST):
            return 1, 0
        if (fact.money and currency is not None and row.get("currency") != currency) or row[fact.value] is None:
            return None
        return row[fact.value] * fact.sign, _moment(row["at"]) if self.measure == LATEST else 1


class Cells:
    """Cells of every customer for one ``Counted``, sorted by customer, one a day (running: one a change).

    ``start`` bounds each customer's cells in the arrays; ``own`` holds the cells
    of those changed since, which take the place of theirs in the arrays.
    """

    def __init__(self, counted: Counted, code: NDArray[np.int64], day: NDArray[np.int64], a: NDArray[Any],
                 b: NDArray[np.int64], customers: int) -> None:  # fmt: skip
        self.counted = counted
        order = np.argsort(code, kind="stable")
        self.start = np.searchsorted(code[order], np.arange(customers + 1)).astype(np.int64)
        self.day, self.a, self.b = day[order], a[order], b[order]
        self.own: dict[int, Chunk] = {}

    def chunk(self, code: int) -> Chunk:
        """One customer's cells."""
        if code in self.own:
            return self.own[code]
        if code + 1 >= len(self.start):
            return self.day[:0], self.a[:0], self.b[:0]
        mine = slice(self.start[code], self.start[code + 1])
        return self.day[mine], self.a[mine], self.b[mine]

    def empty(self, code: int) -> None:
        """Forget one customer's cells."""
        self.own[code] = (self.day[:0], self.a[:0], self.b[:0])

    def add(self, code: int, day: int, a: Any, b: int) -> None:
        """Fold one row into its customer's cells."""
        days, firsts, seconds = self.chunk(code)
        here = np.flatnonzero(days == day) if self.counted.measure != RUNNING else days[:0]
        if len(here):
            at = int(here[0])
            firsts, seconds = firsts.copy(), seconds.copy()
            firsts[at], seconds[at] = merged(self.counted.measure, (firsts[at], seconds[at]), (a, b))
        else:
            days, firsts, seconds = np.append(days, day), np.append(firsts, a), np.append(seconds, b)
        self.own[code] = (days, firsts.astype(self.a.dtype, copy=False), seconds)

    def gather(self, codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], Chunk]:
        """The cells of some customers (in rising order), each with its customer's place among them."""
        if len(codes) == 1:
            chunk = self.chunk(int(codes[0]))
            return np.zeros(len(chunk[0]), dtype=np.int64), chunk
        # Customers who came after the arrays were made have cells of their own only.
        last = len(self.start) - 1
        inside, after = np.minimum(codes, last), np.minimum(codes + 1, last)
        count = self.start[after] - self.start[inside]
        changed = np.array(sorted(self.own), dtype=np.int64)
        place = np.searchsorted(codes, changed)
        here = (place < len(codes)) & (codes[np.minimum(place, len(codes) - 1)] == changed) if len(codes) else place < 0
        count[place[here]] = 0
        owner = np.repeat(np.arange(len(codes)), count)
        at = np.arange(len(owner)) + np.repeat(self.start[inside] - np.cumsum(count) + count, count)
        mine = [self.own[int(c)] for c in changed[here]]
        owners = [owner, *(np.full(len(c[0]), p) for c, p in zip(mine, place[here], strict=True))]
        day, a, b = (np.concatenate(c) for c in zip((self.day[at], self.a[at], self.b[at]), *mine, strict=True))
        return np.concatenate(owners), (day, a, b)

    def values(self, codes: NDArray[np.int64], leaf: Measured, today: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The measure of a condition for some customers, and whether there is one."""
        owner, (day, a, b) = self.gather(codes)
        first, last = days_of(leaf, today)
        seen = day <= last if first is None else (day <= last) & (day >= first)
        owner, day, a, b = owner[seen], day[seen], a[seen], b[seen]
        known = np.zeros(len(codes), dtype=np.bool_)
        known[owner] = True
        return _measure(self.counted.measure, owner, day, a, b, len(codes), today), known

    def due(self, codes: NDArray[np.int64], offsets: Iterable[int], today: int) -> NDArray[np.int64]:
        """The next day after today on which a cell enters or leaves a window, for some customers."""
        owner, (day, _a, _b) = self.gather(codes)
        due = np.full(len(codes), NEVER)
        for offset in offsets:
            moment = day + offset
            later = moment > today
            np.minimum.at(due, owner[later], moment[later])
        return due


def merged(measure: str, old: tuple[Any, int], new: tuple[Any, int]) -> tuple[Any, int]:
    """One cell of two of the same day.

    >>> merged("sum", (300, 1), (-100, 1)), merged("latest", (5.0, 10), (2.0, 9))
    ((200, 2), (5.0, 10))
    """
    (a, b), (c, d) = old, new
    if measure == LOWEST:
        return min(a, c), 0
    if measure == HIGHEST:
        return max(a, c), 0
    if measure == LATEST:
        # Of several at the same moment the lowest counts.
        return min(old, new, key=lambda one: (-one[1], one[0]))
    return a + c, b + d


def folded(counted: Counted, rows: Sequence[tuple[int, int, Any, int]], customers: int) -> Cells:
    """Cells of rows of (customer, day, first, second figure)."""
    none, figures = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64 if counted.whole else np.float64)
    cells = Cells(counted, none, none, figures, none, customers)
    for row in rows:
        cells.add(*row)
    return cells


def _measure(measure: str, owner: Any, day: Any, a: Any, b: Any, people: int, today: int) -> NDArray[Any]:
    if measure in (COUNT, SUM):
        return _added(owner, a, people)
    if measure == DAY_COUNT:
        return np.bincount(owner, minlength=people)
    if measure == AVERAGE:
        return np.asarray(_added(owner, a, people) / np.maximum(_added(owner, b, people), 1))
    if measure == RUNNING:
        order = np.lexsort((b, a, owner))
        last = np.append((owner[order][1:] != owner[order][:-1]) | (a[order][1:] != a[order][:-1]), True)
        last = last[: len(order)]
        return np.bincount(owner[order][last & (b[order] % 2 == 1)], minlength=people)
    if measure == LATEST:
        order = np.lexsort((-a, b, owner))
        found = np.zeros(people, dtype=a.dtype)
        found[owner[order]] = a[order]
        return found
    column = day if measure in (LAST, FIRST) else a
    most = measure in (LAST, HIGHEST)
    found = np.full(people, column.min(initial=0) if most else column.max(initial=0), dtype=column.dtype)
    (np.maximum if most else np.minimum).at(found, owner, column)
    return today - found if measure in (LAST, FIRST) else found


def _added(owner: Any, column: Any, people: int) -> NDArray[Any]:
    total = np.zeros(people, dtype=column.dtype)
    np.add.at(total, owner, column)
    return total


def day_of(row: Row) -> int:
    """The company day of a row as a number."""
    return day_number(row["day"])


def _same(value: Any, wanted: str) -> bool:
    return value is True if wanted == "true" else value == wanted


def _moment(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def hashed(text: str) -> int:
    """A contract as a number: two of 2**32 contracts would meet once in two tries, of a million never."""
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=8).digest(), "big", signed=True)
