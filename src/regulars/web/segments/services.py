"""Writes of the owner's own segments."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from regulars.web.audit.services import record
from regulars.web.segments.models import SegmentDefinition

ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
LONGEST_NAME = 80


def definition_save(uid: str | None, name: str, rule: dict[str, Any], by: str) -> str | None:
    """Keep a rule under a name, new or changed; returns its uid, None when there is no segment of that uid.

    Raises ``segment_parser.RuleProblem`` for a rule that cannot be used.
    """
    from regulars.understand.segment_parser import parse
    from regulars.understand.segment_rules import to_json

    now = timezone.now()
    kept = {"name": name.strip()[:LONGEST_NAME], "rule": to_json(parse(rule)), "updated_at": now, "problem": ""}
    with transaction.atomic():
        if uid is None:
            uid = "".join(secrets.choice(ALPHABET) for _ in range(12))
            SegmentDefinition.objects.create(uid=uid, created_at=now, **kept)
        elif not SegmentDefinition.objects.filter(uid=uid, deleted_at=None).update(**kept):
            return None
        record(by, "segment_save", uid)
    return uid


def definition_delete(uid: str, by: str) -> bool:
    """Take a segment away; it can be brought back for a month."""
    return _marked(uid, False, by)


def definition_restore(uid: str, by: str) -> bool:
    """Bring a deleted segment back."""
    return _marked(uid, True, by)


def _marked(uid: str, back: bool, by: str) -> bool:
    with transaction.atomic():
        rows = SegmentDefinition.objects.filter(uid=uid, deleted_at__isnull=not back)
        changed = rows.update(deleted_at=None if back else timezone.now())
        if changed:
            record(by, "segment_restore" if back else "segment_delete", uid)
    return bool(changed)
