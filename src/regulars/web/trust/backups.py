"""Backups as the owner sees them: what there is, how old, how large; and nothing outside their folder."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from regulars.home import Home


@dataclass(frozen=True)
class Backup:
    """One file of the backups folder."""

    name: str
    size: int
    made_at: dt.datetime

    @property
    def megabytes(self) -> float:
        return self.size / 1e6


def backups(home: Home) -> list[Backup]:
    """The backups there are, the newest first."""
    found = [(file.name, file.stat()) for file in home.backups_path.glob("*.tar.gz") if file.is_file()]
    made = [Backup(name, s.st_size, dt.datetime.fromtimestamp(s.st_mtime, dt.UTC)) for name, s in found]
    return sorted(made, key=lambda b: b.made_at, reverse=True)


def backup_path(home: Home, name: str) -> Path | None:
    """The file of a backup; a name that is not in the list, however it is written, has none."""
    known = {b.name for b in backups(home)}
    path = home.backups_path / name
    # A link in the folder must not lead out of it.
    return path if name in known and path.resolve().parent == home.backups_path.resolve() else None
