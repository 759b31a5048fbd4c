"""A reference store on SQLite, and a sender process that can be told where to be killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from regulars.act import outbox
from regulars.act.channels.email.transport import EmailTransport
from regulars.act.gate import Gate, GateRules, Recipient, Send
from regulars.act.holdout import Holdout
from regulars.act.mime import Email
from regulars.act.outbox import OutboxRow
from regulars.act.sender import Claimed, send_batch
from regulars.trust.quiet_hours import QuietHours

BASE = datetime(2026, 5, 1, 12, tzinfo=UTC)
COLUMNS = [f.name for f in fields(OutboxRow)]
TIMES = {"not_before", "lease_until", "started_at", "sent_at"}


class SqliteOutbox:
    """One table, one transaction a call."""

    def __init__(self, path: Path | str) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        columns = ", ".join(f"{c} TEXT" if c != "attempts" else "attempts INTEGER" for c in COLUMNS)
        self.db.execute(
            f"CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, address TEXT, consent TEXT, {columns})"
        )

    def add(self, id: str, address: str, consent: str = "granted") -> None:
        self._write(id, OutboxRow(), f"INSERT INTO outbox (id, address, consent, {', '.join(COLUMNS)}) VALUES "
                    f"(?, '{address}', '{consent}', {', '.join('?' * len(COLUMNS))})", insert=True)  # fmt: skip

    def rows(self) -> dict[str, OutboxRow]:
        found = self.db.execute(f"SELECT id, {', '.join(COLUMNS)} FROM outbox").fetchall()
        return {r[0]: self._row(r[1:]) for r in found}

    @staticmethod
    def _row(values: Sequence[Any]) -> OutboxRow:
        given = dict(zip(COLUMNS, values, strict=True))
        return OutboxRow(**{k: datetime.fromisoformat(v) if k in TIMES and v else v for k, v in given.items()})

    def _write(self, id: str, row: OutboxRow, sql: str, *more: Any, insert: bool = False) -> int:
        values = [v.isoformat() if isinstance(v, datetime) else v for v in asdict(row).values()]
        return self.db.execute(sql, [id, *values] if insert else [*values, id, *more]).rowcount

    def _set(self, id: str, row: OutboxRow, where: str = "1", *more: Any) -> int:
        return self._write(
            id, row, f"UPDATE outbox SET {', '.join(f'{c} = ?' for c in COLUMNS)} WHERE id = ? AND {where}", *more
        )

    def claim(self, limit: int, worker: str, now: datetime, lease: timedelta) -> list[Claimed]:
        self.db.execute("BEGIN IMMEDIATE")
        taken = []
        for id, row in sorted(self.rows().items()):
            if row.expired(now):
                row = outbox.expire(row, now)
                self._set(id, row)
            if row.due(now) and len(taken) < limit:
                taken.append((id, outbox.claim(row, worker, now, lease)))
                self._set(id, taken[-1][1])
        people = {r[0]: r[1:] for r in self.db.execute("SELECT id, address, consent FROM outbox").fetchall()}
        self.db.execute("COMMIT")
        return [Claimed(id, row, Send(id), Recipient(id, *people[id]), email(id, people[id][0])) for id, row in taken]

    def start(self, id: str, worker: str, now: datetime, lease: timedelta) -> OutboxRow | None:
        try:
            row = outbox.start(self.rows()[id], worker, now, lease)
        except outbox.IllegalChangeError:
            return None
        mine = "state = 'claimed' AND claimed_by = ? AND started_at IS NULL"
        return row if self._set(id, row, mine, worker) else None

    def record(self, id: str, worker: str, row: OutboxRow, now: datetime) -> bool:
        return bool(self._set(id, row, "state = 'claimed' AND claimed_by = ?", worker))


def email(id: str, address: str) -> Email:
    return Email(id, "shop@example.com", address, f"您好 {id}", "text", "<p>text</p>", BASE, "小店", "李梅")


def die(point: str, here: str, count: list[int]) -> None:
    """End this process the hard way at the n-th passing of a point named ``here:n``."""
    if point.startswith(here + ":"):
        count[0] += 1
        if count[0] == int(point.partition(":")[2]):
            os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(SqliteOutbox):
    point, count = "", [0]

    def claim(self, *args: Any) -> list[Claimed]:
        taken = super().claim(*args)
        die(self.point, "after_claim", self.count)
        return taken

    def start(self, *args: Any) -> OutboxRow | None:
        die(self.point, "before_start", self.count)
        row = super().start(*args)
        die(self.point, "after_start", self.count)
        return row

    def record(self, *args: Any) -> bool:
        die(self.point, "before_record", self.count)
        kept = super().record(*args)
        die(self.point, "after_record", self.count)
        return kept


class DyingTransport(EmailTransport):
    point, count = "", [0]

    def _text(self, payload: bytes) -> None:
        if self.point.startswith("mid_text:"):
            self.count[0] += 1
            if self.count[0] == int(self.point.partition(":")[2]):
                self._connect().send(payload[: len(payload) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
        super()._text(payload)


def gate() -> Gate:
    always = QuietHours.parse("00:00", "00:00")
    return Gate(GateRules(holdout=Holdout(0.0), quiet=always))


if __name__ == "__main__":
    path, port, run, DyingStore.point = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    DyingTransport.point = DyingStore.point
    transport = DyingTransport("127.0.0.1", port, tls="none", timeout=20)
    now = BASE + timedelta(hours=run)
    while send_batch(DyingStore(path), transport, gate(), worker=f"w{run}", clock=lambda: now, limit=7).total:
        pass
    transport.close()
