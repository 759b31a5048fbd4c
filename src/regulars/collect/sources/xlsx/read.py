"""One sheet of a workbook into texts; numbers a double cannot hold are taken from the file's own digits."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from regulars.collect.headers import is_known
from regulars.collect.headline import find_header
from regulars.collect.problems import ImportProblem
from regulars.collect.sheet import Sheet, unique_names

_LARGEST: Final = 768 * 1024**2
_EXACT: Final = 2.0**53


def as_text(value: Any) -> str:
    """A cell as text: whole numbers without a point, times in ISO.

    >>> as_text(12.0), as_text(2.55), as_text(datetime(2024, 3, 5, 15, 4)), as_text(True)
    ('12', '2.55', '2024-03-05 15:04:00', 'TRUE')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time(0) else value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, (int, timedelta)) else ""


def read_workbook(data: bytes, name: str, sheet: str = "") -> Sheet:
    """Read the sheet that looks most like a table, or the one that is named.

    Raises ``ImportProblem`` when the workbook is broken, locked or empty.
    """
    try:
        if data[:2] == b"PK" and sum(i.file_size for i in zipfile.ZipFile(io.BytesIO(data)).infolist()) > _LARGEST:
            raise ImportProblem(
                "file_too_large",
                what="The workbook unpacks to more than 768 MB",
                where=name,
                remedy="Export it as CSV.",
                megabytes=768,
            )
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [sheet] if sheet else book.sheet_names
        if sheet and sheet not in book.sheet_names:
            raise ImportProblem(
                "sheet_missing",
                what=f"The workbook has no sheet {sheet!r}",
                where=name,
                remedy="Sheets are: " + ", ".join(book.sheet_names),
                sheet=sheet,
            )
        found = [(n, book.get_sheet_by_name(n).to_python(skip_empty_area=False)) for n in names]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem(
            "file_broken",
            what=f"The workbook cannot be read: {str(error)[:200]}",
            where=name,
            remedy="Open it in a spreadsheet, take off the password, and save it again.",
        ) from error
    best: tuple[str, list[list[Any]]] = max(found, key=lambda f: _worth(f[1]), default=("", []))
    if not best[1]:
        raise ImportProblem(
            "file_empty", what="The workbook holds no row", where=name, remedy="Check that the right file was chosen."
        )
    others = ("other_sheets",) if sum(bool(rows) for _, rows in found) > 1 else ()
    return _sheet(best[1], _digits(data, best[0], best[1]), name, others)


def _worth(rows: list[list[Any]]) -> float:
    if not rows:
        return -1.0
    head = [[as_text(c) for c in r] for r in rows[:80]]
    at = find_header(head)
    return 0.0 if at is None else (1 + sum(is_known(c) for c in head[at])) * min(len(rows), 1000) ** 0.5


def _sheet(rows: list[list[Any]], exact: dict[tuple[int, int], str], name: str, notes: tuple[str, ...]) -> Sheet:
    head = [[as_text(c) for c in r] for r in rows[:80]]
    at = find_header(head)
    width = max(len(r) for r in rows)
    header = head[at] if at is not None else [f"column {i + 1}" for i in range(width)]
    notes += () if at is not None else ("no_header",)
    start = 0 if at is None else at + 1
    used = [
        i
        for i in range(width)
        if (i < len(header) and header[i].strip()) or any(i < len(r) and r[i] != "" for r in rows[start:])
    ]
    names = unique_names([header[i] if i < len(header) else "" for i in used])
    keep = [r for r in range(start, len(rows)) if any(c != "" for c in rows[r])]
    columns = [
        pa.array([exact.get((r, i)) or (as_text(rows[r][i]) if i < len(rows[r]) else "") for r in keep], pa.string())
        for i in used
    ]
    preamble = tuple(" ".join(c for c in r if c.strip()) for r in head[: at or 0] if any(c.strip() for c in r))
    return Sheet(
        names,
        pa.table(columns, names=list(names)),
        np.array([r + 1 for r in keep], np.int32),
        "xlsx",
        "",
        "",
        preamble,
        (),
        notes,
        name,
    )


def _digits(data: bytes, sheet: str, rows: list[list[Any]]) -> dict[tuple[int, int], str]:
    """The digits of whole numbers too long for a double, as they stand in the XML."""
    if not any(isinstance(c, float) and abs(c) >= _EXACT for r in rows for c in r) or data[:2] != b"PK":
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        try:
            book = packed.read("xl/workbook.xml").decode("utf-8", "replace")
            links = packed.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
            tags = [t for t in re.findall(r"<sheet\b[^>]*>", book) if f'name="{_escaped(sheet)}"' in t]
            link = re.search(r'r:id="([^"]+)"', tags[0])
            tag = next(t for t in re.findall(r"<Relationship\b[^>]*>", links) if link and f'Id="{link.group(1)}"' in t)
            target = re.search(r'Target="/?(?:xl/)?([^"]+)"', tag)
            body = packed.read("xl/" + target.group(1)) if target else b""
        except (KeyError, IndexError, StopIteration):
            return {}
    out = {}
    for letters, row, digits in re.findall(rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<v>(-?\d{16,40})(?:\.0+)?</v>', body):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        out[int(row) - 1, column - 1] = digits.decode()
    return out


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
