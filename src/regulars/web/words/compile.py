"""Compile the catalogues that changed: ``python -m regulars.web.words.compile``."""

from __future__ import annotations

import os
from pathlib import Path

from regulars.web.words import po

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def compile_changed(folder: Path = LOCALE) -> list[Path]:
    """Write each ``.mo`` that is missing or older than its ``.po``; returns those written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_name(f"{target.name}.{os.getpid()}")  # two processes may start at once
        draft.write_bytes(po.compiled(po.read(source)))
        draft.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    for path in compile_changed():
        print(f"compiled {path.parent.parent.name}")
