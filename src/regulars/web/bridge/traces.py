"""Traces of a person outside their own rows: rejected rows, sandboxed mail, uploads, exports, samples of columns."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regulars.web.imports.models import ImportRun
from regulars.web.people.models import Identity, Person

if TYPE_CHECKING:
    from pathlib import Path

    from regulars.home import Home

# The last digits of a number are the same however its country and its gaps are written.
TAIL = 8
SHORTEST = 5


@dataclass(frozen=True)
class Marks:
    """What tells in a text that it is about this person."""

    name: str
    emails: frozenset[str]
    phones: frozenset[str]
    ids: frozenset[str]
    others: frozenset[str] = frozenset()

    def on(self, text: str) -> bool:
        """Whether a cell names the person: the whole name, an address, a number in any spelling, an id."""
        plain = unicodedata.normalize("NFKC", text).strip().casefold()
        if not plain:
            return False
        if plain == self.name or plain in self.ids or any(e in plain for e in self.emails):
            return True
        digits = re.sub(r"\D", "", plain)
        return any(phone in digits for phone in self.phones)

    def sampled(self, text: str) -> bool:
        """Whether a cell shown as a sample names the person or is one of the cells we kept of them."""
        return self.on(text) or text.strip().casefold() in self.others


def marks_of(person: Person) -> Marks:
    """Every name, address, number and id of a person that is long enough to be theirs alone."""
    found = list(Identity.objects.filter(person=person).values_list("kind", "value"))
    emails = {person.email, *(v for kind, v in found if kind == "email")}
    phones = {re.sub(r"\D", "", p) for p in (person.phone, *(v for kind, v in found if kind == "phone"))}
    ids = {v.partition(":")[2] if kind == "external_id" else v for kind, v in found if kind not in ("email", "phone")}
    return Marks(
        unicodedata.normalize("NFKC", person.name).strip().casefold() or "\0",
        frozenset(e.casefold() for e in emails if e),
        frozenset(p[-TAIL:] for p in phones if len(p) >= TAIL),
        frozenset(i.casefold() for i in ids if len(i) >= SHORTEST),
        frozenset(str(v).strip().casefold() for v in person.fields.values()),
    )


def files_scrub(home: Home, marks: Marks, key: str) -> int:
    """Take the person out of every file of the home; returns how many changed.

    Rejected rows go one by one. A sandboxed message goes whole, so does what was
    exported for the person, and an uploaded file whose import is done: the owner
    has the original.
    """
    changed = sum(_rows_scrub(file, marks) for file in home.rejects_path.rglob("*.csv"))
    for file in home.sandbox_path.rglob("*.eml"):
        head = file.read_text("utf-8", errors="replace").casefold()
        if any(e in head for e in marks.emails):
            file.unlink()
            changed += 1
    for file in (home.path / "exports").glob(f"person-{key}-*.zip"):
        file.unlink()
        changed += 1
    for run in ImportRun.objects.filter(state="done", dry_run=False).exclude(path=""):
        (home.path / run.path).unlink(missing_ok=True)
        ImportRun.objects.filter(uid=run.uid).update(path="")
        changed += 1
    return changed


def _rows_scrub(file: Path, marks: Marks) -> bool:
    with file.open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.reader(read))
    kept = [row for number, row in enumerate(rows) if number == 0 or not _named(row, marks)]
    if len(kept) == len(rows):
        return False
    draft = file.with_name(file.name + ".part")
    with draft.open("w", encoding="utf-8-sig", newline="") as write:
        csv.writer(write).writerows(kept)
    draft.replace(file)
    return True


def _named(cells: Iterable[str], marks: Marks) -> bool:
    return any(marks.on(cell) for cell in cells)


def samples_scrub(marks: Marks) -> None:
    """Take the person out of the samples that explain how the columns of a file were read."""
    for run in ImportRun.objects.exclude(mapping={}):
        choices = (run.mapping or {}).get("choices") or []
        clean = [{**c, "samples": [s for s in c.get("samples") or () if not marks.sampled(s)]} for c in choices]
        if clean != choices:
            ImportRun.objects.filter(uid=run.uid).update(mapping={**run.mapping, "choices": clean})


def uploads_waiting() -> list[str]:
    """Uploaded files that wait for the owner and may name the person: bringing them in would bring the person back."""
    waiting = ImportRun.objects.exclude(path="").exclude(state="done", dry_run=False)
    return list(waiting.order_by("created_at").values_list("file_name", flat=True)[:50])
