"""Everything about one person, written out or erased, in the book, the lake and the files."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction
from django.utils import timezone

from regulars.trust.suppression import address_hash
from regulars.web.audit.services import record
from regulars.web.bridge.facts import everything
from regulars.web.bridge.lake import lake
from regulars.web.bridge.traces import files_scrub, marks_of, samples_scrub, uploads_waiting
from regulars.web.consents.services import address_suppress
from regulars.web.intake.models import InboxEvent
from regulars.web.people.models import Person

if TYPE_CHECKING:
    from regulars.home import Home


def _related(person: Person) -> Iterator[tuple[str, models.QuerySet[Any]]]:
    """Every table of the book that points to a person; a new one is covered without a word here."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel):
            continue
        rows = relation.related_model._default_manager.filter(**{relation.field.name: person})
        yield relation.related_model._meta.label_lower, rows


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def person_export(home: Home, key: str, to: Path | None = None, *, by: str) -> Path:
    """Write all we hold about a person as one zip: JSON to read by program, CSV to open by hand."""
    person = Person.objects.get(key=key)
    book: dict[str, list[dict[str, Any]]] = {"person": list(Person.objects.filter(key=key).values())}
    for name, rows in _related(person):
        book[name] = list(rows.values())
    whole = {"exported_at": timezone.now(), "customer": key, "book": book, "lake": everything(key)}
    stamp = datetime.now(UTC)
    path = Path(to) if to else home.path / "exports" / f"person-{key}-{stamp:%Y%m%d-%H%M%S}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", json.dumps(whole, ensure_ascii=False, indent=1, default=_plain))
        for room in ("book", "lake"):
            for name, rows in whole[room].items():  # type: ignore[attr-defined]
                if rows:
                    archive.writestr(f"{room}/{name}.csv", _csv(rows))
    record(by, "person_export", key)
    return path


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    text.write("\ufeff")  # Excel reads UTF-8 only with this mark
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def person_erase(home: Home, key: str, *, by: str) -> dict[str, Any]:
    """Erase a person for ever; returns the proof that is kept in the audit log.

    The order makes a crash harmless: the lake and the files go first, the row
    that leads to them last, so that a second call finds what is left.
    """
    # Everything needed is loaded before anything is erased.
    from regulars.web.search.services import forget

    person = Person.objects.get(key=key)
    marks = marks_of(person)
    for address in marks.emails:
        address_suppress(address_hash(home.key("suppression"), "email", address), "erased", timezone.now())
    InboxEvent.objects.filter(body__customer=key).delete()
    for event in InboxEvent.objects.filter(body__referrer=key):
        InboxEvent.objects.filter(id=event.id).update(body={**event.body, "referrer": None})
    held = {name: len(rows) for name, rows in everything(key).items()}
    erasure = lake().erase(key)
    files = files_scrub(home, marks, key)
    with transaction.atomic():
        forget([key])
        samples_scrub(marks)
        removed, by_table = person.delete()
    _flush_book()
    backups = sorted(p.name for p in home.backups_path.glob("*.tar.gz"))
    proof = {
        "customer": key,
        "rows": erasure.rows,
        "tables": list(erasure.tables),
        "book": removed,
        "book_rows": {name.lower(): n for name, n in by_table.items()},
        "lake_rows": held,
        "files": erasure.files_scanned,
        "clean": erasure.bytes_clean,
        "scrubbed": files,
        "files_waiting": uploads_waiting(),
        # Backups are not rewritten: they expire, and a restore must erase again.
        "backups_with_traces": backups,
    }
    record(by, "person_erase", key, **proof)
    return proof


def _flush_book() -> None:
    """Write the log into the book file: secure_delete zeroed the pages there, the log has the old ones."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
