"""Writes of consent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from regulars.web.audit.services import record
from regulars.web.consents.models import Consent, Suppression


def consent_set(person: str, channel: str, state: str, *, basis: str, source: str, at: datetime, by: str) -> None:
    """Write down a yes or a no; the newest one counts from now on."""
    with transaction.atomic():
        Consent.objects.create(person_id=person, channel=channel, state=state, basis=basis, source=source, at=at)
        record(by, "consent_set", person, channel=channel, state=state, basis=basis)


def address_suppress(digest: str, reason: str, at: datetime) -> None:
    """Never write to the address with this hash again."""
    Suppression.objects.get_or_create(digest=digest, defaults={"reason": reason, "at": at})
