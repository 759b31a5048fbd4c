"""Writes of imports: a file taken in, the owner's wishes about it, its check and its import."""

from __future__ import annotations

import secrets
from typing import Any

from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.imports.models import ImportRun
from regulars.web.imports.preview import columns_of
from regulars.web.imports.uploads import Received, keep
from regulars.web.jobs.services import job_start

READING = ("encoding", "delimiter", "sheet")


def import_receive(part: Any, by: str) -> ImportRun:
    """Take an uploaded file in. A file with the columns of an earlier one is read and named as that one was."""
    uid = secrets.token_hex(8)
    return _begin(uid, keep(part, uid), by)


def _begin(uid: str, file: Received, by: str) -> ImportRun:
    run = ImportRun.objects.create(
        uid=uid, file_name=file.name, path=file.path, sha256=file.sha256,
        source=file.name.split(".")[0][:100], state="uploaded", created_at=timezone.now(),
    )  # fmt: skip
    alike = _alike(run)
    if alike is not None:
        run.source = alike.source
        run.mapping = {"wishes": alike.mapping.get("wishes") or {}, "reading": alike.mapping.get("reading") or {}}
        run.save(update_fields=["source", "mapping"])
    record(by, "file_upload", run.uid, bytes=file.size)
    return run


def _alike(run: ImportRun) -> ImportRun | None:
    """The newest import of a file with the same columns: the same orders must keep the same source."""
    header = columns_of(run)
    past = ImportRun.objects.filter(state="done", dry_run=False).exclude(uid=run.uid)
    if not header:
        return past.filter(file_name=run.file_name).first()
    return next((p for p in past[:50] if set((p.mapping or {}).get("columns") or ()) == set(header)), None)


def import_wish(uid: str, *, kind: str, was_kind: str, fields: dict[str, str], reading: dict[str, str],
                source: str) -> ImportRun:  # fmt: skip
    """Keep what the owner chose: the kind, a field for each column that was changed, how to read, the source.

    Another kind has other fields, so it begins with the program's own choices.
    """
    run = ImportRun.objects.get(uid=uid)
    asked = dict(run.mapping or {})
    wishes = dict(asked.get("wishes") or {})
    columns = {} if kind != was_kind else {**(wishes.get("columns") or {}), **fields}
    if kind != was_kind or wishes.get("kind"):
        wishes["kind"] = kind
    wishes["columns"] = columns
    run.mapping = {"wishes": {k: v for k, v in wishes.items() if v}, "reading": {k: v for k, v in reading.items() if v}}
    run.source = source.strip()[:100] or run.source
    run.kind, run.state, run.dry_run, run.counts, run.problem = "", "uploaded", False, {}, None
    run.save()
    return run


def import_forget(uid: str) -> ImportRun:
    """Drop every wish: the program chooses again."""
    fresh = {"mapping": {}, "kind": "", "state": "uploaded", "dry_run": False, "counts": {}, "problem": None}
    ImportRun.objects.filter(uid=uid).update(**fresh)
    return ImportRun.objects.get(uid=uid)


def import_start(uid: str, *, dry_run: bool, by: str, language: str) -> Any:
    """Check a file or bring it in; the same code does both, a check is taken back at the end."""
    run = ImportRun.objects.get(uid=uid)
    asked = run.mapping or {}
    run.dry_run, run.state, run.problem = dry_run, "queued", None
    run.counts = {} if dry_run else run.counts
    run.save(update_fields=["dry_run", "state", "problem", "counts"])
    return job_start("file_import", {
        "run": uid, "dry_run": dry_run, "mapping": asked.get("wishes") or None, "reading": asked.get("reading") or None,
        "by": by, "language": language,
    })  # fmt: skip


def import_again(uid: str, by: str) -> ImportRun:
    """The same file once more from the beginning, as the owner had it read."""
    old = ImportRun.objects.get(uid=uid)
    run = ImportRun.objects.create(
        uid=secrets.token_hex(8), file_name=old.file_name, path=old.path, sha256=old.sha256, source=old.source,
        mapping={k: (old.mapping or {}).get(k) or {} for k in ("wishes", "reading")}, created_at=timezone.now(),
    )  # fmt: skip
    record(by, "file_again", run.uid, of=uid)
    return run
