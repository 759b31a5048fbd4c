from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from regulars.act.channels.base import TransportError
from regulars.act.channels.email.transport import EmailTransport
from regulars.act.channels.sandbox.transport import SandboxTransport
from regulars.act.sender import send_batch

POINTS = ("after_claim", "before_start", "after_start", "mid_text", "before_record", "after_record")


def run(store_file: Path, db: Path, port: int, turn: int, point: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, str(store_file), str(db), str(port), str(turn), point])


@pytest.mark.slow
def test_kill_9_anywhere_loses_nothing_and_sends_nothing_twice(sink, sqlite_outbox, tmp_path: Path) -> None:
    db = tmp_path / "book.sqlite3"
    store = sqlite_outbox.SqliteOutbox(db)
    people = [f"p{i:03d}" for i in range(240)]
    for person in people:
        store.add(person, f"{person}@example.com")
    chance = random.Random(20260501)
    kills = [f"{point}:{chance.randint(1, 5)}" for point in POINTS for _ in range(3)] + ["timed"] * 6
    chance.shuffle(kills)
    may_be_unknown = 0
    for turn, point in enumerate(kills):
        before = sum(sink.accepted().values())
        process = run(Path(sqlite_outbox.__file__), db, sink.port, turn, point)
        if point == "timed":
            deadline = time.monotonic() + 60
            while sum(sink.accepted().values()) < before + 2 and process.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.002)
            time.sleep(chance.random() * 0.02)
            process.kill()
        assert process.wait(60) == -signal.SIGKILL
        may_be_unknown += point.startswith(("timed", "after_start", "mid_text", "before_record"))
    assert run(Path(sqlite_outbox.__file__), db, sink.port, len(kills), "none").wait(120) == 0

    got, rows = sink.accepted(), store.rows()
    assert set(rows) == set(people)
    assert len(kills) >= 20
    assert max(got.values()) == 1
    assert {row.state for row in rows.values()} <= {"sent", "unknown"}
    for person, row in rows.items():
        if row.state == "sent":
            assert got[f"{person}@example.com"] == 1
    unknown = [p for p, row in rows.items() if row.state == "unknown"]
    assert 0 < len(unknown) <= may_be_unknown
    assert {rows[p].reason for p in unknown} == {"worker_lost"}


def test_each_recipient_is_answered_for_by_itself(sink, sqlite_outbox, tmp_path: Path) -> None:
    store = sqlite_outbox.SqliteOutbox(tmp_path / "db")
    for name in ("a", "busy", "gone", "spam", "z"):
        store.add(name, f"{name}@example.com")
    store.add("no-consent", "n@example.com", "withdrawn")
    store.add("bad-address", "a b@example.com")
    transport = EmailTransport("127.0.0.1", sink.port, tls="none")
    now = sqlite_outbox.BASE
    done = send_batch(store, transport, sqlite_outbox.gate(), worker="w", clock=lambda: now)
    transport.close()
    rows = store.rows()
    assert {name: (row.state, row.reason) for name, row in rows.items()} == {
        "a": ("sent", ""), "busy": ("queued", "transport_temporary"), "gone": ("failed", "transport_permanent"),
        "spam": ("failed", "transport_permanent"), "z": ("sent", ""), "no-consent": ("denied", "consent_withdrawn"),
        "bad-address": ("failed", "transport_permanent"),
    }  # fmt: skip
    assert sink.accepted() == {"a@example.com": 1, "z@example.com": 1}
    assert rows["busy"].not_before == now + timedelta(minutes=1)
    assert "gone@" not in rows["gone"].detail
    assert done.total == 7
    assert not store.claim(9, "w2", now, timedelta(minutes=5))


def test_a_server_that_is_down_costs_no_attempt_and_fails_no_message(sqlite_outbox, tmp_path: Path) -> None:
    store = sqlite_outbox.SqliteOutbox(tmp_path / "db")
    for name in "abc":
        store.add(name, f"{name}@example.com")
    transport = EmailTransport("127.0.0.1", 1, tls="none", timeout=2)
    for hour in range(12):
        now = sqlite_outbox.BASE + timedelta(hours=hour)
        done = send_batch(store, transport, sqlite_outbox.gate(), worker="w", clock=lambda now=now: now)
        assert done.stopped
        assert done.counts == {"queued": 3}
    assert {row.attempts for row in store.rows().values()} == {0}


def test_a_server_that_vanishes_after_the_text_leaves_unknown(sink, sqlite_outbox, tmp_path: Path) -> None:
    store = sqlite_outbox.SqliteOutbox(tmp_path / "db")
    store.add("a", "vanish@example.com")
    store.add("b", "b@example.com")
    transport = EmailTransport("127.0.0.1", sink.port, tls="none")
    done = send_batch(store, transport, sqlite_outbox.gate(), worker="w", clock=lambda: sqlite_outbox.BASE)
    assert (store.rows()["a"].state, store.rows()["b"].state) == ("unknown", "queued")
    assert done.counts == {"unknown": 1, "queued": 1}
    assert not store.rows()["a"].due(sqlite_outbox.BASE + timedelta(days=365))


def test_a_worker_that_lost_its_claim_sends_nothing(sqlite_outbox, tmp_path: Path) -> None:
    store = sqlite_outbox.SqliteOutbox(tmp_path / "db")
    store.add("a", "a@example.com")
    times = iter([sqlite_outbox.BASE, *[sqlite_outbox.BASE + timedelta(hours=1)] * 9])
    done = send_batch(store, Refusing(), sqlite_outbox.gate(), worker="w", clock=lambda: next(times))
    assert done.counts == {"lost_claim": 1}


class Refusing:
    state = "sent"

    def send(self, message: object) -> None:
        raise AssertionError("must not be called")

    def close(self) -> None:
        pass


class Busy(Refusing):
    def send(self, message: object) -> None:
        raise TransportError("451 later")


def test_a_message_that_never_gets_through_is_given_up_after_eight_attempts(sqlite_outbox, tmp_path: Path) -> None:
    store = sqlite_outbox.SqliteOutbox(tmp_path / "db")
    store.add("a", "a@example.com")
    states = []
    for day in range(9):
        now = sqlite_outbox.BASE + timedelta(days=day)
        send_batch(store, Busy(), sqlite_outbox.gate(), worker="w", clock=lambda now=now: now)
        states.append(store.rows()["a"].state)
    assert states == ["queued"] * 7 + ["failed"] * 2
    assert store.rows()["a"].reason == "gave_up"


def test_the_sandbox_sends_nothing_and_says_so(sqlite_outbox, tmp_path: Path) -> None:
    store = sqlite_outbox.SqliteOutbox(tmp_path / "db")
    store.add("a", "a@example.com")
    sandbox = SandboxTransport(tmp_path / "sandbox")
    send_batch(store, sandbox, sqlite_outbox.gate(), worker="w", clock=lambda: sqlite_outbox.BASE)
    assert store.rows()["a"].state == "sandboxed"
    assert len(list((tmp_path / "sandbox").glob("*.eml"))) == 1


def test_two_messages_to_one_person_in_one_batch_count_against_the_cap(sqlite_outbox, tmp_path: Path) -> None:
    store = sqlite_outbox.SqliteOutbox(tmp_path / "db")
    for name in "abcd":
        store.add(name, "a@example.com")

    class OnePerson(sqlite_outbox.SqliteOutbox):
        def claim(self, *args):
            return [replace(c, recipient=replace(c.recipient, customer="p")) for c in super().claim(*args)]

    sandbox = SandboxTransport(tmp_path / "sandbox")
    outbox = OnePerson(tmp_path / "db")
    done = send_batch(outbox, sandbox, sqlite_outbox.gate(), worker="w", clock=lambda: sqlite_outbox.BASE)
    assert done.counts == {"sandboxed": 2, "queued": 2}
    assert {r.reason for r in store.rows().values() if r.state == "queued"} == {"frequency_cap"}
