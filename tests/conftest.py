"""Fixtures every test may ask for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the checkout, or skip."""
    folder = Path(os.environ.get("REGULARS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no data sets at {folder}")
    return folder


@pytest.fixture
def home(tmp_path, settings, monkeypatch):
    """A fresh home that the host uses for the length of one test."""
    from regulars.home import Home
    from regulars.web.bridge.lake import lake
    from regulars.web.outbox.unsubscribe import keys

    fresh = Home(tmp_path / "home")
    fresh.create(company="测试公司", zone="Asia/Shanghai", currency="CNY", language="zh-hans")
    monkeypatch.setenv("REGULARS_HOME", str(fresh.path))
    settings.HOME = fresh
    lake.cache_clear()
    keys.cache_clear()
    yield fresh
    lake.cache_clear()
    keys.cache_clear()


class Sink:
    """A running SMTP server and what it accepted."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "accepted"
        self.log.touch()
        command = [sys.executable, "-W", "ignore", str(ROOT / "tests" / "smtp_sink.py"), str(self.log)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def accepted(self) -> Counter[str]:
        return Counter(line.split()[0] for line in self.log.read_text().splitlines())

    def messages(self) -> list[EmailMessage]:
        """What it accepted, as a mail program reads it."""
        lines = self.log.with_name(f"{self.log.name}.texts").read_text("ascii").splitlines()
        return [message_from_bytes(json.loads(line).encode("latin-1"), policy=policy.default) for line in lines]

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
