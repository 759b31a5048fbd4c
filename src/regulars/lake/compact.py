"""Fewer, sorted files: each month becomes one file, ordered by customer."""

from __future__ import annotations

import contextlib
import json
from itertools import groupby
from typing import TYPE_CHECKING

from regulars.lake.delta import ROWS_PER_GROUP
from regulars.lake.engines.duck import literal, literals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb
    from deltalake.transaction import AddAction

    from regulars.lake.delta import Delta
    from regulars.lake.listing import DataFile


def compact(delta: Delta, connection: duckdb.DuckDBPyConnection, most_files: int, keep_days: float) -> int:
    """Rewrite every month that has more than ``most_files`` files; how many files went.

    Replaced files stay ``keep_days`` for readers and snapshots; watermarks stay
    for good. Needs the lease.
    """
    dt = delta.open()
    listing = delta.listing()
    if dt is None or listing is None:
        return 0
    actions = []
    for month, group in groupby(listing.files, key=lambda f: f.month):
        files = list(group)
        if len(files) > max(most_files, 1):
            actions += [delta.removed(f, False) for f in files]
            actions.append(rewrite(delta, connection, files, month, data_change=False))
    if not actions:
        return 0
    delta.commit(dt, actions)
    before = dt.version()
    dt.vacuum(int(keep_days * 24), dry_run=False, enforce_retention_duration=False, full=True)
    dt.update_incremental()
    dt.create_checkpoint()
    dt.cleanup_metadata()
    delta.log.sync_after(before)
    return len(actions)


def rewrite(
    delta: Delta, connection: duckdb.DuckDBPyConnection, files: Sequence[DataFile], month: str | None,
    select: str = "*", where: str = "true", *, data_change: bool,
) -> AddAction:  # fmt: skip
    """Write the rows of some files as one file sorted by customer; it is not committed yet."""
    path = delta.new_file(month)
    source = f"read_parquet({literals([f.path for f in files])}, hive_partitioning = false, union_by_name = true)"
    by = [f'"{c}"' for c in ("customer", "at", "name") if c in delta.table.names]
    # One file is in order already, and a copy keeps it.
    order = f"ORDER BY {', '.join(by)}" if by and len(files) > 1 else ""
    try:
        connection.execute(
            f"COPY (SELECT {select} FROM {source} WHERE {where} {order}) TO {literal(str(path))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
        )
        return delta.added(path, month, _statistics(delta, connection, path), data_change)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        raise


def _statistics(delta: Delta, connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    names = [n for n in ("day", "revision", "kind") if n in delta.table.names]
    ends = "".join(f", min({n})::VARCHAR, max({n})::VARCHAR" for n in names)
    [found] = connection.execute(f"SELECT count(*){ends} FROM read_parquet(?)", [str(path)]).fetchall()
    value = {n: int if n == "revision" else str for n in names}
    low = {n: value[n](v) for n, v in zip(names, found[1::2], strict=True) if v is not None}
    high = {n: value[n](v) for n, v in zip(names, found[2::2], strict=True) if v is not None}
    return json.dumps({"numRecords": found[0], "minValues": low, "maxValues": high})
