"""A table's commit log on disk: bringing it there, and mending it after a power cut."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from regulars.lake.lease import Lease

_REPAIR_WAIT_S = 10.0


class Log:
    """The folder of commits of one table."""

    def __init__(self, table: Path) -> None:
        self.folder = table / "_delta_log"
        self.checkpoint = self.folder / "_last_checkpoint"

    def commit(self, version: int) -> Path:
        """The file of one commit."""
        return self.folder / f"{version:020d}.json"

    def sync_after(self, version: int) -> None:
        """Bring commits and checkpoints newer than a version to disk."""
        new = [p for p in self.folder.iterdir() if p.name[:20].isdigit() and int(p.name[:20]) > version]
        if any(p.suffix == ".parquet" for p in new):
            new.append(self.checkpoint)
        sync([*new, self.folder])

    def repair(self, lease: Lease) -> None:
        """Remove a last commit that a power cut left empty or half written: nobody was answered for it.

        A commit gets its name only when it is complete, so a torn one is never one in the making.
        """
        if not self._torn():
            return
        with lease.hold(_REPAIR_WAIT_S):
            torn = self._torn()
            if torn:
                torn.unlink()
                sync([self.folder])

    def _torn(self) -> Path | None:
        last = max(self.folder.glob("*.json"), default=None)
        try:
            return last if last and not _whole(last.read_bytes()) else None
        except FileNotFoundError:
            return None


def sync(paths: Iterable[Path]) -> None:
    """Bring files and folders to disk; a file that is gone meanwhile needs no saving."""
    for path in paths:
        if os.name == "nt" and path.is_dir():
            continue
        with contextlib.suppress(FileNotFoundError):
            file = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
            try:
                os.fsync(file)
            finally:
                os.close(file)


def _whole(text: bytes) -> bool:
    try:
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return False
    return bool(lines) and all(isinstance(line, dict) for line in lines)
