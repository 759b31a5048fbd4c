"""What a file seems to be, read with the code that will import it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from regulars.web.imports.models import ImportRun

if TYPE_CHECKING:
    from regulars.collect.problems import ImportProblem
    from regulars.collect.turn import Preview

# Text files are previewed from their beginning: a choice must be answered at once, whatever the size.
HEAD = 8 * 1024**2
PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Shown:
    """A preview, or the reason why there is none."""

    preview: Preview | None
    problem: dict[str, Any] | None = None
    part: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)

    @property
    def columns(self) -> list[dict[str, Any]]:
        """One line a column: its name, the field chosen, three values, why, how sure."""
        from regulars.web.words.mapping import mapping_reason

        if self.preview is None:
            return []
        return [
            {"index": i, "name": c.column, "field": c.field or "", "samples": c.samples, "why": mapping_reason(c),
             "sure": c.confidence, "used": c.field not in (None, "ignore"), "mine": c.why == "chosen_by_owner"}
            for i, c in enumerate(self.preview.mapping.choices)
        ]  # fmt: skip

    @property
    def unused(self) -> int:
        return sum(not c["used"] for c in self.columns)

    @property
    def cells(self) -> list[tuple[str, ...]]:
        return [row[:40] for row in self.preview.first_rows[:8]] if self.preview else []


def shown(run: ImportRun) -> Shown:
    """Look at an uploaded file as the owner wants it read."""
    from regulars.collect.problems import ImportProblem
    from regulars.collect.turn import preview
    from regulars.web.words.mapping import fields_in_words

    asked = run.mapping or {}
    path = Path(settings.HOME.path / run.path)
    try:
        if not run.path or not path.is_file():
            raise ImportProblem("file_gone", what="The file is no longer here", where=run.file_name,
                                remedy="Upload it again.")  # fmt: skip
        source, part = head(path)
        wishes = asked.get("wishes") or {}
        found = preview(source, mapping=wishes or None, name=run.file_name, rows=8, **(asked.get("reading") or {}))
        if found.rows == 0:
            raise ImportProblem("no_rows", what="The file has a header but no row", where=run.file_name,
                                remedy="Check that the export was not filtered to nothing.")  # fmt: skip
    except ImportProblem as error:
        return Shown(None, plain(error))
    return Shown(found, None, part, fields_in_words(found.kind))


def head(path: Path) -> tuple[Path | bytes, bool]:
    """The file, or only its beginning where it is long text; and whether it is only a part."""
    with path.open("rb") as file:
        begun = file.read(HEAD)
    if len(begun) < HEAD or begun.startswith(PACKED) or b"\x00" in begun[:4096]:
        return path, False
    return begun[: begun.rfind(b"\n") + 1] or begun, True


def plain(error: ImportProblem) -> dict[str, Any]:
    return {"code": error.code, "what": error.what, "where": error.where, "remedy": error.remedy,
            "values": {k: str(v) for k, v in error.values.items()}}  # fmt: skip


def columns_of(run: ImportRun) -> tuple[str, ...]:
    """The header of a file, or nothing when it cannot be read."""
    found = shown(run).preview
    return found.header if found else ()
