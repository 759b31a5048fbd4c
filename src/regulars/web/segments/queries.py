"""Reads of segments."""

from __future__ import annotations

from typing import Any

from regulars.web.segments.models import Segment


def segment_rows(method: str = "rules") -> list[dict[str, Any]]:
    """The segments of one method, the most valuable first."""
    fields = ("key", "method", "label", "size", "share", "worth", "spent", "profile", "made_by", "made_at")
    return list(Segment.objects.filter(method=method).order_by("-worth").values(*fields))


def segment_row(method: str, key: str) -> dict[str, Any] | None:
    """One segment."""
    return next((row for row in segment_rows(method) if row["key"] == key), None)
