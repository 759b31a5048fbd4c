"""The gate: the one door every message goes out through.

Checks run in a fixed order and the first that objects gives the reason:

1. ``no_address``      there is nowhere to send it
2. ``suppressed``      the address bounced, complained, unsubscribed for good or was erased
3. ``consent_*``       marketing without a consent that was given and not taken back
4. ``duplicate``       this very message went to this person before
5. ``holdout_everywhere``  the person is in the comparison group of all writing together
6. ``holdout``         the person is in the comparison group of this flow
7. ``quota_used``      the plan's number of messages on this channel is used up
8. ``frequency_cap``   the person got enough lately; later, or never if the cap is 0
9. ``quiet_hours``     it is night where the person lives; later

Cheap and legal checks come first, so that a reason never hides a missing consent.
A ``service`` message (an answer the person asked for, a confirmation link) needs an
address that is not suppressed and must not be a duplicate; nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING, Final, Protocol

from regulars.act.holdout import Holdout
from regulars.trust.caps import Cap, Caps
from regulars.trust.consent import GRANTED, PENDING, WITHDRAWN
from regulars.trust.quiet_hours import QuietHours, zone_of
from regulars.trust.suppression import Suppression

if TYPE_CHECKING:
    import pyarrow as pa

PERMIT: Final = "permit"
DENY: Final = "deny"
HOLD_OUT: Final = "hold_out"
LATER: Final = "later"
VERDICTS: Final = (PERMIT, DENY, HOLD_OUT, LATER)

# Every reason the gate can give, in the order of the checks: translate these.
REASONS: Final = (
    "no_address", "suppressed", "consent_missing", "consent_pending", "consent_withdrawn",
    "duplicate", "holdout_everywhere", "holdout", "quota_used", "frequency_cap", "quiet_hours", "permitted",
)  # fmt: skip

MARKETING: Final = "marketing"
SERVICE: Final = "service"

_CONSENT: Final = {GRANTED: None, PENDING: "consent_pending", WITHDRAWN: "consent_withdrawn"}
# The kind of address a channel writes to, where it is not the channel's own name.
ADDRESS_KIND: Final = {"sandbox": "email", "sms": "phone", "whatsapp": "phone"}


@dataclass(frozen=True)
class Sent:
    """One message a person got (or may have got) before: when, on which channel, its key."""

    at: datetime
    channel: str
    key: str = ""
    purpose: str = MARKETING


@dataclass(frozen=True)
class Send:
    """What we want to send: ``key`` names this message to this person once and for all."""

    key: str
    channel: str = "email"
    flow: str = ""
    purpose: str = MARKETING
    quota_left: int | None = None
    expires_at: datetime | None = None
    action: str = ""


@dataclass(frozen=True)
class Recipient:
    """Whom we want to send it to, with all the gate needs to know."""

    customer: str
    address: str | None
    consent: str
    zone: str | None = None
    suppressed: bool = False
    sent: tuple[Sent, ...] = ()

    @property
    def marketing(self) -> list[tuple[datetime, str]]:
        """What counts against the caps: answers a person asked for do not."""
        return [(s.at, s.channel) for s in self.sent if s.purpose == MARKETING]


@dataclass(frozen=True)
class Verdict:
    """What the gate says: permit, deny, hold_out or later, with a reason code."""

    verdict: str
    reason: str
    retry_at: datetime | None = None

    @property
    def permitted(self) -> bool:
        """True when the message may go out now."""
        return self.verdict == PERMIT


PERMITTED: Final = Verdict(PERMIT, "permitted")


class GateSettings(Protocol):
    """The settings the gate reads."""

    @property
    def zone(self) -> str:
        """Time zone of people whose own is not known."""

    @property
    def holdout_share(self) -> float:
        """Share of people held back from each flow."""

    @property
    def holdout_everywhere(self) -> float:
        """Share of people held back from every flow at once."""

    @property
    def quiet_from(self) -> str:
        """When the quiet hours begin, like 21:00."""

    @property
    def quiet_to(self) -> str:
        """When the quiet hours end, like 08:00."""

    @property
    def cap_messages(self) -> int:
        """Messages one person may get within ``cap_days``."""

    @property
    def cap_days(self) -> int:
        """Days the cap looks back."""


@dataclass(frozen=True)
class GateRules:
    """The rules of one company.

    ``quotas`` are the messages left for this plan: by ``channel``, or by ``channel/action`` for one action there.
    """

    caps: Caps = field(default_factory=lambda: Caps(Cap(2, 7)))
    quiet: QuietHours = field(default_factory=lambda: QuietHours(time(21), time(8)))
    zone: str = "UTC"
    holdout: Holdout = field(default_factory=Holdout)
    suppression: Suppression | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        settings: GateSettings,
        *,
        salt: str = "regulars",
        suppression: Suppression | None = None,
        quotas: Mapping[str, int] | None = None,
    ) -> GateRules:
        """The rules an owner set in ``regulars.toml``."""
        return cls(
            caps=Caps(Cap(settings.cap_messages, settings.cap_days)),
            quiet=QuietHours.parse(settings.quiet_from, settings.quiet_to),
            zone=settings.zone,
            holdout=Holdout(settings.holdout_share, salt, settings.holdout_everywhere),
            suppression=suppression,
            quotas=dict(quotas or {}),
        )


def room(quotas: Mapping[str, int], channel: str, action: str) -> int | None:
    """Messages left for an action on a channel: the smaller of both quotas; None without any.

    >>> room({"email": 5, "email/care": 2}, "email", "care"), room({"email": 5}, "sms", "care")
    (2, None)
    """
    return min((quotas[k] for k in (channel, f"{channel}/{action}") if k in quotas), default=None)


def later(reason: str, retry_at: datetime | None, expires_at: datetime | None) -> Verdict:
    """Later, or deny when there is no later or the message would be stale by then."""
    if retry_at is None or (expires_at is not None and retry_at >= expires_at):
        return Verdict(DENY, reason)
    return Verdict(LATER, reason, retry_at)


class Gate:
    """Judge messages by a company's rules; holds no state, so the same question gets the same answer.

    >>> from datetime import UTC
    >>> gate = Gate(GateRules(holdout=Holdout(0.0)))
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> gate.judge(Send("spring/p1"), Recipient("p1", "li@example.com", "granted"), noon).verdict
    'permit'
    >>> gate.judge(Send("spring/p1"), Recipient("p1", "li@example.com", "unknown"), noon)
    Verdict(verdict='deny', reason='consent_missing', retry_at=None)
    """

    def __init__(self, rules: GateRules) -> None:
        self.rules = rules

    def judge(self, send: Send, recipient: Recipient, now: datetime) -> Verdict:
        """May this message go to this person now?"""
        rules = self.rules
        if not recipient.address:
            return Verdict(DENY, "no_address")
        kind = ADDRESS_KIND.get(send.channel, send.channel)
        if recipient.suppressed or (rules.suppression and rules.suppression.has(kind, recipient.address)):
            return Verdict(DENY, "suppressed")
        service = send.purpose == SERVICE
        if not service and (objection := _CONSENT.get(recipient.consent, "consent_missing")):
            return Verdict(DENY, objection)
        if any(s.key == send.key for s in recipient.sent):
            return Verdict(DENY, "duplicate")
        if service:
            return PERMITTED
        if rules.holdout.held_everywhere(recipient.customer):
            return Verdict(HOLD_OUT, "holdout_everywhere")
        if rules.holdout.held(recipient.customer, send.flow):
            return Verdict(HOLD_OUT, "holdout")
        quota = send.quota_left if send.quota_left is not None else room(rules.quotas, send.channel, send.action)
        if quota is not None and quota <= 0:
            return Verdict(DENY, "quota_used")
        free_at = rules.caps.free_at(recipient.marketing, send.channel, now)
        if free_at != now:
            return later("frequency_cap", free_at, send.expires_at)
        zone = zone_of(recipient.zone, rules.zone)
        if rules.quiet.quiet(now, zone):
            return later("quiet_hours", rules.quiet.next_allowed(now, zone), send.expires_at)
        return PERMITTED

    def judge_many(self, sends: pa.Table, history: pa.Table | None, now: datetime) -> pa.Table:
        """Judge a whole list: the verdicts, in the order of the rows; see ``gate_many.judge_many``."""
        from regulars.act.gate_many import judge_many

        return judge_many(self, sends, history, now)
