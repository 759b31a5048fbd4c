"""kill -9 on the real sender with the real book: nothing lost, nothing sent twice, the unknowable marked unknown."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from regulars.home import Home

PROGRAM = str(Path(__file__).with_name("sending_worker.py"))
MESSAGES = 240
KILLS = 12


def run(home: Home, *arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {
        "REGULARS_HOME": str(home.path)
    }
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", PROGRAM, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )


def states(home: Home) -> dict[str, str]:
    answer, _ = run(home, "states").communicate()
    return dict(line.split() for line in answer.splitlines())


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_killed_anywhere_no_message_is_lost_or_sent_twice(tmp_path, sink):
    home = Home(tmp_path / "home")
    home.create(
        zone="UTC", smtp_host="127.0.0.1", smtp_port=sink.port, smtp_from="shop@example.com", smtp_tls=False,
        holdout_share=0.0, quiet_from="00:00", quiet_to="00:00",
    )  # fmt: skip
    assert run(home, "prepare", str(MESSAGES)).wait() == 0
    chance = random.Random(5)
    # Each run begins ten minutes after the one before: the leases of a killed sender are over by then.
    for number in range(KILLS):
        sender = run(home, "send", str(number * 10))
        assert sender.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 1.0))
        sender.kill()
        sender.wait()
        sender.stdout.close()
    for number in range(KILLS, KILLS + 2):
        run(home, "send", str(number * 10)).communicate()
    after = states(home)
    delivered = sink.accepted()
    assert max(delivered.values()) == 1, "sent twice"
    assert set(after.values()) <= {"sent", "unknown"}, Counter(after.values())
    for uid, state in after.items():
        if state == "sent":
            assert delivered[f"p{uid[1:]}@example.com"] == 1, f"{uid} is called sent but never arrived"
    # At most one message is in the air when a sender is killed.
    assert Counter(after.values())["unknown"] <= KILLS
