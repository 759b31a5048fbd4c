"""The sending loop: claim, judge once more, start, send, record; safe to kill at any point.

Each arrow is one durable step of the store. Killed before ``start``: the row goes
back to the queue when its lease is over. Killed after: ``unknown``, since the server
may have it. The order start -> send -> record is what makes "sent twice" impossible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from regulars.act.channels.base import Transport, TransportError
from regulars.act.gate import HOLD_OUT, LATER, Gate, Recipient, Send, Sent
from regulars.act.mime import Email
from regulars.act.outbox import (
    BACKOFF,
    DENIED,
    HOLDOUT,
    QUEUED,
    Backoff,
    OutboxRow,
    change,
    fail,
    lose,
    put_back,
    succeed,
)


@dataclass(frozen=True)
class Claimed:
    """One claimed message: its row, the question for the gate and the e-mail itself."""

    id: str
    row: OutboxRow
    send: Send
    recipient: Recipient
    email: Email


class OutboxStore(Protocol):
    """Where the rows live. Every method is one committed transaction.

    ``claim`` also applies ``outbox.expire`` to rows beyond their lease before it picks.
    The claimed messages carry their ``recipient`` as it is now: consent, suppression and
    what was sent, without the message itself.
    """

    def claim(self, limit: int, worker: str, now: datetime, lease: timedelta) -> Sequence[Claimed]:
        """Take up to ``limit`` due rows by a conditional update; nobody else gets them."""

    def start(self, id: str, worker: str, now: datetime, lease: timedelta) -> OutboxRow | None:
        """Apply ``outbox.start`` if the claim is still this worker's; None when it is not."""

    def record(self, id: str, worker: str, row: OutboxRow, now: datetime) -> bool:
        """Write a row this worker holds; False when it holds it no longer."""


@dataclass
class Sending:
    """What a batch came to: counts by state, and what stopped it early."""

    counts: Counter[str] = field(default_factory=Counter)
    stopped: str = ""

    @property
    def total(self) -> int:
        """Rows that were looked at."""
        return sum(self.counts.values())


def send_batch(
    store: OutboxStore,
    transport: Transport,
    gate: Gate,
    *,
    worker: str,
    clock: Callable[[], datetime],
    limit: int = 100,
    lease: timedelta = timedelta(minutes=5),
    backoff: Backoff = BACKOFF,
) -> Sending:
    """Send up to ``limit`` due messages; ``clock`` gives the time of each step.

    The gate is asked again for every message, because consent may have been
    withdrawn since it was queued. A transport that cannot send at all puts the rest
    of the batch back without counting an attempt. The caller closes the transport.
    """
    done = Sending()
    # What this batch already sent, since the recipients were read when it was claimed.
    lately: dict[str, tuple[Sent, ...]] = {}
    batch = store.claim(limit, worker, clock(), lease)
    for message in batch:
        now = clock()
        if done.stopped:
            _record(
                store, message.id, worker, put_back(message.row, now, detail=done.stopped, backoff=backoff), now, done
            )
            continue
        who = message.recipient
        verdict = gate.judge(message.send, replace(who, sent=who.sent + lately.get(who.customer, ())), now)
        if not verdict.permitted:
            state = {HOLD_OUT: HOLDOUT, LATER: QUEUED}.get(verdict.verdict, DENIED)
            changed = change(message.row, state, reason=verdict.reason, not_before=verdict.retry_at)
            _record(store, message.id, worker, changed, now, done)
            continue
        row = store.start(message.id, worker, now, lease)
        if row is None:
            done.counts["lost_claim"] += 1
            continue
        just = Sent(now, message.send.channel, message.send.key, message.send.purpose)
        lately[who.customer] = (*lately.get(who.customer, ()), just)
        try:
            transport.send(message.email)
        except TransportError as error:
            if error.unknown:
                changed = lose(row, detail=str(error))
            elif error.fatal:
                done.stopped = str(error)
                changed = put_back(row, clock(), detail=str(error), backoff=backoff)
            else:
                changed = fail(row, clock(), permanent=error.permanent, detail=str(error), backoff=backoff)
        else:
            changed = succeed(row, clock(), transport.state)
        _record(store, message.id, worker, changed, clock(), done)
    return done


def _record(store: OutboxStore, id: str, worker: str, row: OutboxRow, now: datetime, done: Sending) -> None:
    kept = store.record(id, worker, row, now)
    done.counts[row.state if kept else "lost_claim"] += 1
