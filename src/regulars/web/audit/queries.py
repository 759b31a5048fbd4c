"""Reads of the audit log."""

from __future__ import annotations

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
