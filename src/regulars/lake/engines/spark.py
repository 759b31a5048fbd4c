"""The same Ibis expressions on Sail (in this process) or on a Spark that the owner runs."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis.expr.types as ir

    from regulars.lake.listing import Listing
    from regulars.tables import Table

_TYPES = {"string": "string", "int64": "long", "int32": "int", "double": "double", "bool": "boolean",
          "date32[day]": "date",
          "timestamp[us, tz=UTC]": "timestamp"}  # fmt: skip


class SparkEngine:
    """Runs Ibis expressions on ``sail`` or ``spark``; one session a process.

    ``spark`` takes the session that ``SPARK_REMOTE`` or the Spark settings of
    the machine describe; its workers must see the lake's folder under the same
    path.
    """

    def __init__(self, kind: Literal["sail", "spark"]) -> None:
        self.kind = kind
        self._lock = threading.Lock()
        self._shown: dict[tuple[str, tuple[str, ...]], ir.Table] = {}

    def table(self, table: Table, listing: Listing | None) -> ir.Table:
        """The rows of a listing as an Ibis table; times are UTC as on DuckDB."""
        paths = () if listing is None else tuple(listing.paths)
        with self._lock:
            known = self._shown.get((table.name, paths))
            if known is None:
                known = self._show(table, paths, listing)
                self._shown[table.name, paths] = known
            return known

    def _show(self, table: Table, paths: tuple[str, ...], listing: Listing | None) -> ir.Table:
        session, backend = _connect(self.kind)
        name = f"{table.name}_{len(self._shown)}_{id(self)}"
        if paths:
            frame = session.read.parquet(*paths, mergeSchema=bool(listing and listing.widened))
            have = set(frame.columns)
        else:
            frame, have = session.createDataFrame([(0,)], "nothing int").limit(0), set()
        columns = [
            f"`{c.name}`" if c.name in have else f"CAST(NULL AS {_TYPES[str(c.type)]}) AS `{c.name}`"
            for c in table.columns
        ]
        frame.selectExpr(*columns).createOrReplaceTempView(name)
        rows = backend.table(name)
        times = {c.name: rows[c.name].cast("timestamp('UTC')") for c in table.columns if pa.types.is_timestamp(c.type)}
        return rows.mutate(**times)


@functools.cache
def _connect(kind: Literal["sail", "spark"]) -> tuple[Any, Any]:
    try:
        from pyspark.sql import SparkSession

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            if kind == "sail":
                with _main_module():
                    session = SparkSession.builder.remote(_sail()).getOrCreate()
            else:
                session = SparkSession.builder.getOrCreate()
            session.conf.set("spark.sql.session.timeZone", "UTC")
            import ibis

            # Only now: Ibis' Spark backend can be imported without a JVM once a remote session is there.
            backend = ibis.pyspark.connect(session=session)
            backend.compiler = _compiler()
            return session, backend
    except ImportError as error:
        raise ImportError(f"engine {kind!r} needs more packages: pip install 'regulars[{kind}]'") from error


@contextlib.contextmanager
def _main_module() -> Iterator[None]:
    """Give a ``__main__`` without a file one for a moment: PySpark takes its absence for its own doctests and exits."""
    main = sys.modules["__main__"]
    bare = not hasattr(main, "__file__")
    if bare:
        main.__file__ = "regulars"
    try:
        yield
    finally:
        if bare:
            del main.__file__


def _compiler() -> Any:
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler

    class Compiler(PySparkCompiler):  # type: ignore[misc]
        """Writes 1.0 as a double: on Spark it is a decimal, and 1.0 / 3 would be cut to a few digits."""

        def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802
            written = super().visit_NonNullLiteral(op, value=value, dtype=dtype)
            return self.cast(written, dtype) if dtype.is_floating() and math.isfinite(value) else written

    return Compiler()


@functools.cache
def _sail() -> str:
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    _KEPT.append(server)
    host, port = server.listening_address
    return f"sc://{host}:{port}"


# The server stops when its object is collected.
_KEPT: list[Any] = []
