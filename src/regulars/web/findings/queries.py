"""Reads of findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.web.findings.models import Finding


@dataclass(frozen=True)
class Found:
    """What a page shows: the body of its topic and when it was made."""

    body: dict[str, Any]
    made_at: datetime


def finding(topic: str) -> Found | None:
    """The newest finding of a topic; None while there is nothing to say."""
    row = Finding.objects.filter(topic=topic, body__isnull=False).first()
    return Found(row.body, row.made_at) if row else None
