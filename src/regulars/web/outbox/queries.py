"""Reads of messages."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Coalesce

from regulars.web.outbox.models import Message


def messages_of(person: str, before: datetime | None, limit: int) -> list[Message]:
    """The newest messages to one person, sent or held back."""
    rows = Message.objects.filter(person_id=person).defer("text", "html")
    rows = rows.annotate(shown_at=Coalesce("sent_at", "created_at"))
    return list((rows.filter(shown_at__lt=before) if before else rows).order_by("-shown_at", "-id")[:limit])
