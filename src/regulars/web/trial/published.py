"""The last published result of the trial, a file that comes with the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PLACE = Path(__file__).with_name("result.json")


def read() -> dict[str, Any] | None:
    """The result, or None when none was published."""
    if not PLACE.is_file():
        return None
    found: dict[str, Any] = json.loads(PLACE.read_text("utf-8"))
    return found


def write(found: dict[str, Any]) -> None:
    """Keep a result for the page."""
    PLACE.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
