"""Writes of what customers wrote: only what the owner says about it."""

from __future__ import annotations

from django.db import transaction

from regulars.web.answers.models import Answer
from regulars.web.audit.services import record

LABELS = ("positive", "negative", "")


def answer_label(number: int, label: str, by: str) -> bool:
    """Say that a text is positive or negative, or take that back; the next turn learns from it.

    ValueError for another word; False when there is no such text.
    """
    if label not in LABELS:
        raise ValueError(f"label: {label!r} is not one of positive, negative or nothing")
    with transaction.atomic():
        changed = Answer.objects.filter(pk=number).update(label=label)
        if changed:
            record(by, "answer_label", str(number), label=label)
    return bool(changed)
