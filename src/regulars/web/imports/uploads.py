"""Uploads: straight to the home's own folder, never through memory, under a name nobody else chose."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

# The reader holds a file in memory, so the largest it takes unpacked (2 GB) is no good limit for what comes in.
LIMIT = 512 * 1024**2
SUFFIXES = frozenset(
    {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".parquet", ".vcf", ".zip", ".gz"}
)


@dataclass(frozen=True)
class Received:
    """A file that has come in: the name it had, where it lies in the home, and what it is."""

    name: str
    path: str
    sha256: str
    size: int


class _Part(TemporaryUploadedFile):
    """A part of a request, written where it will stay."""

    def __init__(self, name: str | None, *rest: Any) -> None:
        file = NamedTemporaryFile(prefix="incoming-", dir=settings.HOME.uploads_path)  # noqa: SIM115
        UploadedFile.__init__(self, file, name, *rest)


class ToHome(FileUploadHandler):
    """Write each file to the uploads of the home while it arrives; stop reading when it is too large."""

    def __init__(self, request: Any = None, limit: int | None = None) -> None:
        super().__init__(request)
        self.limit = LIMIT if limit is None else limit
        self.too_large = False

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any,
                         encoding: Any = None) -> None:  # fmt: skip
        self.too_large = content_length > self.limit + 65536

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.too_large:
            raise SkipFile
        settings.HOME.uploads_path.mkdir(parents=True, exist_ok=True)
        self.sum = hashlib.sha256()
        self.file = _Part(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > self.limit:
            self.too_large = True
            # Read to the end without keeping it: a browser that is cut off never shows why.
            raise StopUpload(connection_reset=False)
        self.sum.update(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        self.file.size = file_size
        self.file.sha256 = self.sum.hexdigest()
        return self.file


def clean_name(name: str) -> str:
    r"""The name of a file without folders, control characters and what would not fit.

    >>> clean_name("..\\..\\etc/订单 2026\x00.csv"), clean_name("/"), clean_name(".csv")
    ('订单 2026.csv', 'file', 'file.csv')
    """
    last = PureWindowsPath(PurePosixPath(name or "").name).name
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    kept = re.sub(r'[<>:"|?*]', "_", kept).strip(" .") if not kept.startswith(".") else "file" + kept
    stem, dot, suffix = kept.rpartition(".")
    return f"{stem[:150]}.{suffix[:20]}" if dot else kept[:150] or "file"


def keep(part: Any, uid: str) -> Received:
    """Give an uploaded part its place in the home; its name on disk comes from us."""
    name = clean_name(part.name)
    suffix = PurePosixPath(name).suffix.lower()
    place = settings.HOME.uploads_path / f"{uid}{suffix if suffix in SUFFIXES else ''}"
    part.file.flush()
    os.replace(part.temporary_file_path(), place)
    os.chmod(place, 0o600)
    return Received(name, str(place.relative_to(settings.HOME.path)), part.sha256, part.size)
