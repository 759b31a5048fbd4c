"""The lake: append facts once, read them with Ibis, correct them, erase a person."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from regulars.lake.delta import Delta
from regulars.lake.lease import lease_of
from regulars.lake.log import sync
from regulars.lake.snapshot import SnapshotGoneError, version_text, versions_of
from regulars.tables import TABLES, conform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import ibis.expr.types as ir
    import pyarrow as pa

    from regulars.lake.engines.duck import DuckEngine
    from regulars.lake.engines.spark import SparkEngine
    from regulars.lake.erase import Erasure
    from regulars.lake.listing import Listing
    from regulars.lake.upsert import Upsert
    from regulars.tables import Table

Engine = Literal["duckdb", "sail", "spark"]
# A shorter text would be found inside other words when its last byte is looked for.
SHORTEST_KEY = 6


class Lake:
    """The tables of ``regulars.tables`` in one folder.

    ``path``: the folder, made when first written to. ``engine``: what computes
    the Ibis tables that ``table`` and ``current`` return. ``memory_limit``: how
    much DuckDB may hold before it spills to disk. ``wait_s``: how long a write
    waits for another writer before ``LeaseBusyError``.

    >>> import tempfile
    >>> lake = Lake(tempfile.mkdtemp())
    >>> lake.table("orders").count().to_pyarrow().as_py()
    0
    """

    def __init__(
        self, path: str | os.PathLike[str], engine: Engine = "duckdb", *, memory_limit: str = "1GB",
        threads: int | None = None, wait_s: float = 120.0,
    ) -> None:  # fmt: skip
        self.path = Path(path).absolute()
        if engine not in get_args(Engine):
            raise ValueError(f"engine {engine!r} is not one of {', '.join(get_args(Engine))}")
        self.engine = engine
        self.wait_s = wait_s
        self._memory_limit, self._threads = memory_limit, threads
        self._lease = lease_of(self.path / ".lease")
        self._tables = {name: Delta(self.path / name, table, self._lease) for name, table in TABLES.items()}
        self._pins: dict[str, int] | None = None
        self._duck: DuckEngine | None = None
        self._spark: SparkEngine | None = None

    # --- reading --------------------------------------------------------------------

    def table(self, name: str) -> ir.Table:
        """All rows of a table as they were stored, voids and replaced revisions included."""
        return self._engine_table(name, self._listing(name))

    def current(self, name: str) -> ir.Table:
        """The rows that hold now.

        Facts: the newest revision of every (source, id) that was not voided.
        Results (scores, outcomes, kpis): the newest ``made_at`` of every key.
        """
        from regulars.lake.current import current_facts, current_results

        listing = self._listing(name)
        rows = self._engine_table(name, listing)
        if not TABLES[name].fact:
            return current_results(rows, TABLES[name])
        return current_facts(rows) if listing is not None and listing.corrected else rows

    def customer(self, name: str, key: str) -> pa.Table:
        """The current rows of one person, oldest first."""
        from regulars.lake.current import current_results

        if "customer" not in self._delta(name).table.names:
            raise ValueError(f"table {name} has no customers")
        table = TABLES[name]
        order = [c for c in ("at", "made_at", "id", "name") if c in table.names]
        listing = self._listing(name)
        if self.engine == "duckdb" and table.fact and not (listing and listing.corrected):
            return self._duck_engine().customer(table, lambda: self._listing(name), key, order)
        rows = self.current(name) if table.fact else self._engine_table(name, listing)
        mine = rows.filter(rows.customer == key)
        # Results: the newest of each key can be told within one person; a fact may have moved between persons.
        mine = mine if table.fact else current_results(mine, table)
        found: pa.Table = mine.order_by(order).to_pyarrow()
        return found

    def version(self) -> str:
        """The versions of all tables that exist, such as ``"orders=12;touches=3"``."""
        listings = {name: self._listing(name) for name in self._tables}
        return version_text({name: one.version for name, one in listings.items() if one is not None})

    def snapshot(self, version: str) -> Lake:
        """The lake as it was at a version, read only; tables not named in it are empty.

        Reading a table of it raises ``SnapshotGoneError`` when an erasure or a
        clean-up has removed what it held.
        """
        pinned = Lake(self.path, self.engine, memory_limit=self._memory_limit, threads=self._threads)
        pinned._pins = versions_of(version)
        pinned._duck, pinned._spark = self._duck_engine(), self._spark
        return pinned

    def watermark(self, table: str, source: str) -> int | None:
        """The highest sequence number of a source in a table, None before the first."""
        return self._delta(table).watermark(source)

    # --- writing --------------------------------------------------------------------

    @contextlib.contextmanager
    def lease(self, wait_s: float | None = None) -> Iterator[None]:
        """Be the only writer, across processes; may be entered again by the thread that has it.

        Raises ``LeaseBusyError`` naming the holder when it does not get free in time.
        """
        self._refuse_pinned()
        self.path.mkdir(parents=True, exist_ok=True)
        with self._lease.hold(self.wait_s if wait_s is None else wait_s):
            yield

    def append(self, table: str, rows: pa.Table, source: str, seq: int) -> bool:
        """Store rows exactly once; False when ``seq`` (or a later one) of this source is in already.

        ``seq`` must rise with every batch of a source: the table remembers the
        highest one only. When it returns, the rows are on disk.
        Raises ``ValueError`` when the rows do not fit the table.
        """
        delta = self._delta(table)
        fitting = conform(table, rows)
        with self.lease():
            if not delta.folder.exists():
                delta.folder.mkdir()
                sync([self.path])
            return delta.append(fitting, source, seq)

    def upsert(self, table: str, rows: pa.Table) -> Upsert:
        """Sort incoming facts into created, updated and unchanged, without writing.

        ``rows`` of the answer is what to append: for an updated row the void of
        the old one and its next revision. Hold the lease around this and the
        append, so that nobody writes in between. An incoming row of kind ``void``
        takes back what is stored and adds nothing.
        """
        from regulars.lake.upsert import classify

        delta = self._delta(table)
        if not delta.table.fact:
            raise ValueError(f"table {table} holds results, not facts: append them, they are never corrected")
        return classify(self._duck_engine().connection(), delta.table, self._listing(table), conform(table, rows))

    def erase(self, customer: str | Collection[str]) -> Erasure:
        """Remove one person (or several) from every table, file and log, and prove it.

        Rows of the person are deleted; a ``referrer`` that names them becomes
        null. Older versions of the tables that held them can no longer be read.
        Raises ``ValueError`` for a key that is too short to be looked for.
        """
        from regulars.lake.erase import erase

        customers = {customer} if isinstance(customer, str) else set(customer)
        if any(len(c) < SHORTEST_KEY for c in customers) or not customers:
            raise ValueError(f"erase needs surrogate keys of at least {SHORTEST_KEY} characters")
        with self.lease():
            return erase(self.path, self._tables.values(), self._duck_engine().connection(), customers)

    def compact(self, table: str | None = None, *, most_files: int = 8, keep_days: float = 7) -> int:
        """Rewrite months of more than ``most_files`` files as one, sorted by customer; how many files changed.

        Replaced files are deleted after ``keep_days``; until then snapshots can
        still read them. Watermarks of sources are kept.
        """
        from regulars.lake.compact import compact

        deltas = self._tables.values() if table is None else [self._delta(table)]
        with self.lease():
            connection = self._duck_engine().connection()
            return sum(compact(delta, connection, most_files, keep_days) for delta in deltas)

    # --- inside ---------------------------------------------------------------------

    def _delta(self, name: str) -> Delta:
        try:
            return self._tables[name]
        except KeyError:
            raise KeyError(f"the lake has no table {name!r}; its tables are {', '.join(TABLES)}") from None

    def _listing(self, name: str) -> Listing | None:
        delta = self._delta(name)
        if self._pins is None:
            return delta.listing()
        if name not in self._pins:
            return None
        try:
            listing = delta.listing_at(self._pins[name])
        except Exception as error:
            raise self._gone(name) from error
        if not all(os.path.exists(path) for path in listing.paths):
            raise self._gone(name)
        return listing

    def _gone(self, name: str) -> SnapshotGoneError:
        return SnapshotGoneError(
            f"table {name}: version {(self._pins or {}).get(name)} is gone; "
            "an erasure or a clean-up came after it. Read the lake as it is now"
        )

    def _engine_table(self, name: str, listing: Listing | None) -> ir.Table:
        table: Table = TABLES[name]
        if self.engine != "duckdb":
            if self._spark is None:
                from regulars.lake.engines.spark import SparkEngine

                self._spark = SparkEngine(self.engine)
            return self._spark.table(table, listing)
        return self._duck_engine().table(table, listing, None if self._pins is not None else self._delta(name).listing)

    def _duck_engine(self) -> DuckEngine:
        if self._duck is None:
            from regulars.lake.engines.duck import DuckEngine

            self._duck = DuckEngine(self._memory_limit, self._threads)
        return self._duck

    def _refuse_pinned(self) -> None:
        if self._pins is not None:
            raise PermissionError(f"{self.path}: this is a snapshot; write to the lake itself")
