"""DuckDB over the active files: one database in memory per lake, one cursor per thread."""

from __future__ import annotations

import functools
import os
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from regulars.lake.snapshot import SnapshotGoneError
from regulars.tables import DAY, FLAG, INT, REAL, SMALL, TEXT, TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb
    import ibis.expr.types as ir

    from regulars.lake.listing import Listing
    from regulars.tables import Table

TYPES = {TEXT: "VARCHAR", INT: "BIGINT", SMALL: "INTEGER", REAL: "DOUBLE", FLAG: "BOOLEAN", DAY: "DATE",
         TIME: "TIMESTAMP WITH TIME ZONE"}  # fmt: skip
_VIEWS_KEPT = 256
_TRIES = 5


class DuckEngine:
    """Runs Ibis expressions on DuckDB; safe to share between threads and after a fork."""

    def __init__(self, memory_limit: str, threads: int | None = None) -> None:
        self._settings: dict[str, Any] = {"memory_limit": memory_limit}
        if threads:
            self._settings["threads"] = threads
        self._guard = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._local = threading.local()

    def table(self, table: Table, listing: Listing | None, newest: Callable[[], Listing | None] | None) -> ir.Table:
        """The rows of a listing as an Ibis table that keeps meaning this version.

        ``newest`` gives the files to fall back to when an erasure removed some
        meanwhile; without it (a snapshot) the reader is told instead.
        """
        session = self._session()
        name = f"{table.name}@{'empty' if listing is None else listing.mark}{'' if newest else '!'}"
        known = session.tables.get(name)
        if known is None:
            session.show(name, table, listing, newest)
            known = session.backend.table(name)
            session.tables[name] = known
        return known

    def customer(self, table: Table, newest: Callable[[], Listing | None], key: str, order: Sequence[str]) -> pa.Table:
        """One person's rows straight from SQL: building the same query with Ibis costs as much as running it."""
        import duckdb

        connection, by = self._session().connection, ", ".join(f'"{c}"' for c in order)
        for attempt in range(_TRIES):
            query = f"SELECT * FROM ({rows_of(table, newest())}) WHERE customer = ? ORDER BY {by}"
            try:
                return connection.sql(query, params=[key]).to_arrow_table()
            except duckdb.IOException as error:
                if attempt == _TRIES - 1 or not removed(error):
                    raise
        raise AssertionError("unreachable")

    def connection(self) -> duckdb.DuckDBPyConnection:
        """This thread's connection, for the lake's own queries."""
        return self._session().connection

    def _session(self) -> _Session:
        if self._pid != os.getpid():
            self._guard = threading.Lock()
            self._forget()
        session: _Session | None = getattr(self._local, "session", None)
        if session is None:
            with self._guard:
                session = _Session(self._start().cursor())
            self._local.session = session
        return session

    def _start(self) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            import duckdb

            spill = os.path.join(tempfile.gettempdir(), f"regulars-duckdb-{os.getpid()}")
            self._root = duckdb.connect(":memory:", config={**self._settings, "temp_directory": spill})
            self._root.execute("SET GLOBAL parquet_metadata_cache = true")
        return self._root


class _Session:
    """One thread's cursor, its Ibis backend and the views it has made."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.tables: dict[str, ir.Table] = {}
        self.shown: dict[str, tuple[Table, Callable[[], Listing | None] | None]] = {}

    @functools.cached_property
    def backend(self) -> Any:
        """Ibis, loaded when the first expression asks for it: plain queries do without its second of imports."""
        backend = _backend_class().from_connection(self.connection)
        backend.session = self
        return backend

    def show(
        self, name: str, table: Table, listing: Listing | None, newest: Callable[[], Listing | None] | None
    ) -> None:
        self.connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {rows_of(table, listing)}')
        self.shown[name] = (table, newest)
        while len(self.shown) > _VIEWS_KEPT:
            old = next(iter(self.shown))
            del self.shown[old]
            self.tables.pop(old, None)
            self.connection.execute(f'DROP VIEW IF EXISTS "{old}"')

    def refresh(self, names: set[str]) -> None:
        """Point the views of an expression at the newest files, after some were removed."""
        for name in names & set(self.shown):
            table, newest = self.shown[name]
            if newest is None:
                raise SnapshotGoneError(f"table {table.name}: the files of this snapshot were removed; "
                                        "an erasure or a clean-up came after it")  # fmt: skip
            self.connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS {rows_of(table, newest())}')


def rows_of(table: Table, listing: Listing | None, extra: str = "") -> str:
    """The query that reads a listing; columns the files do not have yet are null."""
    if listing is None or not listing.files:
        columns = ", ".join(f'NULL::{TYPES[c.type]} AS "{c.name}"' for c in table.columns)
        return f"SELECT {columns} LIMIT 0"
    columns = ", ".join(
        f'"{c.name}"' if c.name in listing.columns else f'NULL::{TYPES[c.type]} AS "{c.name}"' for c in table.columns
    )
    options = "hive_partitioning = false" + (", union_by_name = true" if listing.widened else "") + extra
    return f"SELECT {columns} FROM read_parquet({literals(listing.paths)}, {options})"


def literals(values: list[str]) -> str:
    """A list of texts in SQL."""
    return "[" + ", ".join(literal(v) for v in values) + "]"


def literal(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def removed(error: Exception) -> bool:
    """Whether a query failed because a file it had listed is gone."""
    text = str(error)
    return "No such file" in text or "No files found" in text or "does not exist" in text


@functools.cache
def _backend_class() -> Any:
    import duckdb
    import ibis.expr.operations as ops
    from ibis.backends.duckdb import Backend

    class LakeBackend(Backend):  # type: ignore[misc]
        """Ibis on DuckDB that reads again when an erasure removed a file meanwhile."""

        session: _Session

        def to_pyarrow(self, expr: Any, /, **kwargs: Any) -> Any:
            return self._again(functools.partial(super().to_pyarrow, expr, **kwargs), expr)

        def execute(self, expr: Any, /, **kwargs: Any) -> Any:
            return self._again(functools.partial(super().execute, expr, **kwargs), expr)

        def to_pyarrow_batches(self, expr: Any, /, *, chunk_size: int = 1_000_000, **kwargs: Any) -> Any:
            # The whole result first: a stream cannot be read again from its middle.
            table = pa.table(
                expr.as_table().to_pyarrow(**{k: v for k, v in kwargs.items() if k in ("params", "limit")})
            )
            return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=chunk_size))

        def _again(self, run: Callable[[], Any], expr: Any) -> Any:
            for attempt in range(_TRIES):
                try:
                    return run()
                except duckdb.IOException as error:
                    if attempt == _TRIES - 1 or not removed(error):
                        raise
                    self.session.refresh({t.name for t in expr.op().find(ops.DatabaseTable)})
            raise AssertionError("unreachable")

    return LakeBackend
