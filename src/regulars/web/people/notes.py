"""The owner's note about a person."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.people.models import Person

LONGEST = 20_000


def note_save(person: str, text: str, by: str) -> bool:
    """Keep a note; its words stay out of the audit log, only that it changed is recorded."""
    with transaction.atomic():
        changed = Person.objects.filter(key=person).update(note=text[:LONGEST], updated_at=timezone.now())
        if changed:
            record(by, "note_save", person)
    return bool(changed)
