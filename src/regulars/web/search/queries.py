"""Reads of the search index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from regulars.web.search.models import Subject
from regulars.web.search.tokens import asked, folded


@dataclass(frozen=True)
class Found:
    """One hit: a person or a company, with what tells it from others of the same name."""

    kind: str
    key: str
    name: str
    detail: str


def matching(text: str) -> Any:
    """A condition on subjects, or None when the query holds nothing to look for."""
    wanted = asked(text)
    if not wanted:
        return None
    if connection.vendor == "sqlite":
        expression = " AND ".join(f'"{token}"*' if start else f'"{token}"' for token, start in wanted)
        return Q(id__in=RawSQL("SELECT rowid FROM search_words WHERE search_words MATCH %s", [expression]))
    held = Q()
    for token, start in wanted:
        here = Q(tokens__startswith=token) | Q(tokens__contains=f" {token}")
        held &= here if start else (
            Q(tokens=token) | Q(tokens__startswith=f"{token} ") | Q(tokens__contains=f" {token} ")
            | Q(tokens__endswith=f" {token}")
        )  # fmt: skip
    return held


def narrow(people: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The people of a list who match."""
    condition = matching(text)
    if condition is None:
        return people.none()
    return people.filter(key__in=Subject.objects.filter(condition, person__isnull=False).values("person_id"))


def people_keys(text: str, limit: int = 1000) -> list[str]:
    """Keys of the people who match."""
    condition = matching(text)
    if condition is None:
        return []
    rows = Subject.objects.filter(condition, person__isnull=False).order_by("-id")
    return list(rows.values_list("person_id", flat=True)[:limit])


def find(text: str, limit: int = 12) -> list[Found]:
    """The best hits: the whole name first, then names that begin so, then anything that matches."""
    condition = matching(text)
    if condition is None:
        return []
    name = folded(text).strip()
    related = Subject.objects.select_related("person__company", "company").defer("tokens")
    # A range instead of LIKE: the index serves it on every database.
    begins = related.filter(name__gte=name, name__lt=name + "\U0010ffff").order_by("name", "id")
    hits = {s.id: s for s in begins[:limit]}
    if len(hits) < limit:
        hits.update({s.id: s for s in related.filter(condition).order_by("-id")[:limit] if s.id not in hits})
    return [found(s) for s in list(hits.values())[:limit]]


def found(subject: Subject) -> Found:
    if subject.company is not None:
        company = subject.company
        return Found("company", company.key, company.name, company.industry or company.country)
    person = subject.person
    parts = [person.company.name if person.company else "", person.city, person.email or person.phone]
    return Found("person", person.key, person.name or person.email or person.key, " · ".join(p for p in parts if p))
