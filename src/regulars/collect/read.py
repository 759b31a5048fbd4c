"""Open any supported file as a sheet; what it is, is told by its first bytes, not by its name."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from regulars.collect.problems import ImportProblem

if TYPE_CHECKING:
    from regulars.collect.sheet import Sheet

LARGEST: Final = 2 * 1024**3  # bytes after unpacking; a company of one has no larger export
_CHUNK: Final = 1 << 20


def _limit(name: str, largest: int) -> ImportProblem:
    return ImportProblem(
        "file_too_large",
        what=f"The file unpacks to more than {largest // 1024**2} MB",
        where=name,
        remedy="Split it, or export a shorter period.",
        megabytes=largest // 1024**2,
    )


def unpack(data: bytes, name: str, largest: int = LARGEST) -> bytes:
    """Undo gzip, stopping at ``largest`` bytes so that a bomb costs nothing.

    >>> unpack(gzip.compress(b"a,b"), "x.csv.gz")
    b'a,b'
    """
    out = io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            while chunk := packed.read(_CHUNK):
                out.write(chunk)
                if out.tell() > largest:
                    raise _limit(name, largest)
    except (OSError, EOFError) as error:
        raise ImportProblem(
            "file_broken", what="The gzip file is broken", where=name, remedy="Download it again."
        ) from error
    return out.getvalue()


def _from_zip(data: bytes, name: str, largest: int) -> tuple[bytes, str] | None:
    """The one table inside a zip, or ``None`` when the zip is a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            infos = [i for i in packed.infolist() if not i.is_dir() and "__MACOSX" not in i.filename]
            if sum(i.file_size for i in infos) > largest:
                raise _limit(name, largest)
            names = {i.filename for i in infos}
            if "[Content_Types].xml" in names or "content.xml" in names:
                return None
            tables = [
                i
                for i in infos
                if Path(i.filename).suffix.lower()
                in {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".jsonl", ".json", ".parquet", ".vcf"}
            ]
            if len(tables) != 1:
                raise ImportProblem(
                    "zip_unclear",
                    what=f"The zip holds {len(tables)} tables",
                    where=name,
                    remedy="Unzip it and import the files one by one.",
                    tables=len(tables),
                )
            if tables[0].flag_bits & 0x1:
                raise ImportProblem(
                    "zip_locked",
                    what="The zip has a password",
                    where=name,
                    remedy="Unzip it with the password you were sent, then import the file.",
                )
            return packed.read(tables[0]), f"{name}/{Path(tables[0].filename).name}"
    except zipfile.BadZipFile as error:
        raise ImportProblem(
            "file_broken",
            what="The zip or Excel file is broken",
            where=name,
            remedy="Open it in a spreadsheet and save it again.",
        ) from error


def open_sheet(
    source: Path | str | bytes | IO[bytes],
    *,
    name: str = "",
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    largest: int = LARGEST,
) -> Sheet:
    """Open a file, bytes or an open binary file as a sheet of texts.

    CSV and TSV in any common encoding, Excel (xlsx, xlsm, xls, ods), JSON lines
    or a JSON list, Parquet, vCard; each also gzipped or alone in a zip.

    Raises ``ImportProblem`` when it cannot be read.
    """
    if isinstance(source, bytes):
        data, name = source, name or "bytes"
    elif isinstance(source, (str, Path)):
        path = Path(source)
        name = name or path.name
        try:
            if path.stat().st_size > largest:
                raise _limit(name, largest)
            data = path.read_bytes()
        except OSError as error:
            raise ImportProblem(
                "file_missing",
                what=f"The file cannot be opened: {error.strerror}",
                where=name,
                remedy="Check the path and that you may read it.",
            ) from error
    else:
        data, name = source.read(), name or Path(str(getattr(source, "name", "upload"))).name
    if data[:2] == b"\x1f\x8b":
        data = unpack(data, name, largest)
    if data[:4] == b"PK\x03\x04":
        inner = _from_zip(data, name, largest)
        if inner is not None:
            return open_sheet(
                inner[0], name=inner[1], encoding=encoding, delimiter=delimiter, sheet=sheet, largest=largest
            )
        from regulars.collect.sources.xlsx import read_workbook

        return read_workbook(data, name, sheet)
    if data[:4] == b"\xd0\xcf\x11\xe0":
        from regulars.collect.sources.xlsx import read_workbook

        return read_workbook(data, name, sheet)
    if data[:4] == b"PAR1":
        import pyarrow as pa

        from regulars.collect.sources.parquet import read_parquet

        return read_parquet(pa.BufferReader(data), name)
    return _text(data, name, encoding, delimiter)


def _text(data: bytes, name: str, encoding: str, delimiter: str) -> Sheet:
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ImportProblem(
            "file_empty", what="The file is empty", where=name, remedy="Export it again and check its size."
        )
    for mark, what in (
        (b"%PDF", "PDF"),
        (b"\x89PNG", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x7fELF", "program"),
        (b"MZ\x90", "program"),
        (b"SQLite format 3", "SQLite"),
    ):
        if data.startswith(mark):
            raise ImportProblem(
                "not_a_table",
                what=f"This is a {what} file, not a table",
                where=name,
                remedy="Export the table as CSV, Excel, JSON lines or Parquet.",
                format=what,
            )
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:12].upper().startswith(b"BEGIN:VCARD"):
        from regulars.collect.sources.vcard import read_cards

        return read_cards(data, name, encoding)
    if start[:1] in (b"{", b"[") and start[1:400].lstrip()[:1] in (b'"', b"{", b"}", b"]"):
        from regulars.collect.sources.jsonl import read_json

        return read_json(data, name)
    if (
        start[:300]
        .lower()
        .lstrip(b"\xef\xbb\xbf")
        .startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<?xml"))
    ):
        from regulars.collect.sources.html import read_html

        return read_html(data, name, encoding)
    from regulars.collect.sources.csv import read_text

    return read_text(data, name, encoding=encoding, delimiter=delimiter)
