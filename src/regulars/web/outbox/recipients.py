"""Whom we write to: address, consent, zone and what they got lately, in three queries for a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from regulars.act.gate import Sent
from regulars.act.outbox import REACHED
from regulars.trust.consent import GRANTED, WITHDRAWN
from regulars.web.consents.queries import newest_states
from regulars.web.outbox.models import Message
from regulars.web.people.lookup import addresses


@dataclass(frozen=True)
class Known:
    """One person, as the gate needs to know them."""

    key: str
    name: str
    address: str
    language: str
    zone: str | None
    stage: str
    consent: str
    sent: tuple[Sent, ...]


def recipients(people: Sequence[str], now: datetime, *, without: Iterable[int] = ()) -> dict[str, Known]:
    """Everything the gate asks about these people; ``without`` are messages that do not count as sent yet."""
    home = settings.HOME.settings
    since = now - timedelta(days=home.cap_days)
    skipped = set(without)
    sent: dict[str, list[Sent]] = {}
    rows = Message.objects.filter(state__in=REACHED, updated_at__gte=since, person_id__in=list(people))
    for id, person, at, started, updated, channel, uid in rows.values_list(
        "id", "person_id", "sent_at", "started_at", "updated_at", "channel", "uid"
    ):
        if id not in skipped:
            sent.setdefault(person, []).append(Sent(at or started or updated, channel, uid))
    consents = newest_states(people, "email")
    return {
        key: Known(
            key, name, email, language or home.language, zone or None, stage,
            {"granted": GRANTED, "denied": WITHDRAWN}.get(consents.get(key, ""), "unknown"),
            tuple(sent.get(key, ())),
        )
        for key, name, email, language, zone, stage in addresses(people)
    }  # fmt: skip
