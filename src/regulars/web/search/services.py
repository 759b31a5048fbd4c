"""Writes of the search index; whoever makes or changes people calls ``index`` in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from regulars.web.people.models import Company, Identity, Person
from regulars.web.search.models import Subject
from regulars.web.search.tokens import folded, phone_tokens, tokens

CHUNK = 500


def chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), CHUNK):
        yield list(keys[start : start + CHUNK])


def index(keys: Sequence[str]) -> int:
    """Make these people findable as they are now; returns how many there are."""
    done = 0
    with transaction.atomic():
        for some in chunks(list(keys)):
            external: dict[str, list[str]] = {}
            for key, value in Identity.objects.filter(person__in=some).values_list("person_id", "value"):
                external.setdefault(key, []).append(value)
            fields = ("key", "name", "email", "phone", "city", "company__name")
            people = Person.objects.filter(key__in=some).values_list(*fields)
            rows = [
                Subject(person_id=key, name=folded(name)[:200], tokens=" ".join(dict.fromkeys([
                    *tokens(name, email, city, company or "", *external.get(key, ())), *phone_tokens(phone), key])))
                for key, name, email, phone, city, company in people
            ]  # fmt: skip
            Subject.objects.filter(person__in=some).delete()
            Subject.objects.bulk_create(rows)
            done += len(rows)
    return done


def index_companies(keys: Sequence[str]) -> int:
    """Make these companies findable as they are now."""
    done = 0
    with transaction.atomic():
        for some in chunks(list(keys)):
            companies = Company.objects.filter(key__in=some).values_list("key", "name", "industry", "country")
            rows = [
                Subject(company_id=key, name=folded(words[0])[:200], tokens=" ".join(tokens(*words)))
                for key, *words in companies
            ]
            Subject.objects.filter(company__in=some).delete()
            Subject.objects.bulk_create(rows)
            done += len(rows)
    return done


def forget(keys: Sequence[str]) -> None:
    """Take people out of the index for good: their words leave the index file too, not only the results."""
    for some in chunks(list(keys)):
        Subject.objects.filter(person__in=some).delete()
    purge()


def purge() -> None:
    """Merge the word index, so that no word of a deleted row stays in an old segment."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_words(search_words) VALUES('optimize')")


def rebuild() -> dict[str, int]:
    """Index everybody again; safe to run at any time."""
    people: Any = Person.objects.order_by("key").values_list("key", flat=True)
    companies: Any = Company.objects.order_by("key").values_list("key", flat=True)
    counts = {"people": index(list(people)), "companies": index_companies(list(companies))}
    purge()
    return counts
