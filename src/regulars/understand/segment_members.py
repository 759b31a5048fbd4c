"""Who is in a segment, kept up to date fact by fact and day by day, without reading the past again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from regulars.lake.frames import to_arrow
from regulars.understand.days import day_number
from regulars.understand.segment_cells import NEVER, Cells, Counted, day_of, folded
from regulars.understand.segment_facts import DAYS, UNKNOWN_WITHOUT
from regulars.understand.segment_load import FEW, cells_load, fact_rows, flat, key_column, rows_of
from regulars.understand.segment_query import days_of
from regulars.understand.segment_rules import Leaf, Measured, Person, Rule, Score, kind_of, leaves
from regulars.understand.segment_traits import compared, created_days, decide, flags, trait, turned


@dataclass(frozen=True)
class Change:
    """Who came into a segment and who left it."""

    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class SegmentMembers:
    """The members of one segment, with what it takes to know tomorrow's.

    For everything the rule counts each customer has day cells (day, count or
    sum); a fact is folded into one cell and its customer decided anew. Windows
    move at midnight: ``due`` holds, for every customer, the first day on which a
    cell enters or leaves a window or a number of days reaches a bound, so
    ``advance`` looks only at those whose day has come.

    Cost: a fact or a changed person 0.1 to 1 ms whatever the number of people; a
    day, one scan of an integer a person and the decision on those due.

    Parameters
    ----------
    rule : from ``segment_parser.parse``.
    zone : the company's time zone.
    currency : money in other currencies counts as nothing; None adds all up.

    Attributes
    ----------
    members_ : pyarrow array
        The customers in the segment, in order of their keys.
    today_ : int
        The company day windows end at, as a number of days since 1970-01-01.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from regulars.understand.segment_parser import parse
    >>> rule = parse({"fact": "events", "op": "at_least", "value": 1, "window": {"days": 7}})
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> segment = SegmentMembers(rule=rule).fit({"customer": ["ann", "bob"]}, {}, now=now)
    >>> segment.apply("events", [{"customer": "bob", "at": now, "day": now.date(), "name": "login"}])
    Change(joined=('bob',), left=())
    >>> segment.advance(datetime(2026, 3, 8, tzinfo=UTC))
    Change(joined=(), left=('bob',))
    """

    def __init__(self, *, rule: Rule, zone: str = "UTC", currency: str | None = None) -> None:
        self.rule = rule
        self.zone = zone
        self.currency = currency

    def fit(self, people: Any, facts: Mapping[str, Any], *, now: datetime) -> Self:
        """Learn the state from people and facts as they hold now; both as in ``segment_query.segment_people``.

        A table that is missing from ``facts`` is an empty one.
        """
        table = to_arrow(people)
        asked = list(dict.fromkeys(leaves(self.rule)))
        self._measured = [leaf for leaf in asked if isinstance(leaf, Measured)]
        self._traits: list[Person | Score] = [leaf for leaf in asked if not isinstance(leaf, Measured)]
        self.today_ = day_number(now, self.zone)
        self._table_rows = {name: fact_rows(facts[name]) for name in self._tables() if name in facts}
        self._start(table)
        self.cells_ = {counted: self._load(counted) for counted in map(Counted.of, self._measured)}
        del self._table_rows
        self._know(table)
        self._settle(np.arange(len(self.held_)))
        return self

    @property
    def members_(self) -> pa.Array:
        """The customers in the segment, in order of their keys."""
        keys = pa.array(self._keys[self.held_[: len(self._keys)]]).cast(pa.string())
        fresh = [key for key, code in self._fresh.items() if self.held_[code]]
        found = pa.concat_arrays([keys, pa.array(fresh, pa.string())])
        return found.take(pc.array_sort_indices(found))

    def __contains__(self, customer: str) -> bool:
        code = self._code(customer)
        return code is not None and bool(self.held_[code])

    def apply(self, table: str, rows: Any) -> Change:
        """Take in new facts of one table, each once: a table of the lake's shape, or rows as mappings.

        Raises ``ValueError`` for a correction: ``renew`` its customer instead.
        """
        touched = set()
        for row in rows_of(rows):
            if row.get("kind") == "void" or row.get("revision"):
                raise ValueError(f"table {table}: {row.get('id')!r} corrects an earlier fact; renew its customer")
            customer = row.get("customer")
            if customer:
                touched.add(code := self._code_of(customer))
                self._fold(table, code, row)
        return self._settle(np.array(sorted(touched), dtype=np.int64))

    def renew(self, customers: Iterable[str], facts: Mapping[str, Any]) -> Change:
        """Take in corrections: forget the facts of some customers and read those that hold now.

        ``facts``: at least every current row of these customers, by table.
        """
        codes = {customer: self._code_of(customer) for customer in customers}
        for cells in self.cells_.values():
            for code in codes.values():
                cells.empty(code)
        for table in self._tables() & set(facts):
            for row in rows_of(facts[table]):
                if row["customer"] in codes:
                    self._fold(table, codes[row["customer"]], row)
        return self._settle(np.array(sorted(codes.values()), dtype=np.int64))

    def update(self, people: Any) -> Change:
        """Take in new people, and changed attributes or scores of known ones."""
        return self._settle(np.unique(self._know(to_arrow(people))))

    def forget(self, customers: Iterable[str]) -> Change:
        """Take people out for good, with all that is known of them."""
        codes = sorted(code for code in map(self._code, customers) if code is not None)
        self.known_[codes] = False
        for cells in self.cells_.values():
            for code in codes:
                cells.empty(code)
        return self._settle(np.array(codes, dtype=np.int64))

    def advance(self, now: datetime) -> Change:
        """Let time pass: who falls out of a window, and who comes in because of it.

        Raises ``ValueError`` when ``now`` is on an earlier day.
        """
        today = day_number(now, self.zone)
        if today < self.today_:
            raise ValueError(f"the segment stands at day {self.today_}; {today} is before it: fit it anew")
        self.today_ = today
        return self._settle(np.flatnonzero(self.due_ <= today))

    # --- inside ---------------------------------------------------------------------

    def _tables(self) -> set[str]:
        return {Counted.of(leaf).table for leaf in self._measured}

    def _start(self, people: pa.Table) -> None:
        """Everybody gets a number: people, and customers of facts who may become people later."""
        named = [people.column("customer").cast(pa.string()).combine_chunks()]
        for rows in self._table_rows.values():
            if isinstance(rows, list):
                named.append(pa.array([r["customer"] for r in rows if r["customer"]], pa.string()))
            else:
                named.append(key_column(rows.filter(rows.customer.notnull()).select("customer").distinct()))
        keys = pc.unique(pa.concat_arrays([flat(n) for n in named]))
        keys = keys.take(pc.array_sort_indices(keys))
        self._order = keys
        # Bytes of one width: a search costs microseconds and a million keys 12 MB.
        self._keys = np.array(keys.cast(pa.binary()).to_numpy(zero_copy_only=False), dtype=np.bytes_)
        self._fresh: dict[str, int] = {}
        count = len(keys)
        self.known_, self.held_ = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
        self.due_ = np.full(count, NEVER)
        self._truth = {leaf: np.zeros(count, dtype=np.bool_) for leaf in self._traits}
        self._born = np.zeros(count, dtype=np.int64)
        self._dated = np.zeros(count, dtype=np.bool_)

    def _code(self, customer: str) -> int | None:
        if customer in self._fresh:
            return self._fresh[customer]
        wanted = customer.encode()
        at = int(np.searchsorted(self._keys, np.bytes_(wanted)))
        return at if at < len(self._keys) and self._keys[at] == wanted else None

    def _code_of(self, customer: str) -> int:
        code = self._code(customer)
        if code is None:
            code = self._fresh[customer] = len(self.held_)
            for name in ("known_", "held_", "_dated", "due_", "_born"):
                array = getattr(self, name)
                setattr(self, name, np.append(array, np.array(NEVER if name == "due_" else 0, dtype=array.dtype)))
            self._truth = {leaf: np.append(held, False) for leaf, held in self._truth.items()}
        return code

    def _codes_of(self, customers: pa.ChunkedArray) -> NDArray[np.int64]:
        if len(customers) > FEW and not self._fresh:
            found = pc.index_in(flat(customers.cast(pa.string())), value_set=self._order)
            if not found.null_count:
                return np.asarray(found.to_numpy(), dtype=np.int64)
        return np.array([self._code_of(key) for key in customers.to_pylist()], dtype=np.int64)

    def _load(self, counted: Counted) -> Cells:
        rows = self._table_rows.get(counted.table, [])
        if not isinstance(rows, list):
            return cells_load(counted, rows, self._order, self.currency, self._oldest(counted))
        found = []
        for row in rows:
            figures = counted.read(row, self.currency) if row["customer"] else None
            if figures is not None:
                found.append((self._code_of(row["customer"]), day_of(row), *figures))
        return folded(counted, found, len(self._keys))

    def _oldest(self, counted: Counted) -> int | None:
        """The first day that any window, now or later, can reach."""
        firsts = [days_of(leaf, self.today_)[0] for leaf in self._measured if Counted.of(leaf) == counted]
        return None if None in firsts else min(f for f in firsts if f is not None)

    def _fold(self, table: str, code: int, row: Mapping[str, Any]) -> None:
        for counted, cells in self.cells_.items():
            if counted.table == table and (figures := counted.read(row, self.currency)) is not None:
                cells.add(code, day_of(row), *figures)

    def _know(self, people: pa.Table) -> NDArray[np.int64]:
        """Keep what the rule asks of these people themselves."""
        codes = self._codes_of(people.column("customer"))
        self.known_[codes] = True
        for leaf in self._traits:
            if kind_of(leaf) == DAYS:
                column = people.column("created_at")
                self._dated[codes], self._born[codes] = flags(pc.is_valid(column)), created_days(column, self.zone)
            else:
                self._truth[leaf][codes] = trait(leaf, people, self.today_, self.zone)
        return codes

    def _settle(self, codes: NDArray[np.int64]) -> Change:
        """Decide on these customers and say whose membership changed."""
        if not len(codes):
            return Change()
        truth: dict[Leaf, NDArray[np.bool_]] = {leaf: self._trait(leaf, codes) for leaf in self._traits}
        due = np.full(len(codes), NEVER)
        for leaf in self._measured:
            cells = self.cells_[Counted.of(leaf)]
            value, known = cells.values(codes, leaf, self.today_)
            held = compared(value, "is" if leaf.op == "is_not" else leaf.op, leaf.value)
            truth[leaf] = turned(leaf.op, held & known if leaf.measure in UNKNOWN_WITHOUT else held)
            due = np.minimum(due, cells.due(codes, _offsets(leaf), self.today_))
        for about in self._traits:
            if kind_of(about) == DAYS:
                for bound in _bounds(about.value):
                    day = self._born[codes] + bound
                    due = np.where(self._dated[codes] & (day > self.today_), np.minimum(due, day), due)
        held = decide(self.rule, truth) & self.known_[codes]
        before = self.held_[codes]
        self.held_[codes], self.due_[codes] = held, due
        return Change(self._names(codes[held & ~before]), self._names(codes[before & ~held]))

    def _trait(self, leaf: Person | Score, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        if kind_of(leaf) != DAYS:
            return self._truth[leaf][codes]
        age = self.today_ - self._born[codes]
        held = self._dated[codes] & compared(age, "is" if leaf.op == "is_not" else leaf.op, leaf.value)
        return np.asarray(turned(leaf.op, held))

    def _names(self, codes: NDArray[np.int64]) -> tuple[str, ...]:
        late = {code: key for key, code in self._fresh.items()} if (codes >= len(self._keys)).any() else {}
        return tuple(self._keys[c].decode() if c < len(self._keys) else late[c] for c in codes.tolist())


def _offsets(leaf: Measured) -> set[int]:
    """After how many days a cell can change the truth of a condition."""
    window = leaf.window
    found = {window.ago} | ({window.ago + window.days} if window.days is not None else set())
    return found | (_bounds(leaf.value) if leaf.measure in ("last", "first") else set())


def _bounds(value: Any) -> set[int]:
    """The ages in days at which a comparison can turn."""
    numbers: Sequence[ArrayLike] = value if isinstance(value, tuple) else (value,)
    # Numbers of days beyond any calendar turn nothing.
    near = [float(n) for n in numbers if abs(float(n)) < 1e7]  # type: ignore[arg-type]
    return {n for bound in near for n in (math.floor(bound), math.floor(bound) + 1, math.ceil(bound))}
