"""Journeys as integers: the channels of every distinct path, how often it ended in an order, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.lake.frames import to_arrow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

# Bytes worth spending to mark codes instead of sorting them.
ROOM: Final = 2**27


@dataclass(frozen=True)
class Journeys:
    """Distinct paths, and the rows they were told in.

    ``channel`` holds the channel code of every touch, path after path; path ``d`` is
    ``channel[start[d]:start[d + 1]]``; ``ages`` are the days between each touch and the end of its journey,
    where known (paths with ages are not merged). ``path`` names the distinct path of each row told, and
    ``won, money, lost`` what happened in that row; ``whole_money`` is true for integer minor units.
    """

    channel: Codes
    start: Codes
    names: list[str]
    path: Codes
    won: Vector
    money: Vector
    lost: Vector
    ages: Vector | None = None
    has_value: bool = True
    has_nulls: bool = True
    whole_money: bool = False

    @cached_property
    def length(self) -> Codes:
        """Touches of each distinct path."""
        return np.diff(self.start)

    @cached_property
    def at(self) -> Codes:
        """The distinct path each touch belongs to."""
        return np.repeat(np.arange(len(self.length)), self.length)

    @cached_property
    def place(self) -> Codes:
        """How many touches of the same path come before each touch."""
        return np.arange(len(self.channel)) - np.repeat(self.start[:-1], self.length)

    @cached_property
    def members(self) -> tuple[Codes, Codes]:
        """Each (distinct path, channel on it) once, in the order of the paths."""
        n = len(self.names)
        both = known(self.at * n + self.channel, len(self.length) * n)
        return both // n, both % n

    def total(self, rows: Vector) -> Vector:
        """Sum what the rows say over the distinct paths."""
        return tally(self.path, rows, len(self.length))


def known(codes: Codes, size: int) -> Codes:
    """The codes that occur, in order; marking them is 50 times faster than sorting, where there is room."""
    if size > ROOM:
        return np.unique(codes)
    seen = np.zeros(size, dtype=bool)
    seen[codes] = True
    return np.flatnonzero(seen)


def coded(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """The codes that occur, in order, and the place of each one given among them."""
    if size > ROOM // 8:
        values, places = np.unique(codes, return_inverse=True)
        return values, places
    values = known(codes, size)
    place = np.zeros(size, dtype=np.int32)
    place[values] = np.arange(len(values))
    return values, place[codes].astype(np.int64)


def tally(codes: Codes, weight: Vector, size: int) -> Vector:
    """Sum weights by code."""
    return np.asarray(np.bincount(codes, weight, size), dtype=np.float64)


def journeys(paths: Any, separator: str = ">", window_days: float | None = None) -> Journeys:
    """Read a table of paths: ``path`` (a list, or text like "a > b"), ``conversions``, ``value``, ``nulls``, ``ages``.

    Raises ``ValueError`` naming the column or row that cannot be read.
    """
    table = to_arrow(paths)
    for name in ("path", "conversions"):
        if name not in table.column_names:
            raise ValueError(f"paths: the column {name!r} is missing; there is {', '.join(table.column_names)}")
    if not table.num_rows:
        raise ValueError("paths: there is no row; give at least one journey")
    won, lost = _counts(table, "conversions"), _counts(table, "nulls")
    money, whole = _money(table)
    lists, path = _lists(table, separator)
    ages = _ages(table, lists) if "ages" in table.column_names else None
    if window_days is not None and ages is None:
        raise ValueError("window_days needs the column 'ages': days between each touch and the end of its journey")
    flat, start, names = _coded(lists)
    if ages is not None and window_days is not None:
        flat, start, ages = _within(flat, start, ages, window_days)
    found = Journeys(flat, start, names, path, won, money, lost, ages, "value" in table.column_names,
                     "nulls" in table.column_names, whole)  # fmt: skip
    return _without_empty(found if ages is not None else _merged(found))


def _counts(table: pa.Table, name: str) -> Vector:
    if name not in table.column_names:
        return np.zeros(table.num_rows)
    found = _numbers(table, name)
    if (found < 0).any():
        row = int(np.argmax(found < 0))
        raise ValueError(f"paths: {name!r} may not be negative (row {row + 1}: {found[row]:g})")
    return found


def _numbers(table: pa.Table, name: str) -> Vector:
    try:
        cast = pc.cast(table.column(name), pa.float64())
    except pa.ArrowInvalid as error:
        raise ValueError(f"paths: {name!r} must be numbers: {error}") from error
    found = np.asarray(pc.fill_null(cast, 0.0).to_numpy(), dtype=np.float64)
    if not np.isfinite(found).all():
        row = int(np.argmin(np.isfinite(found)))
        raise ValueError(f"paths: {name!r} must be a finite number (row {row + 1})")
    return found


def _money(table: pa.Table) -> tuple[Vector, bool]:
    if "value" not in table.column_names:
        return np.zeros(table.num_rows), False
    return _numbers(table, "value"), pa.types.is_integer(table.schema.field("value").type)


def _lists(table: pa.Table, separator: str) -> tuple[pa.LargeListArray, Codes]:
    """The paths as lists of channels, and which list each row has; equal texts are split once."""
    column = pc.fill_null(table.column("path"), "") if _is_text(table) else table.column("path")
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not _is_text(table):
        if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
            raise ValueError(f"paths: 'path' must be a list of channels or text like 'a {separator} b'")
        texts = pa.large_list(pa.large_string())
        return pc.cast(pc.fill_null(column, []) if column.null_count else column, texts), np.arange(len(column))
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    split = pc.split_pattern(coded.dictionary.cast(pa.large_string()), separator.strip())
    return split.cast(pa.large_list(pa.large_string())), np.asarray(coded.indices).astype(np.int64)


def _is_text(table: pa.Table) -> bool:
    kind = table.schema.field("path").type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) == "string_view")


def _coded(lists: pa.LargeListArray) -> tuple[Codes, Codes, list[str]]:
    """Channels as codes in order of their names; spaces around a name do not count, and neither does a name of none."""
    raw = pc.dictionary_encode(lists.flatten())
    names = [(name or "").strip() for name in raw.dictionary.to_pylist()]
    known = sorted({n for n in names if n})
    place = {n: i for i, n in enumerate(known)}
    to = np.array([place.get(n, -1) for n in names] + [-1], dtype=np.int64)
    indices = np.asarray(pc.fill_null(raw.indices, len(names))).astype(np.int64)
    flat = to[indices] if len(names) else np.zeros(0, dtype=np.int64)
    start = np.asarray(lists.offsets).astype(np.int64)
    start = start - start[0]
    return (*_kept(flat, start, flat >= 0), known)


def _kept(flat: Codes, start: Codes, keep: NDArray[np.bool_]) -> tuple[Codes, Codes]:
    if keep.all():
        return flat, start
    before = np.concatenate([[0], np.cumsum(keep)])
    return flat[keep], before[start]


def _ages(table: pa.Table, lists: pa.LargeListArray) -> Vector:
    column = table.column("ages")
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if _is_text(table) or not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        raise ValueError("paths: 'ages' must be a list of days for each list of channels in 'path'")
    if not pc.all(pc.equal(pc.list_value_length(column), pc.list_value_length(lists))).as_py():
        raise ValueError("paths: 'ages' and 'path' must have the same length in every row")
    found = np.asarray(pc.cast(column.flatten(), pa.float64()), dtype=np.float64)
    if not np.isfinite(found).all() or (found < 0).any():
        raise ValueError("paths: 'ages' must be days, 0 or more")
    return found


def _within(flat: Codes, start: Codes, ages: Vector, window_days: float) -> tuple[Codes, Codes, Vector]:
    """Touches within the window; a journey with none keeps its newest, so that no order is lost."""
    newest = np.zeros(len(flat), dtype=bool)
    newest[start[1:][np.diff(start) > 0] - 1] = True
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))
    some = np.bincount(row, ages <= window_days, len(start) - 1) > 0
    keep = (ages <= window_days) | (newest & ~some[row])
    return (*_kept(flat, start, keep), ages[keep])


def _merged(told: Journeys) -> Journeys:
    """Equal paths become one: their codes are compared as bytes."""
    width = 2 if len(told.names) < 2**16 else 4
    codes = told.channel.astype(f"<u{width}").tobytes()
    buffers = [None, pa.py_buffer((told.start * width).astype(np.int64)), pa.py_buffer(codes)]
    whole = pa.Array.from_buffers(pa.large_binary(), len(told.length), buffers)
    coded = pc.dictionary_encode(whole)
    if len(coded.dictionary) == len(told.length):
        return told
    which = np.asarray(coded.indices).astype(np.int64)
    first = np.zeros(len(coded.dictionary), dtype=np.int64)
    first[which[::-1]] = np.arange(len(which))[::-1]
    size = told.length[first]
    start = np.concatenate([[0], np.cumsum(size)])
    flat = told.channel[np.arange(start[-1]) + np.repeat(told.start[first] - start[:-1], size)]
    return Journeys(flat, start, told.names, which[told.path], told.won, told.money, told.lost, None, told.has_value,
                    told.has_nulls, told.whole_money)  # fmt: skip


def _without_empty(told: Journeys) -> Journeys:
    """Journeys without any touch: lost ones say nothing; an order without a touch has nobody to credit."""
    empty = told.length == 0
    if not empty.any():
        return told
    rows = empty[told.path]
    bad = rows & ((told.won > 0) | (told.money != 0))
    if bad.any():
        raise ValueError(f"paths: row {int(np.argmax(bad)) + 1} has conversions but no channel; "
                         "name one, such as 'direct'")  # fmt: skip
    if empty.all():
        raise ValueError("paths: no row has a channel")
    to = np.cumsum(~empty) - 1
    start = np.concatenate([told.start[:-1][~empty], told.start[-1:]])
    return Journeys(told.channel, start, told.names, to[told.path[~rows]], told.won[~rows], told.money[~rows],
                    told.lost[~rows], told.ages, told.has_value, told.has_nulls, told.whole_money)  # fmt: skip
