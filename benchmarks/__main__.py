"""Every benchmark in one table: ``python -m benchmarks [name ...] [--peer-python PATH] [--write]``.

Each runs in a process of its own, one after the other; peers run in turn with us inside it. ``--write`` renews
``docs/measured.md``. Wall seconds and page times mean something on a quiet machine only: the load is printed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.lifetimes_peer import PEER_PYTHON
from benchmarks.process import ROOT
from benchmarks.rows import HEADER, Row, load, read, show

NAMES = (
    "rfm",
    "rfm_lake",
    "bgnbd",
    "forecast",
    "pareto_nbd",
    "segments",
    "attribution",
    "voice",
    "scoring",
    "import_file",
    "loop",
    "web",
    "mix_model",
    "mix_recovery",
    "experiment",
    "monitor",
    "budget",
    "resources",
    "next_best",
    "hillstrom",
    "schedule",
    "bandit",
)
MEASURED = ROOT / "docs" / "measured.md"


def main() -> None:
    ask = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed and memory, beside peers.")
    ask.add_argument("names", nargs="*", metavar="name", help=f"which ones (default: all): {', '.join(NAMES)}")
    ask.add_argument("--write", action="store_true", help="renew docs/measured.md; needs all of them")
    ask.add_argument("--peer-python", metavar="PATH", help="an interpreter with lifetimes and pandas < 3")
    given = ask.parse_args()
    if given.peer_python:
        os.environ[PEER_PYTHON] = str(Path(given.peer_python).absolute())
    names = given.names or list(NAMES)
    if unknown := sorted(set(names) - set(NAMES)):
        ask.error(f"there is no {', '.join(unknown)}; there is {', '.join(NAMES)}")
    if given.write and set(names) != set(NAMES):
        ask.error("--write renews the whole page: run it without names")
    kept = os.environ.get("REGULARS_BENCH")
    place = Path(kept or tempfile.mkdtemp(prefix="regulars-bench-"))
    try:
        begun, rows = load(), []
        for name in names:
            print(f"{name} ({load()})", file=sys.stderr, flush=True)
            rows += _one(name, place)
    finally:
        if not kept:
            shutil.rmtree(place, ignore_errors=True)
    show(rows)
    print(f"\n{begun} at the start, {load()} at the end")
    missed = [r.what.strip() for r in rows if r.met is False]
    print("missed: " + ("; ".join(missed) if missed else "none"))
    if given.write:
        MEASURED.write_text(_page(rows, begun), "utf-8")
        print(f"written: {MEASURED.relative_to(ROOT)}")


def _one(name: str, place: Path) -> list[Row]:
    file = place / f"{name}.json"
    file.unlink(missing_ok=True)
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--rows", str(file)],
        cwd=ROOT,
        env={**os.environ, "REGULARS_BENCH": str(place)},
    )
    if done.returncode or not file.exists():
        return [Row(name, f"failed with exit code {done.returncode}", met=False)]
    return read(file)


def _page(rows: list[Row], begun: str) -> str:
    """The table as a document; misses are said in words below it."""
    lines = [
        "# Measured",
        "",
        f"Written by `python -m benchmarks --write` on {datetime.now(UTC):%Y-%m-%d}, one run, {begun}, "
        f"Python {sys.version_info.major}.{sys.version_info.minor}. Not edited by hand.",
        "Ratios are of CPU seconds of the same run, ours and the peer's in turn; peaks are of the largest process.",
        "",
        "| " + " | ".join(HEADER) + " |",
        "| " + " | ".join("---" for _ in HEADER) + " |",
        *("| " + " | ".join(c.strip().replace("|", "/") for c in r.cells) + " |" for r in rows),
        "",
    ]
    missed = [r for r in rows if r.met is False]
    if missed:
        lines += ["Missed:", "", *(f"- {r.what.strip()}: {r.measured}, target {r.target}." for r in missed)]
    else:
        lines.append("No target was missed in this run.")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
