"""Where benchmarks keep their companies: one folder per run, or one that stays where REGULARS_BENCH says."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.process import Spent, regulars

PEOPLE = int(os.environ.get("REGULARS_BENCH_PEOPLE", "100000"))
DAY = "2026-07-01T09:00"


def folder() -> Path:
    """The folder of this run; ``python -m benchmarks`` sets it for its children and removes it in the end."""
    given = os.environ.get("REGULARS_BENCH")
    path = Path(given) if given else Path(tempfile.mkdtemp(prefix="regulars-bench-"))
    path.mkdir(parents=True, exist_ok=True)
    return path


def company(place: Path) -> tuple[Path, Spent | None]:
    """The home of the demo company of this run, and what making it took when it was made just now."""
    home = place / f"demo-{PEOPLE}"
    if (home / "demo").exists():
        return home, None
    return home, regulars(home, "demo", "--people", str(PEOPLE), "--now", DAY)
