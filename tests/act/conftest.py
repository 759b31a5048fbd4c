from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


class Sink:
    """A running SMTP server and what it accepted."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "accepted"
        self.log.touch()
        command = [sys.executable, "-W", "ignore", str(HERE / "smtp_sink.py"), str(self.log)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def accepted(self) -> Counter[str]:
        return Counter(line.split()[0] for line in self.log.read_text().splitlines())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    running = Sink(tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def sqlite_outbox() -> ModuleType:
    """The reference store, which also runs as a program."""
    spec = importlib.util.spec_from_file_location("sqlite_outbox", HERE / "sqlite_outbox.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
