"""One Delta table's folder: how rows become files, files become a version, and how both survive a crash.

The order of a write is: data files, fsync, commit, fsync of the commit, answer.
``deltalake`` itself never calls fsync, so a power cut after its answer could
lose what it answered for.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.lake.listing import WIDENED, list_files
from regulars.lake.log import Log, sync
from regulars.tables import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from deltalake import DeltaTable
    from deltalake.transaction import AddAction, RemoveAction

    from regulars.lake.lease import Lease
    from regulars.lake.listing import DataFile, Listing
    from regulars.tables import Table

# Big tables only: a partition a month keeps compaction local, but costs a file a month.
MONTHLY = frozenset({"orders", "order_lines", "events", "touches", "usage", "messages", "scores"})
ROWS_PER_GROUP = 16_384  # a point read decodes one group of each file
_TRIES = 8


class Delta:
    """One table's folder; reads never lock, writes expect the caller to hold the lease."""

    def __init__(self, folder: Path, table: Table, lease: Lease) -> None:
        self.folder = folder
        self.table = table
        self.lease = lease
        self.log = Log(folder)
        self.monthly = table.name in MONTHLY
        self._lock = threading.Lock()
        self._listing: Listing | None = None
        self._stamp = -1

    # --- reading --------------------------------------------------------------------

    def listing(self) -> Listing | None:
        """The newest version, or None when nothing was ever written; costs two stats when unchanged."""
        with self._lock:
            known = self._listing
            try:
                stamp = self.log.folder.stat().st_mtime_ns
            except FileNotFoundError:
                return None
            # The next commit's name is looked for as well: two commits within
            # one tick of the file system's clock leave the same time stamp.
            if known and stamp == self._stamp and not self.log.commit(known.version + 1).exists():
                return known
            dt = self.open()
            if dt is None:
                return None
            self._listing, self._stamp = list_files(dt, self.folder), stamp
            return self._listing

    def listing_at(self, version: int) -> Listing:
        """The files as they were at a version; raises what ``deltalake`` raises when its log is gone."""
        from deltalake import DeltaTable

        return list_files(DeltaTable(str(self.folder), version=version), self.folder)

    def open(self) -> DeltaTable | None:
        """The table at its newest version, or None."""
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        for attempt in range(_TRIES):
            if not self.log.commit(0).exists() and not self.log.checkpoint.exists():
                return None
            try:
                return DeltaTable(str(self.folder))
            except TableNotFoundError:
                return None
            except Exception:
                # A clean-up of the log can remove a file between the listing and the read of it;
                # a power cut can leave the last commit torn.
                if attempt == _TRIES - 1:
                    raise
                self.log.repair(self.lease)
                time.sleep(0.01 * 2**attempt)
        return None

    def watermark(self, source: str) -> int | None:
        """The highest sequence number of a source that is in the table."""
        dt = self.open()
        return None if dt is None else dt.transaction_version(source)

    # --- writing --------------------------------------------------------------------

    def append(self, rows: pa.Table, source: str, seq: int) -> bool:
        """Add rows once per (source, seq); False when the table already has them.

        The watermark is checked on the very table object that commits, so a
        racer with the same source makes the commit fail instead of doubling.
        """
        from deltalake.exceptions import CommitFailedError
        from deltalake.transaction import CommitProperties, Transaction

        added: list[AddAction] | None = None
        for _ in range(_TRIES):
            dt = self._ready()
            mark = dt.transaction_version(source)
            if mark is not None and mark >= seq:
                self.discard(added or [])
                return False
            if added is None:
                added = self.write(rows)
            try:
                self.commit(dt, added, CommitProperties(app_transactions=[Transaction(source, seq)]))
            except CommitFailedError:
                continue
            return True
        self.discard(added or [])
        raise OSError(f"{self.folder}: {_TRIES} commits in a row were overtaken by another writer; try again")

    def commit(self, dt: DeltaTable, actions: Sequence[Any], properties: Any = None) -> None:
        """Commit file actions and bring the commit to disk."""
        before = dt.version()
        dt.create_write_transaction(
            list(actions), "append", self._schema(), self._partition(), commit_properties=properties
        )
        dt.update_incremental()
        self.log.sync_after(before)

    def write(self, rows: pa.Table) -> list[AddAction]:
        """Write rows as files that no version names yet, one a month, sorted by customer."""
        if not rows.num_rows:
            return []
        order = [(c, "ascending") for c in ("customer", "at", "name") if c in rows.column_names]
        month = self.months(rows) if self.monthly else None
        if month is not None:
            rows = rows.append_column("month", month)
            order.insert(0, ("month", "ascending"))
        rows = rows.cast(pa.schema([f.with_nullable(True) for f in rows.schema]))
        rows = rows.sort_by(order) if order else rows
        if month is None:
            return [self._write_file(rows, None)]
        runs = pc.run_end_encode(rows.column("month").combine_chunks())
        rows, start, added = rows.drop_columns(["month"]), 0, []
        for name, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            added.append(self._write_file(rows.slice(start, end - start), name))
            start = end
        return added

    def months(self, rows: pa.Table) -> pa.Array:
        """The month each row is filed under."""
        day = rows.column("day" if "day" in rows.column_names else "made_at").combine_chunks()
        return pc.strftime(pc.cast(day, DAY, safe=False), format="%Y-%m")

    def _write_file(self, rows: pa.Table, month: str | None) -> AddAction:
        import pyarrow.parquet as pq

        path = self.new_file(month)
        pq.write_table(rows, path, compression="zstd", row_group_size=ROWS_PER_GROUP)
        return self.added(path, month, statistics(rows))

    def new_file(self, month: str | None) -> Path:
        """A fresh name in the folder of a month, which is made if need be."""
        folder = self.folder / f"month={month}" if month else self.folder
        if not folder.exists():
            folder.mkdir()
            sync([self.folder])
        return folder / f"part-{uuid.uuid4()}.zstd.parquet"

    def added(self, path: Path, month: str | None, stats: str, data_change: bool = True) -> AddAction:
        """Bring a written file to disk and describe it."""
        from deltalake.transaction import AddAction

        sync([path, path.parent])
        return AddAction(
            path.relative_to(self.folder).as_posix(),
            path.stat().st_size,
            {"month": month} if month else {},
            int(time.time() * 1000),
            data_change,
            stats,
        )

    def removed(self, file: DataFile, data_change: bool) -> RemoveAction:
        """Say that a file is no longer part of the table."""
        from deltalake.transaction import RemoveAction

        return RemoveAction(
            Path(file.path).relative_to(self.folder).as_posix(),
            data_change,
            int(time.time() * 1000),
            file.size,
            {"month": file.month} if self.monthly else {},
        )

    def discard(self, added: Iterable[AddAction]) -> None:
        """Delete written files that were never committed."""
        for action in added:
            with contextlib.suppress(FileNotFoundError):
                (self.folder / action.path).unlink()

    def _ready(self) -> DeltaTable:
        """The table to write to: made, repaired or widened as needed."""
        from deltalake import DeltaTable

        dt = self.open()
        if dt is not None and dt.version() and self.log.commit(dt.version()).stat().st_size == 0:
            self.log.repair(self.lease)
            dt = self.open()
        if dt is None:
            dt = DeltaTable.create(
                str(self.folder),
                schema=self._schema(),
                partition_by=self._partition(),
                mode="ignore",
                configuration={"delta.deletedFileRetentionDuration": "interval 30 days"},
            )
            sync([self.log.commit(0), self.log.folder, self.folder, self.folder.parent])
        have = {f.name for f in dt.schema().fields}
        new = [f for f in self._schema() if f.name not in have]
        if new:
            from deltalake import Field, Schema

            before = dt.version()
            fields = Schema.from_arrow(pa.schema([f.with_nullable(True) for f in new])).fields
            dt.alter.add_columns([Field(f.name, f.type, nullable=True) for f in fields])
            dt.alter.set_table_properties({WIDENED: "true"}, raise_if_not_exists=False)
            dt.update_incremental()
            self.log.sync_after(before)
        return dt

    def _schema(self) -> pa.Schema:
        # Nullable throughout: what may be empty is checked by conform, and a
        # required column could not be added to a table later.
        schema = pa.schema([f.with_nullable(True) for f in self.table.schema])
        return schema.append(pa.field("month", pa.string())) if self.monthly else schema

    def _partition(self) -> list[str]:
        return ["month"] if self.monthly else []


def statistics(rows: pa.Table) -> str:
    """What the log may tell of a file: counts, days, revisions and kinds, never a customer."""
    low: dict[str, object] = {}
    high: dict[str, object] = {}
    for name in ("day", "revision", "kind"):
        if name in rows.column_names and rows.num_rows:
            ends = pc.min_max(rows.column(name)).as_py()
            low[name], high[name] = (v.isoformat() if hasattr(v, "isoformat") else v for v in ends.values())
    return json.dumps({"numRecords": rows.num_rows, "minValues": low, "maxValues": high})
