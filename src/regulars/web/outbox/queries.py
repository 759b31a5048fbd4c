"""Reads of messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from regulars.web.outbox.models import Message


def messages_of(person: str, before: datetime | None, limit: int) -> list[Message]:
    """The newest messages to one person, sent or held back."""
    rows = Message.objects.filter(person_id=person).defer("text", "html")
    rows = rows.annotate(shown_at=Coalesce("sent_at", "created_at"))
    return list((rows.filter(shown_at__lt=before) if before else rows).order_by("-shown_at", "-id")[:limit])


def counted_of_plan(plan: str, states: Sequence[str], without: Iterable[int] = ()) -> Counter[tuple[str, str]]:
    """Messages of a plan in some states, by channel and action."""
    rows = Message.objects.filter(plan_id=plan, state__in=states).exclude(id__in=list(without))
    sums = rows.values("channel", "action").annotate(n=Count("id"))
    return Counter({(r["channel"], r["action"]): r["n"] for r in sums})


def counted_since(since: datetime, states: Sequence[str], without: Iterable[int] = ()) -> Counter[str]:
    """Messages since a moment by channel, whatever plan they belong to."""
    lately = Q(sent_at__gt=since) | Q(sent_at__isnull=True, created_at__gt=since)
    rows = Message.objects.filter(lately, state__in=states).exclude(id__in=list(without))
    sums = rows.values("channel").annotate(n=Count("id"))
    return Counter({r["channel"]: r["n"] for r in sums})


def states_of_plan(plan: str) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """Id and state of each message of a plan, by person and action."""
    out: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    rows = Message.objects.filter(plan_id=plan)
    for id, person, action, state in rows.values_list("id", "person_id", "action", "state"):
        out[person, action].append((id, state))
    return out
