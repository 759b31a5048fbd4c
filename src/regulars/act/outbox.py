"""The life of one message row: which state follows which, and when to try again.

A row is claimed with a lease, started just before the transport is called, and
recorded after it. A worker that dies leaves either a claimed row that was not
started (safe to queue again) or a started one (it may have gone out: ``unknown``,
shown to the owner, never resent by itself).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

QUEUED: Final = "queued"
CLAIMED: Final = "claimed"
SENT: Final = "sent"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"
DENIED: Final = "denied"
HOLDOUT: Final = "holdout"
SANDBOXED: Final = "sandboxed"
BOUNCED: Final = "bounced"
UNSUBSCRIBED: Final = "unsubscribed"

# What may follow what. ``unknown`` goes back to ``queued`` only by the owner's hand.
FOLLOWS: Final[dict[str, frozenset[str]]] = {
    QUEUED: frozenset({CLAIMED, DENIED, HOLDOUT}),
    CLAIMED: frozenset({QUEUED, SENT, SANDBOXED, FAILED, UNKNOWN, DENIED, HOLDOUT}),
    UNKNOWN: frozenset({QUEUED, SENT, FAILED, BOUNCED, UNSUBSCRIBED}),
    SENT: frozenset({BOUNCED, UNSUBSCRIBED}),
    BOUNCED: frozenset({UNSUBSCRIBED}),
    FAILED: frozenset({QUEUED}),
    DENIED: frozenset(),
    HOLDOUT: frozenset(),
    SANDBOXED: frozenset(),
    UNSUBSCRIBED: frozenset(),
}
STATES: Final = tuple(FOLLOWS)
# States of a message that reached, or may have reached, the person: these count against the caps.
REACHED: Final = frozenset({CLAIMED, SENT, UNKNOWN, BOUNCED, UNSUBSCRIBED})
REASONS: Final = ("transport_temporary", "transport_permanent", "transport_unknown", "worker_lost", "gave_up", "owner")


class IllegalChangeError(ValueError):
    """A message cannot go from this state to that one."""


@dataclass(frozen=True)
class Backoff:
    """When to try again after a temporary failure: doubling from ``first``, up to ``longest``.

    delay(n) = min(first * 2**(n - 1), longest) after the n-th attempt; after ``attempts``
    attempts the message has failed.

    >>> [int(Backoff().delay(n).total_seconds()) for n in (1, 2, 3, 20)]
    [60, 120, 240, 21600]
    """

    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=6)
    attempts: int = 8

    def delay(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts."""
        doublings = min(max(attempts - 1, 0), 30)
        return min(self.first * (1 << doublings), self.longest)


BACKOFF: Final = Backoff()


@dataclass(frozen=True)
class OutboxRow:
    """What a message row knows about its own progress."""

    state: str = QUEUED
    attempts: int = 0
    not_before: datetime | None = None
    lease_until: datetime | None = None
    claimed_by: str = ""
    started_at: datetime | None = None
    sent_at: datetime | None = None
    reason: str = ""
    detail: str = ""

    def due(self, now: datetime) -> bool:
        """True when a worker may claim the row now."""
        return self.state == QUEUED and (self.not_before is None or self.not_before <= now)

    def expired(self, now: datetime) -> bool:
        """True when whoever claimed the row is over time."""
        return self.state == CLAIMED and self.lease_until is not None and self.lease_until <= now


def change(row: OutboxRow, state: str, **values: object) -> OutboxRow:
    """The row in its next state.

    Raises ``IllegalChangeError`` when that state cannot follow.
    """
    if state not in FOLLOWS.get(row.state, frozenset()):
        raise IllegalChangeError(f"a message that is {row.state} cannot become {state}")
    released: dict[str, object] = (
        {} if state == CLAIMED else {"lease_until": None, "claimed_by": "", "started_at": None}
    )
    return replace(row, state=state, **(released | values))  # type: ignore[arg-type]


def claim(row: OutboxRow, worker: str, now: datetime, lease: timedelta) -> OutboxRow:
    """A due row, taken by a worker until the lease ends.

    >>> from datetime import UTC
    >>> now = datetime(2026, 5, 1, tzinfo=UTC)
    >>> claim(OutboxRow(), "w1", now, timedelta(minutes=5)).state
    'claimed'
    """
    if not row.due(now):
        raise IllegalChangeError(f"a message that is {row.state} and due {row.not_before} cannot be claimed")
    return change(row, CLAIMED, claimed_by=worker, lease_until=now + lease, started_at=None)


def start(row: OutboxRow, worker: str, now: datetime, lease: timedelta) -> OutboxRow:
    """The row just before the transport is called: from here on it may have gone out.

    Raises ``IllegalChangeError`` when the claim is another worker's, over time or
    already started: whoever holds the row now must not be overtaken.
    """
    if row.state != CLAIMED or row.claimed_by != worker or row.expired(now) or row.started_at is not None:
        raise IllegalChangeError("the claim on this message is no longer ours")
    return replace(row, started_at=now, attempts=row.attempts + 1, lease_until=now + lease)


def succeed(row: OutboxRow, now: datetime, state: str = SENT) -> OutboxRow:
    """The transport took it: ``sent``, or ``sandboxed`` when it was only written to a file."""
    return change(row, state, sent_at=now, reason="", detail="")


def fail(row: OutboxRow, now: datetime, *, permanent: bool, detail: str = "", backoff: Backoff = BACKOFF) -> OutboxRow:
    """The transport refused it for certain: queue it again later, unless that is pointless."""
    if permanent or row.attempts >= backoff.attempts:
        return change(row, FAILED, reason="transport_permanent" if permanent else "gave_up", detail=detail)
    wait = now + backoff.delay(row.attempts)
    return change(row, QUEUED, not_before=wait, reason="transport_temporary", detail=detail)


def put_back(row: OutboxRow, now: datetime, *, detail: str = "", backoff: Backoff = BACKOFF) -> OutboxRow:
    """No fault of the message, there was no connection: queue it again, counting no attempt."""
    attempts = row.attempts - (row.started_at is not None)
    wait = now + backoff.first
    return change(row, QUEUED, attempts=attempts, not_before=wait, reason="transport_temporary", detail=detail)


def lose(row: OutboxRow, reason: str = "transport_unknown", detail: str = "") -> OutboxRow:
    """Nobody can know whether it went out: ``unknown``."""
    return change(row, UNKNOWN, reason=reason, detail=detail)


def expire(row: OutboxRow, now: datetime) -> OutboxRow:
    """A row beyond its lease: unknown if sending had begun, else back in the queue.

    A row within its lease comes back as it is.
    """
    if not row.expired(now):
        return row
    return change(row, QUEUED) if row.started_at is None else lose(row, "worker_lost")


def requeue(row: OutboxRow, now: datetime) -> OutboxRow:
    """The owner looked at an unknown or failed message and wants it sent again."""
    if row.state not in (UNKNOWN, FAILED):
        raise IllegalChangeError(f"only unknown or failed messages can be sent again, not {row.state} ones")
    return change(row, QUEUED, not_before=now, attempts=0, reason="owner", detail="")
