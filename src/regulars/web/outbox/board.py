"""What the messages page shows: the messages, how many stand where, and one message whole."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from regulars.web.outbox.models import Message

STATES = ("queued", "claimed", "sent", "sandboxed", "holdout", "denied", "failed", "unknown", "bounced", "unsubscribed")


def messages() -> QuerySet[Message]:
    """Every message with the name of its person, without its text."""
    return Message.objects.select_related("person").defer("text", "html", "detail")


def counts() -> list[tuple[str, int]]:
    """How many messages stand in each state, states without any left out."""
    found = dict(Message.objects.order_by().values_list("state").annotate(n=Count("id")))
    return [(s, found[s]) for s in STATES if found.get(s)]


def due() -> int:
    """How many messages could go out now."""
    return Message.objects.filter(state="queued").exclude(not_before__gt=timezone.now()).count()


def plans() -> list[str]:
    rows = Message.objects.exclude(plan=None).order_by("-plan_id").values_list("plan_id", flat=True)
    return list(rows.distinct()[:20])


def message(uid: str) -> Message | None:
    return Message.objects.select_related("person", "plan").filter(uid=uid).first()


def changes(one: Message) -> dict[str, Any]:
    """What the owner may still do with a message."""
    return {"again": one.state in ("failed", "unknown"), "stop": one.state == "queued"}
