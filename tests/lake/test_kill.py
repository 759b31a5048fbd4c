"""kill -9 in the middle of writing: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from regulars.lake import Lake

KILLS = 20
ROWS = 50
# Imports everything once, then forks a writer for every line it reads: a start costs milliseconds.
NURSERY = """
import os, signal, sys
import datetime as dt
import deltalake, deltalake.transaction, duckdb, pyarrow.parquet
from regulars.lake import Lake
from regulars.lake import compact
from regulars.tables import TABLES

root, rows = sys.argv[1], int(sys.argv[2])
now = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)

def write(source, compacts):
    lake = Lake(root, threads=1, wait_s=60)
    ack = os.open(f"{root}-{source}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    mark = lake.watermark("events", source)
    seq = 0 if mark is None else mark + 1
    while True:
        events = TABLES["events"].fill({
            "source": source, "id": [f"{seq}-{n}" for n in range(rows)], "revision": 0, "recorded_at": now,
            "customer": [f"person{n:06d}" for n in range(rows)], "at": now,
            "day": [dt.date(2024, 1 + n % 2, 1) for n in range(rows)], "name": "page",
        }, rows)
        lake.append("events", events, source, seq)
        os.write(ack, f"{seq}\\n".encode())
        seq += 1
        if compacts and seq % 10 == 0:
            lake.compact(most_files=4, keep_days=0)

for line in iter(sys.stdin.readline, ""):
    source, compacts = line.split()
    child = os.fork()
    if child == 0:
        try:
            write(source, compacts == "1")
        finally:
            os._exit(1)
    print(child, flush=True)
"""


class Writers:
    """Two writers, killed and born again."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        command = [sys.executable, "-c", NURSERY, str(lake.path), str(ROWS)]
        self.nursery = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pids: dict[str, int] = {}

    def start(self, source: str) -> None:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{source} {int(source == 'a')}\n")
        self.nursery.stdin.flush()
        self.pids[source] = int(self.nursery.stdout.readline())

    def acked(self, source: str) -> list[int]:
        path = Path(f"{self.lake.path}-{source}")
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def wait_for(self, source: str, acks: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.acked(source)) < acks:
            assert time.monotonic() < deadline, "the writer makes no progress"
            time.sleep(0.002)

    def kill(self, source: str) -> None:
        os.kill(self.pids.pop(source), signal.SIGKILL)

    def stop(self) -> None:
        for source in list(self.pids):
            self.kill(source)
        self.nursery.communicate()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_twenty_kills_of_two_writers(lake: Lake):
    rng = random.Random(7)
    seen: list[int] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        """A reader beside the writers: whole batches only, never fewer than before."""
        reader = Lake(lake.path, threads=1)
        try:
            while not done.is_set():
                seen.append(reader.table("events").count().to_pyarrow().as_py())
                time.sleep(0.1)
        except BaseException as error:
            failed.append(error)

    watching = threading.Thread(target=read)
    watching.start()
    writers = Writers(lake)
    try:
        writers.start("a")
        writers.start("b")
        for _ in range(KILLS):
            source = rng.choice("ab")
            writers.wait_for(source, len(writers.acked(source)) + 1)
            time.sleep(rng.uniform(0, 0.06))
            writers.kill(source)
            writers.start(source)
    finally:
        writers.stop()
        done.set()
        watching.join()

    assert failed == []
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert all(n % ROWS == 0 for n in seen), "a reader saw part of a batch"
    stored = Counter(tuple(r.values()) for r in lake.table("events").select("source", "id").to_pyarrow().to_pylist())
    assert set(stored.values()) == {1}, "rows were doubled"
    for source in "ab":
        acked = writers.acked(source)
        assert acked == sorted(set(acked))
        assert all((source, f"{seq}-{n}") in stored for seq in acked for n in range(ROWS)), "an answer was lost"
        batches = {seq.split("-")[0] for s, seq in stored if s == source}
        assert batches == {str(n) for n in range(len(batches))}, "a gap between batches"
        assert len([s for s, _ in stored if s == source]) == len(batches) * ROWS, "part of a batch"
    lake.compact(most_files=1, keep_days=0)
    assert lake.table("events").count().to_pyarrow().as_py() == len(stored)
    on_disk = {str(p) for p in (lake.path / "events").rglob("part-*.parquet")}
    assert on_disk == set(lake._tables["events"].listing().paths), "orphans of the killed were not swept"


RACER = """
import sys, time
import datetime as dt
from regulars.lake import Lake
from regulars.tables import TABLES
lake, now = Lake(sys.argv[1], threads=1), dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
won = []
for seq in range(20):
    rows = TABLES["spend"].fill({"source": "ads", "id": [f"{seq}-{n}" for n in range(3)], "revision": 0,
        "recorded_at": now, "at": now, "day": now.date(), "days": 1, "amount": 1, "currency": "CNY"}, 3)
    if lake.append("spend", rows, "ads", seq):
        won.append(seq)
print(*won)
"""


def test_racing_processes_store_each_sequence_number_once(lake: Lake):
    racers = [
        subprocess.Popen([sys.executable, "-c", RACER, str(lake.path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    won = [int(seq) for racer in racers for seq in racer.communicate(timeout=60)[0].split()]
    assert [r.returncode for r in racers] == [0, 0]
    assert sorted(won) == list(range(20))
    ids = lake.table("spend").id.to_pyarrow().to_pylist()
    assert sorted(ids) == sorted(f"{seq}-{n}" for seq in range(20) for n in range(3))
