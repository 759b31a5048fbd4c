"""What every channel has: a transport that takes one message or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from regulars.act.mime import Email


class TransportError(Exception):
    """A message was not taken, or nobody can know.

    ``permanent``: trying again is pointless. ``unknown``: it may have gone out.
    ``fatal``: nothing can be sent through this transport now (no connection, bad
    password), so the rest of the batch waits too.
    """

    def __init__(self, message: str, *, permanent: bool = False, unknown: bool = False, fatal: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown
        self.fatal = fatal


class Transport(Protocol):
    """Takes messages one by one over one connection; ``state`` is what a taken message becomes."""

    @property
    def state(self) -> str:
        """``sent``, or ``sandboxed`` when nothing leaves the house."""

    def send(self, message: Email) -> None:
        """Hand one message over; raises ``TransportError``."""

    def close(self) -> None:
        """Give back whatever is open; safe to call twice."""


@dataclass(frozen=True)
class ChannelSettings:
    """What a channel may need to open its transport; each takes what it knows."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = True
    sandbox: Path | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Channel:
    """One channel: its key, its name in both languages, what must be set, and how to open it."""

    key: str
    zh: str
    en: str
    needs: tuple[str, ...]
    open: Callable[[ChannelSettings], Transport]

    def missing(self, settings: ChannelSettings) -> tuple[str, ...]:
        """The settings that still have to be filled in before anything can be sent."""
        return tuple(name for name in self.needs if not getattr(settings, name))
