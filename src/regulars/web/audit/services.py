"""Writes of the audit log."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from regulars.web.audit.models import Entry

GENESIS = "0" * 64


def body(entry: Entry) -> dict[str, Any]:
    """What the seal covers."""
    return {
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def record(actor: str, action: str, subject: str = "", **detail: Any) -> Entry:
    """Append an entry, sealed with the hash of the one before.

    The write lock of the surrounding transaction keeps two entries from
    claiming the same predecessor.
    """
    from regulars.trust.audit import seal

    with transaction.atomic():
        last = Entry.objects.order_by("-id").first()
        entry = Entry(
            at=timezone.now(),
            actor=actor[:150],
            action=action,
            subject=subject[:100],
            detail=detail,
            previous=last.seal if last else GENESIS,
        )
        entry.seal = seal(entry.previous, body(entry))
        entry.save()
    return entry
