"""A command in a process of its own, with the seconds and the memory it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = str(Path(sys.executable).parent / "regulars")


@dataclass(frozen=True)
class Spent:
    """Wall and CPU seconds, the largest resident size in MB, and what was printed."""

    wall: float
    cpu: float
    peak: float
    output: str


def run(command: Sequence[str], **environment: str) -> Spent:
    """Run a command to its end, from before its interpreter starts.

    The peak is of the largest single process in it. Raises ``CalledProcessError`` when it fails.
    """
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command), output)
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def regulars(home: Path, *arguments: str) -> Spent:
    """Run the program's own command line on a home."""
    return run([PROGRAM, "--home", str(home), "--json", *arguments])
