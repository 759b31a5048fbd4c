"""A file as a table of texts, each cell as written, and cells as distinct values plus codes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from regulars.collect.profile import Profile

_BLANKS: Final = " \t\r\n\v\f\x00\u00a0\u2007\u202f\u3000\ufeff\u200b\u200c\u200d\u2060"
_NOTHING: Final = pa.array(
    ["", "-", "--", "—", "——", "/", "\\", "\\n", "null", "(null)", "<null>", "none", "nan", "nat", "n/a", "#n/a",
     "#value!", "#ref!", "undefined", "空"]
)  # fmt: skip


@dataclass(frozen=True)
class Aside:
    """A row that could not be used: its number, the reason code, detail and its cells."""

    row: int
    code: str
    detail: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    ``table`` holds text columns only, named like ``header`` (repeats get a
    number). ``rows`` is the row number of each record as a spreadsheet shows it.
    """

    header: tuple[str, ...]
    table: pa.Table
    rows: np.ndarray
    format: str
    encoding: str = ""
    delimiter: str = ""
    preamble: tuple[str, ...] = ()
    aside: tuple[Aside, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = ""
    memory: dict[int, Cells] = field(default_factory=dict, repr=False, compare=False)
    shapes: dict[int, Profile] = field(default_factory=dict, repr=False, compare=False)

    @property
    def num_rows(self) -> int:
        """How many records."""
        return len(self.rows)

    def cells(self, column: int) -> Cells:
        """The cleaned cells of a column, worked out once."""
        if column not in self.memory:
            self.memory[column] = Cells.of(self.table.column(column))
        return self.memory[column]

    def sample(self, column: int, count: int = 3) -> tuple[str, ...]:
        """The first distinct values of a column that are not blank."""
        values = self.cells(column).values
        return tuple(str(v)[:80] for v in values.slice(0, count).to_pylist())

    def take(self, keep: np.ndarray) -> Sheet:
        """The records where ``keep`` is true."""
        return replace(self, table=self.table.filter(pa.array(keep)), rows=self.rows[keep], memory={}, shapes={})


def unique_names(header: Iterable[str]) -> tuple[str, ...]:
    """Trim header cells, number the repeated ones and name the blank ones.

    >>> unique_names(["Name ", "", "Name"])
    ('Name', 'column 2', 'Name (2)')
    """
    seen: dict[str, int] = {}
    out = []
    for i, cell in enumerate(header, 1):
        name = " ".join(cell.strip(_BLANKS + '"').split()) or f"column {i}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(out)


def clean(values: pa.Array) -> pa.Array:
    """Trim cells, undo the wrappings spreadsheets put around long numbers, and blank the words for nothing.

    >>> clean(pa.array(["\\t9001", '="0012"', "'0034", " - ", "a"])).to_pylist()
    ['9001', '0012', '0034', None, 'a']
    """
    out = pc.utf8_trim(pc.cast(values, pa.string()), characters=_BLANKS)
    out = pc.replace_substring(out, "\x00", "")
    out = pc.replace_substring_regex(out, r'^="?([^"]*)"?$', r"\1")
    out = pc.replace_substring_regex(out, r"^'(\+?[0-9].*)$", r"\1")
    return pc.if_else(pc.is_in(pc.utf8_lower(out), value_set=_NOTHING), None, out)


@dataclass(frozen=True)
class Cells:
    """A column as its distinct values and, per row, the code of its value (-1: blank).

    Parsing works on ``values`` only, so half a million rows cost what their
    distinct values cost.
    """

    codes: np.ndarray
    values: pa.Array

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array, cleaned: bool = True) -> Cells:
        """Encode a text column."""
        chunk = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        raw = chunk.dictionary_encode()
        codes = pc.fill_null(raw.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        if not cleaned:
            return cls(codes, raw.dictionary)
        again = clean(raw.dictionary).dictionary_encode()
        return cls(spread(pc.fill_null(again.indices, -1).to_numpy(zero_copy_only=False), codes, -1), again.dictionary)

    @classmethod
    def nothing(cls, rows: int) -> Cells:
        """A column of blanks."""
        return cls(np.full(rows, -1, np.int32), pa.array([], pa.string()))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def blank(self) -> np.ndarray:
        """Where the cell is blank."""
        return self.codes < 0

    def text(self) -> pa.Array:
        """The column as text."""
        return self.values.take(pa.array(self.codes, mask=self.codes < 0))

    def each(self, turn: Callable[[str], str | None]) -> Cells:
        """Apply a function to the distinct values; ``None`` makes blanks."""
        turned = pa.array([turn(v) for v in self.values.to_pylist()], pa.string()).dictionary_encode()
        codes = pc.fill_null(turned.indices, -1).to_numpy(zero_copy_only=False)
        return Cells(spread(codes, self.codes, -1), turned.dictionary)

    def take(self, keep: np.ndarray) -> Cells:
        """The rows chosen by a mask or by positions."""
        return Cells(self.codes[keep], self.values)

    def or_else(self, other: Cells) -> Cells:
        """This cell, or where it is blank the other's."""
        if not self.blank.any():
            return self
        shift = len(self.values)
        other_codes = np.where(other.codes < 0, -1, other.codes + shift)
        both = pa.concat_arrays([self.values, other.values])
        merged = both.dictionary_encode()
        codes = np.where(self.codes < 0, other_codes, self.codes)
        return Cells(spread(merged.indices.to_numpy(zero_copy_only=False), codes, -1), merged.dictionary)


def spread(per_value: np.ndarray, codes: np.ndarray, blank: Any) -> np.ndarray:
    """Carry what was worked out per distinct value to the rows.

    >>> spread(np.array([10, 20]), np.array([1, -1, 0]), 0).tolist()
    [20, 0, 10]
    """
    if len(per_value) == 0:
        return np.full(len(codes), blank, per_value.dtype)
    out: np.ndarray = np.where(codes < 0, blank, per_value[np.maximum(codes, 0)]).astype(per_value.dtype)
    return out
