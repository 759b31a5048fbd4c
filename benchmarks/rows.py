"""What every benchmark hands back: rows of one table, printed alike and kept alike."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

HEADER = ("what", "measured", "peer", "ratio", "target", "verdict")


@dataclass(frozen=True)
class Row:
    """One figure beside its peer and its target; ``met`` is None where no target was set or nothing was measured."""

    what: str
    measured: str
    peer: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return {None: "", True: "met", False: "MISSED"}[self.met]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as texts."""
        return (self.what, self.measured, self.peer, self.ratio, self.target, self.verdict)


def load() -> str:
    """How busy the machine is: the load average of the last minute beside the number of cores."""
    return f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores"


def show(rows: Iterable[Row]) -> None:
    """Print rows as one table."""
    cells = [HEADER, *(r.cells for r in rows)]
    widths = [max(_width(c[i]) for c in cells) for i in range(len(HEADER))]
    for number, row in enumerate(cells):
        print("  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * w for w in widths))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def answer(measure: Callable[[], list[Row]]) -> None:
    """Run one benchmark: print its rows, or write them where ``--rows FILE`` says."""
    rows = measure()
    if "--rows" in sys.argv:
        file = Path(sys.argv[sys.argv.index("--rows") + 1])
        file.write_text(json.dumps([asdict(r) for r in rows], ensure_ascii=False), "utf-8")
    else:
        show(rows)
        print(load())


def read(file: Path) -> list[Row]:
    """Rows another process wrote; none when it died."""
    return [Row(**r) for r in json.loads(file.read_text("utf-8"))] if file.exists() else []
