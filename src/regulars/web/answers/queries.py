"""Reads of what customers wrote."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Avg, Count

from regulars.web.answers.models import Answer


def answers_of(person: str, before: datetime | None, limit: int) -> list[Answer]:
    """The newest reviews, survey answers and tickets of one person."""
    rows = Answer.objects.filter(person_id=person)
    return list((rows.filter(at__lt=before) if before else rows).order_by("-at")[:limit])


def satisfaction(person: str) -> tuple[float | None, int]:
    """The average mark from 1 to 5 this person gave, and how many marks."""
    rows = Answer.objects.filter(person_id=person, kind__in=("csat", "review"), score__isnull=False)
    found = rows.aggregate(mark=Avg("score"), marks=Count("id"))
    return found["mark"], found["marks"]


def answers_by_number(numbers: Iterable[int]) -> dict[int, Answer]:
    """Texts by their number, with who wrote them; one query."""
    rows = Answer.objects.filter(pk__in=list(numbers)).select_related("person")
    return {row.pk: row for row in rows.defer("person__note", "person__fields", "person__tags")}
