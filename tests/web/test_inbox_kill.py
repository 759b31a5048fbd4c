"""kill -9 on those who take facts in and those who move them: what was promised is in the lake, and once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from regulars.home import Home
from regulars.lake import Lake

PROGRAM = str(Path(__file__).with_name("inbox_worker.py"))
BATCH = 7
KILLS = 30


class Program:
    """The loaded program, which starts processes for us to kill."""

    def __init__(self, home: Home) -> None:
        self.home = home
        environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {
            "REGULARS_HOME": str(home.path)
        }
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", PROGRAM], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1,
        )  # fmt: skip

    def start(self, what: str, name: str) -> int:
        print(f"{what} {name} {ledger(self.home, name)}", file=self.process.stdin)
        pid = int(self.process.stdout.readline())
        assert self.process.stdout.readline() in ("ready\n", "done\n")
        return pid

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.001)


def ledger(home: Home, name: str) -> Path:
    return home.path.with_name(f"promised-{name}")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_killed_anywhere_a_promised_fact_is_in_the_lake_once(tmp_path):
    home = Home(tmp_path / "home")
    home.create(zone="UTC")
    program = Program(home)
    chance = random.Random(11)
    names = ("accept0", "accept1", "flush2", "flush3")
    running = {name: program.start(name[:-1], name) for name in names}
    killed = Counter()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.0, 0.6))
        name = chance.choice(names)
        kill(running[name])
        killed[name[:-1]] += 1
        running[name] = program.start(name[:-1], name)
    for pid in running.values():
        kill(pid)
    assert min(killed["accept"], killed["flush"]) >= 10
    program.start("once", "last")
    program.stop()

    ids = Counter(Lake(home.lake_path).table("touches").select("id").to_pyarrow()["id"].to_pylist())
    assert max(ids.values()) == 1, "a fact is there twice"
    promised = {
        f"{name}-{line}-{n}"
        for name in ("accept0", "accept1")
        for line in ledger(home, name).read_text().split("\n")[:-1]
        for n in range(BATCH)
    }
    assert len(promised) > 20 * BATCH
    assert promised <= set(ids), "a promised fact is lost"
    # Batches that were committed but not answered for: at most one for each end of an acceptor.
    assert len(set(ids) - promised) <= BATCH * 2
    whole = Counter(id.rpartition("-")[0] for id in ids)
    assert set(whole.values()) == {BATCH}, "half a batch is there"
    with sqlite3.connect(home.book_path) as book:
        assert book.execute("select count(*) from intake_inboxevent").fetchone() == (0,)
    book.close()
