"""What a power cut may leave of a log, and what is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.lake.lease import Lease
from regulars.lake.log import Log


@pytest.mark.parametrize(
    ("text", "stays"),
    [(b'{"commitInfo":{}}\n{"add":{}}\n', True), (b"", False), (b"\n", False), (b'{"commitInfo":{}}\n{"ad', False),
     (b"\0\0\0\0", False), (b"[1]", False)],
)  # fmt: skip
def test_only_a_torn_last_commit_is_removed(tmp_path: Path, text: bytes, stays: bool):
    log = Log(tmp_path)
    log.folder.mkdir()
    log.commit(0).write_bytes(b"")  # not the last: never touched
    log.commit(1).write_bytes(text)
    log.repair(Lease(tmp_path / ".lease"))
    assert log.commit(1).exists() == stays
    assert log.commit(0).exists()
