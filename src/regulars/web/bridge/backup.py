"""Backups that are right although the program runs, checked before they are put back.

A backup is one ``.tar.gz``: the book copied by SQLite's own backup (or row by row out of PostgreSQL), the lake
while nobody writes to it, keys and settings, and a manifest with the hash of
every file. The book is copied first: a fact may then be in the lake and still
in the inbox, and the inbox's watermark in the lake keeps it from counting twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.home import Home

MANIFEST = "manifest.json"
FORMAT = 1
KEEP = ("regulars.toml", "keys", "lake", "templates")


class BackupProblem(RuntimeError):
    """A backup that cannot be made or trusted: says why and what to do."""


def backup_make(
    home: Home, to: Path | None = None, *, progress: Callable[[str, float], None] = lambda stage, share: None
) -> Path:
    """Write a backup and check it; returns its path."""
    from regulars import __version__
    from regulars.web.audit.services import record
    from regulars.web.bridge.lake import lake

    stamp = datetime.now(UTC)
    path = Path(to) if to else home.backups_path / f"regulars-{stamp:%Y%m%d-%H%M%S}.tar.gz"
    if path.exists():
        raise BackupProblem(f"{path} exists; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    hashes: dict[str, dict[str, Any]] = {}
    record("program", "backup_make", path.name)
    with lake().lease(), tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        book = Path(scratch) / "book.sqlite3"
        _copy_book(home.book_path, book)
        files = [(book, "book.sqlite3"), *_files(home)]
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # Parquet is compressed already: level 1 costs a fifth of level 9 and gives the same size.
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
            for number, (file, name) in enumerate(files):
                progress("backup", number / len(files) * 0.8)
                hashes[name] = {"bytes": file.stat().st_size, "sha256": _sha256(file)}
                archive.add(file, name, recursive=False)
            manifest = {
                "format": FORMAT,
                "version": __version__,
                "made_at": stamp.isoformat(timespec="seconds"),
                "company": home.settings.company,
                "files": hashes,
            }
            body = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
            archive.close()
            raw.flush()
            os.fsync(raw.fileno())
    progress("check", 0.85)
    try:
        backup_check(draft)
    except BackupProblem:
        draft.unlink()
        raise
    draft.replace(path)
    progress("check", 1.0)
    return path


def backup_check(path: Path) -> dict[str, Any]:
    """Read a backup through and compare every hash; returns its manifest.

    Raises ``BackupProblem`` when it is damaged, incomplete or not a backup.
    """
    if not path.is_file():
        raise BackupProblem(f"there is no file {path}")
    seen: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(path, "r:gz") as archive:
            for entry in archive:
                content = archive.extractfile(entry)
                if not entry.isfile() or content is None or Path(entry.name).is_absolute() or ".." in entry.name:
                    raise BackupProblem(f"{path.name} holds {entry.name!r}, which no backup of ours does")
                if entry.name == MANIFEST:
                    manifest = json.loads(content.read())
                else:
                    seen[entry.name] = hashlib.file_digest(content, "sha256").hexdigest()
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise BackupProblem(f"{path.name} is damaged ({error}); use an older backup") from error
    if manifest is None or manifest.get("format") != FORMAT:
        raise BackupProblem(f"{path.name} is not a backup made by regulars")
    wrong = [n for n, f in manifest["files"].items() if seen.get(n) != f["sha256"]]
    if wrong or set(seen) != set(manifest["files"]):
        raise BackupProblem(
            f"{path.name} is damaged: {(wrong or sorted(set(seen) ^ set(manifest['files'])))[0]} differs"
        )
    return manifest


def backup_restore(home: Home, path: Path) -> Path | None:
    """Put a checked backup in the place of the home; returns where the old one was moved to.

    Stop the program first: a running worker would go on writing to the old files.
    """
    backup_check(path)
    home.path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".restore-", dir=home.path.parent))
    with tarfile.open(path, "r:gz") as archive:
        archive.extractall(draft, filter="data")
    (draft / MANIFEST).unlink()
    kept = None
    if home.path.exists():
        kept = home.path.with_name(f"{home.path.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
        home.path.rename(kept)
        backups = kept / home.backups_path.name
        if backups.is_dir():
            shutil.move(backups, draft / backups.name)
    draft.rename(home.path)
    os.chmod(home.path, 0o755)  # noqa: S103  # nosec B103  (mkdtemp made it 0700; a home is an ordinary folder)
    home.create()
    return kept


def backup_load(home: Home, kept: Path | None) -> None:
    """Where the book lies in PostgreSQL, put the restored file's rows there; what was there goes to ``kept``.

    Called once the program is set up on the restored home; elsewhere the restored file is the book itself.
    """
    from django.db import connection

    if connection.vendor == "sqlite":
        return
    from regulars.web.bridge.book_copy import book_from_file, book_to_file

    if kept is not None:
        book_to_file(kept / "book-before.sqlite3")
    book_from_file(home.book_path)
    home.book_path.unlink()


def _files(home: Home) -> Iterator[tuple[Path, str]]:
    for name in KEEP:
        root = home.path / name
        if root.is_file():
            yield root, name
        for file in sorted(root.rglob("*")) if root.is_dir() else ():
            if file.is_file() and not file.name.endswith(".lock"):
                yield file, file.relative_to(home.path).as_posix()


def _copy_book(book: Path, to: Path) -> None:
    from django.db import connection

    if connection.vendor != "sqlite":
        from regulars.web.bridge.book_copy import book_to_file

        book_to_file(to)
        return
    with contextlib.closing(sqlite3.connect(book)) as source, contextlib.closing(sqlite3.connect(to)) as target:
        source.backup(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
