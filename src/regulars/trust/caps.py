"""Frequency caps: how many messages one person may get in how many days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Cap:
    """At most ``messages`` in any ``days`` days."""

    messages: int
    days: float

    def __post_init__(self) -> None:
        if self.messages < 0 or self.days <= 0:
            raise ValueError("a cap needs 0 or more messages in more than 0 days")

    @property
    def window(self) -> timedelta:
        """The length of the window."""
        return timedelta(days=self.days)

    def free_at(self, sent: Iterable[datetime], now: datetime) -> datetime | None:
        """When the next message is allowed: ``now``, a later time, or None for never.

        Counts what was sent after ``now - window``, also what carries a later time than
        now: clocks of several machines may disagree, and then the cap must still hold.

        >>> from datetime import UTC
        >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
        >>> Cap(1, days=7).free_at([noon - timedelta(days=2)], noon).isoformat()
        '2026-05-06T12:00:00+00:00'
        """
        if self.messages == 0:
            return None
        recent = sorted(at for at in sent if at > now - self.window)
        if len(recent) < self.messages:
            return now
        return recent[len(recent) - self.messages] + self.window


@dataclass(frozen=True)
class Caps:
    """The cap over all channels, and tighter ones for single channels."""

    overall: Cap | None = None
    channels: Mapping[str, Cap] = field(default_factory=dict)

    def free_at(self, sent: Iterable[tuple[datetime, str]], channel: str, now: datetime) -> datetime | None:
        """When the next message on this channel is allowed under every cap; None for never."""
        sent = list(sent)
        times: list[datetime | None] = [now]
        if self.overall is not None:
            times.append(self.overall.free_at((at for at, _ in sent), now))
        if channel in self.channels:
            times.append(self.channels[channel].free_at((at for at, c in sent if c == channel), now))
        known = [t for t in times if t is not None]
        return max(known) if len(known) == len(times) else None

    @property
    def longest(self) -> timedelta:
        """How far back history has to reach for these caps."""
        caps = [*self.channels.values(), *([self.overall] if self.overall else [])]
        return max((c.window for c in caps), default=timedelta(0))
