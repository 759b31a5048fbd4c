"""Reads of the audit log."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from regulars.web.audit.models import Entry
from regulars.web.audit.services import GENESIS, body


def first_broken() -> int | None:
    """The id of the first entry that does not fit its seal, or None when the chain holds."""
    from regulars.trust.audit import seal

    previous = GENESIS
    for entry in Entry.objects.order_by("id").iterator(2000):
        if entry.previous != previous or entry.seal != seal(previous, body(entry)):
            return entry.id
        previous = entry.seal
    return None


def entries(actions: tuple[str, ...] = ()) -> QuerySet[Entry]:
    """Who did what, the newest first; of some actions only where given."""
    found = Entry.objects.order_by("-id")
    return found.filter(action__in=actions) if actions else found


def entry_newest(action: str = "", subject: str = "") -> Entry | None:
    """The newest entry, of one action on one subject where given."""
    found = Entry.objects.filter(**{k: v for k, v in (("action", action), ("subject", subject)) if v})
    return found.order_by("-id").first()


def entry(id: int) -> Entry | None:
    return Entry.objects.filter(id=id).first()


def narrow(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The entries that name this actor, action or subject."""
    return rows.filter(Q(subject__icontains=text) | Q(actor__icontains=text) | Q(action__icontains=text))


def distinct(field: str) -> list[str]:
    """The actions or actors there are."""
    return list(Entry.objects.order_by(field).values_list(field, flat=True).distinct())
