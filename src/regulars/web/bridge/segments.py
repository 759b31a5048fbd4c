"""Segments of a turn; the owner's own names for them stay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from regulars.web.bridge.plans import plain
from regulars.web.segments.models import Segment


def segments_store(profiles: Iterable[Any], now: datetime) -> None:
    """Replace the segments by those of this turn."""
    with transaction.atomic():
        for p in profiles:
            Segment.objects.update_or_create(
                method=p.method,
                key=p.key,
                defaults={
                    "size": p.size,
                    "share": p.share,
                    "worth": round(p.worth),
                    "spent": round(p.spent),
                    "profile": plain(p),
                    "made_by": p.made_by,
                    "made_at": now,
                },
            )
        Segment.objects.exclude(made_at=now).delete()
