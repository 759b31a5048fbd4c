"""Findings of a turn: one row a topic, replaced by the next turn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regulars.web.bridge.plans import plain
from regulars.web.findings.models import Finding


def findings_store(bodies: Mapping[str, dict[str, Any] | None], now: datetime) -> None:
    """Keep what was found; a topic whose board broke keeps what it said before."""
    for topic, body in bodies.items():
        Finding.objects.update_or_create(topic=topic, defaults={"body": plain(body), "made_at": now})
