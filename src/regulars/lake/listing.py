"""Which files make up a table at one version."""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from pathlib import Path

    from deltalake import DeltaTable

# Set when a column was added: older files lack it, so files must be matched by column name.
WIDENED = "regulars.widened"


@dataclass(frozen=True)
class DataFile:
    """One active file of a table."""

    path: str
    month: str | None
    rows: int
    size: int
    corrected: bool


@dataclass(frozen=True)
class Listing:
    """The active files of a table at one version."""

    version: int
    files: tuple[DataFile, ...]
    columns: frozenset[str]
    widened: bool

    @property
    def paths(self) -> list[str]:
        """The files' absolute paths."""
        return [f.path for f in self.files]

    @functools.cached_property
    def mark(self) -> str:
        """A name of this list of files: after a restore from backup the number alone could come again."""
        return f"{self.version}-{zlib.crc32('|'.join(f.path for f in self.files).encode()):08x}"

    @property
    def rows(self) -> int:
        """How many rows the files hold."""
        return sum(f.rows for f in self.files)

    @property
    def corrected(self) -> bool:
        """Whether any file holds a void or a later revision."""
        return any(f.corrected for f in self.files)


def list_files(dt: DeltaTable, folder: Path) -> Listing:
    """Read the active files of a loaded table, in order of month."""
    actions = pa.table(dt.get_add_actions(flatten=True))

    def column(name: str) -> list[Any]:
        return actions.column(name).to_pylist() if name in actions.column_names else [None] * actions.num_rows

    files = tuple(
        DataFile(str(folder / path), month, rows or 0, size, bool(revision) or kind == "void")
        for path, month, rows, size, revision, kind in zip(
            column("path"), column("partition.month"), column("num_records"), column("size_bytes"),
            column("max.revision"), column("max.kind"), strict=True,
        )
    )  # fmt: skip
    return Listing(
        dt.version(),
        tuple(sorted(files, key=lambda f: (f.month or "", f.path))),
        frozenset(f.name for f in dt.schema().fields),
        dt.metadata().configuration.get(WIDENED) == "true",
    )
