"""`regulars ...` many times in one process: starting Python and Django costs seconds, a command itself does not."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as JSON; NaN and Infinity are no JSON."""

        def refuse(name: str) -> None:
            raise ValueError(f"{name} is not JSON")

        return json.loads(self.out, parse_constant=refuse)


def environment() -> dict[str, str]:
    """The environment without the settings and the home of the test run."""
    ours = ("DJANGO_SETTINGS_MODULE", "REGULARS_HOME")
    return {k: v for k, v in os.environ.items() if k not in ours} | {"COLUMNS": "200"}


class Commands:
    """The command line of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__], env=environment(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def __call__(self, *arguments: str) -> Answer:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(["--home", str(self.home), *arguments]) + "\n")
        return Answer(**json.loads(self.process.stdout.readline()))

    def stop(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def main() -> None:
    """Run each line of the input, a JSON list of arguments, as the command line would."""
    from regulars.cli import main as run

    channel = sys.stdout
    for line in sys.stdin:
        sys.argv = ["regulars", *json.loads(line)]
        out, err, code = io.StringIO(), io.StringIO(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                run()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            except BaseException:
                traceback.print_exc()
                code = 1
        print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), file=channel, flush=True)


if __name__ == "__main__":
    main()
