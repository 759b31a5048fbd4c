"""What a table and its columns say about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

TIME: Final = pa.timestamp("us", tz="UTC")
TEXT: Final = pa.string()
DAY: Final = pa.date32()
INT: Final = pa.int64()
SMALL: Final = pa.int32()
REAL: Final = pa.float64()
FLAG: Final = pa.bool_()


@dataclass(frozen=True)
class Column:
    """One column: what it means, in which unit, who writes it and who reads it."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    producer: str
    consumer: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One lake table: its columns and the columns that identify a row."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    fact: bool

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table."""
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(c.name for c in self.columns)

    def empty(self) -> pa.Table:
        """A table with these columns and no rows."""
        return self.schema.empty_table()

    def fill(self, columns: dict[str, object], rows: int | None = None) -> pa.Table:
        """Make an Arrow table with this schema; columns that are not given become null.

        Raises ``KeyError`` for a column the table does not have.
        """
        unknown = sorted(set(columns) - set(self.names))
        if unknown:
            raise KeyError(f"table {self.name} has no column {', '.join(unknown)}")
        if rows is None:
            rows = next((len(v) for v in columns.values() if hasattr(v, "__len__")), 0)  # type: ignore[arg-type]
        arrays = []
        for c in self.columns:
            given = columns.get(c.name)
            if given is None:
                arrays.append(pa.nulls(rows, c.type))
            elif isinstance(given, pa.ChunkedArray | pa.Array):
                arrays.append(given.cast(c.type))
            elif hasattr(given, "__len__") and not isinstance(given, str | bytes):
                arrays.append(pa.array(given, type=c.type, from_pandas=True))
            else:
                arrays.append(pa.repeat(pa.scalar(given, type=c.type), rows))
        return pa.table(arrays, schema=self.schema)
