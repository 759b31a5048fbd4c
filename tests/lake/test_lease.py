"""One writer at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from regulars.lake import Lake, LeaseBusyError

HOLD = """
import sys, time
from regulars.lake import Lake
with Lake(sys.argv[1]).lease():
    print("held", flush=True)
    time.sleep(60)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_busy_lease_names_its_holder_and_ends_with_it(lake: Lake):
    other = holder(lake.path)
    try:
        with pytest.raises(LeaseBusyError, match=f"process {other.pid} is writing"), lake.lease(0.1):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait()
        with lake.lease(5):
            assert (lake.path / ".lease").read_text() == str(os.getpid())
    finally:
        other.kill()
        other.wait()
        assert other.stdout is not None
        other.stdout.close()


def test_the_thread_that_has_it_may_enter_again_and_another_lake_object_too(lake: Lake, orders):
    with lake.lease(), lake.lease(), Lake(lake.path).lease():
        assert lake.append("orders", orders(["a"]), "shop", 1)
    with lake.lease(0):
        pass


def test_another_thread_waits(lake: Lake):
    order = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with lake.lease():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with lake.lease():
        inside.set()
        with pytest.raises(LeaseBusyError, match="another thread"):
            _in_thread(lambda: lake.lease(0.05).__enter__())
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def _in_thread(call) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


GREEDY = """
import sys, time
from regulars.lake import Lake
lake = Lake(sys.argv[1])
with open(sys.argv[2], "ab", buffering=0) as tally:
    while True:
        with lake.lease():
            tally.write(b".")
            time.sleep(0.003)
"""


def test_a_writer_in_a_loop_lets_others_in(lake: Lake, tmp_path: Path):
    tally = tmp_path / "tally"
    greedy = subprocess.Popen([sys.executable, "-c", GREEDY, str(lake.path), str(tally)])
    try:
        while not tally.exists() or tally.stat().st_size < 5:
            assert greedy.poll() is None
        overtaken = []
        for _ in range(11):
            before = tally.stat().st_size
            with lake.lease(10):
                overtaken.append(tally.stat().st_size - before)
        # The median: a busy machine may pause us between the two looks.
        assert sorted(overtaken)[5] <= 5, "the lease went past a waiting process again and again"
    finally:
        greedy.kill()
        greedy.wait()
