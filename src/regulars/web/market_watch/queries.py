"""Reads of what is watched."""

from __future__ import annotations

from typing import Any

from regulars.web.market_watch.models import Signal, Watch

MOST = 200_000
FIELDS = (
    "at", "kind", "watched", "product", "market", "value", "currency", "title", "link", "source",
)  # fmt: skip


def watches() -> list[Watch]:
    return list(Watch.objects.order_by("name", "product", "pk"))


def watch_of(uid: str) -> Watch | None:
    return Watch.objects.filter(uid=uid).first()


def anything_seen() -> bool:
    return Signal.objects.exists()


def signals() -> list[dict[str, Any]]:
    """The newest signals in the shape of ``tables.SIGNALS``."""
    rows = Signal.objects.order_by("-at").values("uid", *FIELDS)[:MOST]
    return [{"id": row.pop("uid"), **row} for row in rows]
