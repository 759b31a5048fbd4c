"""Journeys from touches and orders: which contacts led to each order, and which led to none."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.lake.frames import same_kind, to_arrow
from regulars.measure.sales import DIRECT, LOOKBACK_DAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

DAY_S: Final = 86_400
TIME: Final = pa.timestamp("us", tz="UTC")
DIRECTS: Final = ("keep", "ignore", "last_resort")
TOUCH: Final = {"customer": "string", "at": "timestamp('UTC')", "channel": "string", "source": "string", "id": "string"}
ORDER: Final = TOUCH | {"amount": "int64", "currency": "string", "kind": "string", "status": "string"}


class PathBuilder:
    """Build one path per order, and one per row of contacts that ended without an order.

    An order's path are the touches of its customer at or before it, at most ``lookback_days`` old. An order without
    one keeps its own channel, or ``direct``, as its only touch: every paid sale is exactly one path, and
    their values add up to its money. Touches that no order claims are journeys lost; a pause longer than the
    look-back begins a new one.

    Args:
        lookback_days: how old a touch may be and still count.
        dedupe_minutes: touches of the same channel in a row that follow each other this fast are one; 0 keeps all.
        direct: what happens to touches without a known origin: ``keep`` them as a channel, ``ignore`` them, or take
            them as a ``last_resort`` for paths of nothing else.
        split_at_conversion: an order ends a journey, and its touches count for no later order; without, they count
            for every order within the look-back.
        direct_channel: the name of the channel of touches without a known origin.

    Source of the look-back and of direct as a last resort: the conventions of web analytics since Universal Analytics.

    >>> touches = pa.table({"customer": ["a", "a"], "channel": ["search", "mail"],
    ...                     "at": [datetime(2026, 3, 1), datetime(2026, 3, 5)]})
    >>> orders = pa.table({"customer": ["a"], "at": [datetime(2026, 3, 2)], "amount": [900]})
    >>> PathBuilder().build(touches, orders).select(["path", "conversions", "value", "nulls"]).to_pylist()[0]
    {'path': ['search'], 'conversions': 1, 'value': 900, 'nulls': 0}
    """

    def __init__(
        self, lookback_days: int = LOOKBACK_DAYS, dedupe_minutes: float = 30, direct: str = "keep",
        split_at_conversion: bool = True, direct_channel: str = DIRECT,
    ) -> None:  # fmt: skip
        self.lookback_days = lookback_days
        self.dedupe_minutes = dedupe_minutes
        self.direct = direct
        self.split_at_conversion = split_at_conversion
        self.direct_channel = direct_channel

    def build(self, touches: Any, orders: Any, *, now: datetime | None = None) -> Any:
        """Paths of all orders and of all journeys lost: a table of the kind of ``touches``.

        Args:
            touches: ``customer, at, channel`` (and ``source, id`` to settle ties).
            orders: ``customer, at, amount`` and, where known, ``channel, currency, kind, status``: only
                paid sales count.
            now: a journey without an order is lost once the look-back after its last touch is over; those still
                open at this moment are left out. None takes all as over.

        Returns rows ``path`` (channels, oldest first), ``ages`` (days before the end), ``conversions``, ``value``
        (minor units), ``nulls``, ``currency`` and ``at``, the moment it was settled: the order, or the end of the
        look-back. What was settled never changes with later facts, so the paths of days add up.
        Raises ``ValueError`` for a missing column or an unknown setting.
        """
        return same_kind(self.build_arrow(touches, orders, now=now), touches)

    def build_arrow(self, touches: Any, orders: Any, *, now: datetime | None = None) -> pa.Table:
        """``build``, as Arrow whatever was given."""
        if self.direct not in DIRECTS:
            raise ValueError(f"direct must be one of {', '.join(DIRECTS)}, not {self.direct!r}")
        if self.lookback_days <= 0 or self.dedupe_minutes < 0:
            raise ValueError("lookback_days must be more than 0, and dedupe_minutes 0 or more")
        sold = _facts(orders, ORDER, ("customer", "at", "amount"), "orders")
        seen = _facts(touches, TOUCH, ("customer", "at", "channel"), "touches")
        names, codes, own = _channels(seen, sold, self.direct_channel)
        who = pc.dictionary_encode(seen["customer"].combine_chunks())
        buyer = pc.fill_null(pc.index_in(sold["customer"], value_set=who.dictionary), -1)
        contacts = Contacts(np.asarray(who.indices).astype(np.int64), _micros(seen["at"]), codes)
        contacts = self._kept(contacts, names)
        bought, at = np.asarray(buyer).astype(np.int64), _micros(sold["at"])
        low, high = self._ranges(contacts, bought, at)
        lost = self._leftover(contacts, low, high)
        last = contacts.at[lost.touch[lost.start[1:] - 1]]
        pause = self.lookback_days * DAY_S * 10**6
        if now is not None:
            over = last + pause <= int(now.timestamp() * 10**6)
            lost, last = lost.take(over), last[over]
        won, lost = (self._without_direct(flat, contacts, names) for flat in (_flat(low, high), lost))
        paths = _paths(won, contacts, names, at, own), _paths(lost, contacts, names, last, None)
        moments = pa.array(np.concatenate([at, last + pause]), TIME)
        n, none = len(last), pa.array(np.zeros(len(last), dtype=np.int64))
        ended = np.arange(len(at) + n) < len(at)
        made = pa.concat_tables(paths).append_column("conversions", pa.array(ended.astype(np.int64)))
        made = made.append_column("value", pa.chunked_array([*sold["amount"].chunks, none]))
        made = made.append_column("nulls", pa.array(1 - ended.astype(np.int64)))
        made = made.append_column("currency", pa.chunked_array([*sold["currency"].chunks, pa.nulls(n, pa.string())]))
        return made.append_column("at", moments)

    def _kept(self, all: Contacts, names: list[str]) -> Contacts:
        """Without direct touches, where they are ignored, and with quick repeats of a channel as one."""
        if self.direct == "ignore" and self.direct_channel in names:
            all = all.take(all.channel != names.index(self.direct_channel))
        if self.dedupe_minutes and len(all.at):
            same = (all.who[1:] == all.who[:-1]) & (all.channel[1:] == all.channel[:-1])
            quick = same & (np.diff(all.at) <= self.dedupe_minutes * 60 * 10**6)
            all = all.take(np.append(True, ~quick))
        return all

    def _ranges(self, all: Contacts, bought: Ints, at: Ints) -> tuple[Ints, Ints]:
        """Touches ``low`` to ``high`` (not included) of each order; orders are in order of customer and time."""
        seconds = at // 10**6
        high = _place(all, bought, at)
        low = np.searchsorted(all.key, _key(bought, seconds - self.lookback_days * DAY_S), side="left")
        if self.split_at_conversion and len(high):
            before = np.append(-1, np.where(bought[1:] == bought[:-1], high[:-1], -1))
            low = np.maximum(low, before)
        none = bought < 0
        return np.where(none, 0, np.minimum(low, high)), np.where(none, 0, high)

    def _leftover(self, all: Contacts, low: Ints, high: Ints) -> Flat:
        """Touches that no order claims, in rows that end at an order, at another person or at a long pause."""
        size = len(all.at)
        edges = np.bincount(low, minlength=size + 1) - np.bincount(high, minlength=size + 1)
        free = np.flatnonzero(np.cumsum(edges)[:size] == 0)
        after_order = np.zeros(size + 1, dtype=bool)
        after_order[high] = True
        passed = np.cumsum(after_order)[free]
        pause = np.diff(all.at[free]) > self.lookback_days * DAY_S * 10**6
        fresh = (np.diff(all.who[free]) != 0) | (np.diff(passed) != 0) | pause | (np.diff(free) != 1)
        begin = np.flatnonzero(np.append(True, fresh)) if len(free) else np.zeros(0, dtype=np.int64)
        return Flat(free, np.append(begin, len(free)).astype(np.int64))

    def _without_direct(self, rows: Flat, all: Contacts, names: list[str]) -> Flat:
        """As a last resort, direct touches count only where a path has no other."""
        if self.direct != "last_resort" or self.direct_channel not in names:
            return rows
        direct = all.channel[rows.touch] == names.index(self.direct_channel)
        row = np.repeat(np.arange(len(rows.start) - 1), np.diff(rows.start))
        other = np.bincount(row, ~direct, len(rows.start) - 1) > 0
        keep = ~(direct & other[row])
        return Flat(rows.touch[keep], np.append(0, np.cumsum(keep))[rows.start])


class Contacts(NamedTuple):
    """Touches in order of person and time: code of the person, microseconds since 1970, code of the channel."""

    who: Ints
    at: Ints
    channel: Ints

    def take(self, keep: Any) -> Contacts:
        """Some of them."""
        return Contacts(*(column[keep] for column in self))

    @property
    def key(self) -> Ints:
        """Person and second in one number that sorts like both."""
        return _key(self.who, self.at // 10**6)


class Flat(NamedTuple):
    """Rows of touches: row ``i`` is ``touch[start[i]:start[i + 1]]``."""

    touch: Ints
    start: Ints

    def take(self, keep: NDArray[np.bool_]) -> Flat:
        """Some of the rows."""
        size = np.diff(self.start)
        start = np.append(0, np.cumsum(size[keep])).astype(np.int64)
        return Flat(self.touch[np.repeat(keep, size)], start)


def _key(who: Ints, seconds: Ints) -> Ints:
    key: Ints = (who << 34) + seconds + 2**33
    return key


def _place(all: Contacts, bought: Ints, at: Ints) -> Ints:
    """How many touches come before each order or with it."""
    high = np.searchsorted(all.key, _key(bought, at // 10**6), side="right")
    while True:  # Touches later within the same second; as many rounds as one second has touches.
        before = np.maximum(high - 1, 0)
        late = (high > 0) & (bought >= 0)
        if len(all.at):
            late &= (all.who[before] == bought) & (all.at[before] > at)
        if not late.any() or not len(all.at):
            return high
        high = high - late


def _flat(low: Ints, high: Ints) -> Flat:
    size = high - low
    start = np.append(0, np.cumsum(size)).astype(np.int64)
    return Flat(np.arange(start[-1]) - np.repeat(start[:-1] - low, size), start)


def _paths(rows: Flat, all: Contacts, names: list[str], end: Ints, own: Ints | None) -> pa.Table:
    """The rows as lists of channels and of days before their end; a row without touches has its own channel."""
    channel, start = all.channel[rows.touch], rows.start
    age = (np.repeat(end, np.diff(start)) - all.at[rows.touch]) / (DAY_S * 10**6)
    if own is not None:
        alone = np.flatnonzero(np.diff(start) == 0)
        channel = np.asarray(np.insert(channel, start[alone], own[alone]), dtype=np.int64)
        age = np.asarray(np.insert(age, start[alone], 0.0), dtype=np.float64)
        start = np.append(0, np.cumsum(np.maximum(np.diff(start), 1))).astype(np.int64)
    flat = pa.array(names, pa.string()).take(pa.array(channel))
    offsets = pa.array(start.astype(np.int32))
    return pa.table({"path": pa.ListArray.from_arrays(offsets, flat),
                     "ages": pa.ListArray.from_arrays(offsets, pa.array(age))})  # fmt: skip


def _channels(seen: pa.Table, sold: pa.Table, direct: str) -> tuple[list[str], Ints, Ints]:
    """Names of the channels, the codes of the touches' and of the orders' own."""
    own = pc.fill_null(sold["channel"], direct)
    names = sorted({*pc.unique(seen["channel"]).to_pylist(), *pc.unique(own).to_pylist()})
    known = pa.array(names, pa.string())
    first, second = (np.asarray(pc.index_in(c, value_set=known)).astype(np.int64) for c in (seen["channel"], own))
    return names, first, second


def _micros(column: Any) -> Ints:
    return np.asarray(pc.cast(column, pa.int64())).astype(np.int64)


def _facts(given: Any, shape: dict[str, str], needed: tuple[str, ...], name: str) -> pa.Table:
    """Known touches or paid sales in order of customer and time, sorted where they live; missing columns are null."""
    table = given if isinstance(given, ibis.Table) else ibis.memtable(to_arrow(given))
    missing = [c for c in needed if c not in table.columns]
    if missing:
        raise ValueError(f"{name}: the column {missing[0]!r} is missing; there is {', '.join(table.columns)}")
    if "amount" in shape:
        for column, wanted in (("kind", "sale"), ("status", "paid")):
            table = table.filter(table[column] == wanted) if column in table.columns else table
    else:
        table = table.filter(table.customer.notnull() & table.channel.notnull())
    table = table.filter(table["at"].notnull())
    keep = [c for c in shape if c in table.columns]
    table = table.select(**{c: table[c].cast(shape[c]) for c in keep})
    table = table.order_by([table[c] for c in ("customer", "at", "source", "id") if c in keep])
    shown = [c for c in keep if c not in ("source", "id", "kind", "status")]
    rows = table.select(*shown).to_pyarrow()
    types = {"string": pa.string(), "int64": pa.int64(), "timestamp('UTC')": TIME}
    return pa.table({c: rows[c].cast(types[shape[c]]) if c in shown else pa.nulls(rows.num_rows, pa.string())
                     for c in shape if c not in ("source", "id", "kind", "status")})  # fmt: skip
