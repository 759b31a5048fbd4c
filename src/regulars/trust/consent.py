"""Consent: may we write to this person on this channel, and why do we believe so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

GRANTED: Final = "granted"
PENDING: Final = "pending"
WITHDRAWN: Final = "withdrawn"
UNKNOWN: Final = "unknown"
STATES: Final = (GRANTED, PENDING, WITHDRAWN, UNKNOWN)

KINDS: Final = ("requested", "granted", "confirmed", "withdrawn")
BASES: Final = ("consent", "contract", "legitimate_interest")

# At the same instant, and in a merge, the stricter word counts.
_STRICTNESS: Final = {UNKNOWN: 0, GRANTED: 1, PENDING: 2, WITHDRAWN: 3}
_KIND_ORDER: Final = {"confirmed": 0, "granted": 1, "requested": 2, "withdrawn": 3}


@dataclass(frozen=True)
class ConsentEvent:
    """One thing a person said about one channel, with the proof of it.

    ``kind`` is ``requested`` (a double opt-in mail went out), ``granted`` (the box was
    ticked), ``confirmed`` (the link in that mail was clicked) or ``withdrawn``.
    """

    person: str
    channel: str
    kind: str
    at: datetime
    basis: str = "consent"
    source: str = ""
    evidence: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"consent event kind {self.kind!r} is not one of {', '.join(KINDS)}")
        if self.basis not in BASES:
            raise ValueError(f"consent basis {self.basis!r} is not one of {', '.join(BASES)}")
        if self.at.tzinfo is None:
            raise ValueError("a consent event needs a time with a time zone")


@dataclass(frozen=True)
class Consent:
    """The state of one (person, channel): may we write, on what basis, since when."""

    state: str = UNKNOWN
    basis: str | None = None
    since: datetime | None = None
    double_opt_in: bool = False

    @property
    def allows(self) -> bool:
        """True only for a consent that was given and not taken back."""
        return self.state == GRANTED


def consent_of(events: Iterable[ConsentEvent], *, double_opt_in: bool = False) -> Consent:
    """Read the state of one (person, channel) off its events, in whatever order they come.

    With ``double_opt_in`` a ticked box alone is ``pending`` until it is confirmed.
    A confirmation counts only after a request or a grant that was not withdrawn since:
    an old link clicked after an unsubscribe does not bring a person back.

    >>> from datetime import UTC, datetime
    >>> ticked = ConsentEvent("p", "email", "granted", datetime(2026, 1, 1, tzinfo=UTC))
    >>> consent_of([ticked]).state, consent_of([ticked], double_opt_in=True).state
    ('granted', 'pending')
    """
    now = Consent()
    for event in sorted(events, key=lambda e: (e.at, _KIND_ORDER[e.kind])):
        if event.kind == "withdrawn":
            now = Consent(WITHDRAWN, event.basis, event.at)
        elif event.kind == "confirmed":
            if now.state in (PENDING, GRANTED):
                now = Consent(GRANTED, now.basis, event.at, True)
        elif event.kind == "granted" and not double_opt_in:
            now = Consent(GRANTED, event.basis, event.at, now.double_opt_in)
        elif now.state != GRANTED:
            now = Consent(PENDING, event.basis, event.at)
    return now


def consents(events: Iterable[ConsentEvent], *, double_opt_in: bool = False) -> dict[tuple[str, str], Consent]:
    """The state of every (person, channel) named in the events."""
    grouped: dict[tuple[str, str], list[ConsentEvent]] = {}
    for event in events:
        grouped.setdefault((event.person, event.channel), []).append(event)
    return {pair: consent_of(group, double_opt_in=double_opt_in) for pair, group in grouped.items()}


def merge(*states: Consent) -> Consent:
    """The consent of merged people: the strictest word any of them said.

    A record that never said anything (an anonymous visitor) takes nothing away:
    withdrawn > pending > granted > unknown. Two grants keep the older one, and are
    double opt-in only when both are.

    >>> merge(Consent("granted", "consent"), Consent("withdrawn")).state
    'withdrawn'
    >>> merge(Consent("granted", "consent"), Consent()).state
    'granted'
    """
    spoken = [s for s in states if s.state != UNKNOWN]
    if not spoken:
        return Consent()
    strictest = max(_STRICTNESS[s.state] for s in spoken)
    same = [s for s in spoken if _STRICTNESS[s.state] == strictest]
    first = min(same, key=lambda s: (s.since is None, s.since.timestamp() if s.since else 0.0, s.basis or ""))
    return Consent(first.state, first.basis, first.since, all(s.double_opt_in for s in same))
