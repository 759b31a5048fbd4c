"""Erasing a person: rows, references, old files, logs and the proof that no byte is left."""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from regulars.lake.compact import rewrite
from regulars.lake.engines.duck import literal, literals
from regulars.tables import TEXT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    import duckdb

    from regulars.lake.delta import Delta
    from regulars.lake.listing import DataFile

# What stands where a key stood inside a longer text that belongs to somebody else.
_BLANK = "erased"
_REFERRER = '"referrer"'
# Looking for a plain text is several times faster than a pattern, while they are few.
_FEW = 8


@dataclass(frozen=True)
class Erasure:
    """The proof of an erasure; it does not name the person.

    ``tables`` that held rows or references, ``rows`` deleted, ``references`` to
    the person in other people's rows that were blanked, ``files_rewritten``,
    ``files_scanned`` afterwards (every file in the lake), ``found_in`` files
    where the key still is.
    """

    tables: tuple[str, ...]
    rows: int
    references: int
    files_rewritten: int
    files_scanned: int
    found_in: tuple[str, ...]

    @property
    def bytes_clean(self) -> bool:
        """Whether no file of the lake holds the key any more."""
        return not self.found_in


def erase(
    root: Path, tables: Iterable[Delta], connection: duckdb.DuckDBPyConnection, customers: Collection[str]
) -> Erasure:
    """Remove customers from every table and every file; needs the lease."""
    touched, rows, references, rewritten = [], 0, 0, 0
    for delta in tables:
        if not delta.log.folder.exists():
            continue
        delta.log.repair(delta.lease)
        one = _Table(delta, connection, customers)
        if one.clean():
            touched.append(delta.table.name)
            rows, references, rewritten = rows + one.rows, references + one.references, rewritten + one.files
    scanned, found = prove(root, connection, customers)
    return Erasure(tuple(touched), rows, references, rewritten, scanned, found)


class _Table:
    """The erasure in one table."""

    def __init__(self, delta: Delta, connection: duckdb.DuckDBPyConnection, customers: Collection[str]) -> None:
        self.delta, self.connection = delta, connection
        self.rows = self.references = self.files = 0
        self.customers = customers
        self.texts = [c.name for c in delta.table.columns if c.type == TEXT]
        listed = f"coalesce(list_contains({literals(sorted(customers))}, customer), false)"
        self.mine = listed if "customer" in self.texts else "false"
        self.quoted = [f'"{t}"' for t in self.texts]

    def clean(self) -> bool:
        """Rewrite the active files that hold a key; drop all others that do."""
        active = {f.path: f for f in self.listed()}
        found = self.holding(list(active))
        folder = self.delta.folder.rglob("*.parquet")
        old = {str(p) for p in folder if self.delta.log.folder not in p.parents} - active.keys()
        if not found and not self.old_ones_hold(old):
            return False
        if found:
            self.rewrite([active[path] for path in active if path in found], found)
        self.purge()
        return True

    def listed(self) -> list[DataFile]:
        listing = self.delta.listing()
        return list(listing.files) if listing else []

    def holding(self, paths: list[str]) -> dict[str, tuple[int, int]]:
        """Files with a key in any text: how many rows are the person's and how many name them."""
        if not paths:
            return {}
        found = self.connection.execute(
            f"SELECT filename, count(*) FILTER ({self.mine}), count(*) FILTER (NOT ({self.mine})) "
            f"FROM read_parquet({literals(paths)}, filename = true, union_by_name = true, hive_partitioning = false) "
            f"WHERE {holds(self.quoted, self.customers)} GROUP BY filename"
        ).fetchall()
        return {path: (rows, references) for path, rows, references in found}

    def old_ones_hold(self, paths: set[str]) -> bool:
        """Whether a replaced file, or one of a killed writer, holds a key; unreadable ones may."""
        import duckdb

        try:
            return bool(self.holding(sorted(paths)))
        except duckdb.Error:
            return True

    def rewrite(self, dirty: list[DataFile], found: dict[str, tuple[int, int]]) -> None:
        actions = []
        for month, group in groupby(dirty, key=lambda f: f.month):
            files = list(group)
            mine, references = (sum(found[f.path][i] for f in files) for i in (0, 1))
            self.rows, self.references, self.files = (
                self.rows + mine,
                self.references + references,
                self.files + len(files),
            )
            actions += [self.delta.removed(f, True) for f in files]
            if mine < sum(f.rows for f in files):
                select = f"* REPLACE ({self.blanked()})" if references else "*"
                kept = f"NOT ({self.mine})"
                actions.append(rewrite(self.delta, self.connection, files, month, select, kept, data_change=True))
        dt = self.delta.open()
        assert dt is not None
        self.delta.commit(dt, actions)

    def blanked(self) -> str:
        """Keys out of what stays: another customer's referrer becomes null, a longer text loses the key."""
        wipe = literal(pattern(self.customers))

        def left(text: str) -> str:
            return "NULL" if text == _REFERRER else f"regexp_replace({text}, {wipe}, '{_BLANK}', 'g')"

        return ", ".join(
            f"CASE WHEN {holds([t], self.customers)} THEN {left(t)} ELSE {t} END AS {t}" for t in self.quoted
        )

    def purge(self) -> None:
        """Delete every file and log entry that only the past needs."""
        dt = self.delta.open()
        assert dt is not None
        before = dt.version()
        dt.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
        dt.update_incremental()
        dt.alter.set_table_properties({"delta.logRetentionDuration": "interval 0 seconds"})
        dt.update_incremental()
        dt.create_checkpoint()
        dt.cleanup_metadata()
        dt.alter.set_table_properties({"delta.logRetentionDuration": "interval 30 days"})
        dt.update_incremental()
        self.delta.log.sync_after(before)


def pattern(customers: Collection[str]) -> str:
    """One regular expression that finds any of the keys."""
    return "|".join(re.escape(c) for c in sorted(customers))


def holds(texts: list[str], customers: Collection[str]) -> str:
    """A condition: any of these texts has any of the keys in it.

    The keys stand in the query itself; as a parameter a pattern would be
    compiled again for every row.
    """
    if len(customers) <= _FEW:
        tests = [f"contains({t}, {literal(c)})" for t in texts for c in sorted(customers)]
    else:
        tests = [f"regexp_matches({t}, {literal(pattern(customers))})" for t in texts]
    return "coalesce(" + ", false) OR coalesce(".join(tests) + ", false)"


def prove(root: Path, connection: duckdb.DuckDBPyConnection, customers: Collection[str]) -> tuple[int, tuple[str, ...]]:
    """Look for the keys in the raw bytes of every file and in every decoded Parquet column.

    Gives the number of files read and the names of those that still hold a key.
    """
    import duckdb

    raw = re.compile(pattern(customers).encode())
    scanned, found = 0, []
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        try:
            dirty = _in_bytes(path, raw) or (path.suffix == ".parquet" and _decoded(path, connection, customers))
        except FileNotFoundError:
            continue
        except duckdb.Error:
            dirty = True  # what cannot be read is not proven clean
        scanned += 1
        if dirty:
            found.append(path.relative_to(root).as_posix())
    return scanned, tuple(found)


def _in_bytes(path: Path, raw: re.Pattern[bytes]) -> bool:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return raw.search(view) is not None


def _decoded(path: Path, connection: duckdb.DuckDBPyConnection, customers: Collection[str]) -> bool:
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(path)])
    # Numbers and times cannot hold a key; nested columns (checkpoints) are read as text.
    texts = [
        f'"{name}"::VARCHAR' for name, kind, *_ in described.fetchall()
        if kind.startswith(("VARCHAR", "BLOB", "STRUCT", "MAP")) or kind.endswith("[]")
    ]  # fmt: skip
    if not texts:
        return False
    query = f"SELECT count(*) FROM read_parquet(?, hive_partitioning = false) WHERE {holds(texts, customers)}"
    [(hits,)] = connection.execute(query, [str(path)]).fetchall()
    return bool(hits)
