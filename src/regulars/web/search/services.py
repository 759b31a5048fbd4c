"""Writes of the search index; whoever makes or changes people calls ``index`` in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from regulars.web.people.lookup import companies_written, everybody, identity_values, people_written
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
            for key, value in identity_values(some):
                external.setdefault(key, []).append(value)
            rows = [
                Subject(person_id=key, name=folded(name)[:200], tokens=" ".join(dict.fromkeys([
                    *tokens(name, email, city, company or "", *external.get(key, ())), *phone_tokens(phone), key])))
                for key, name, email, phone, city, company in people_written(some)
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
            rows = [
                Subject(company_id=key, name=folded(words[0])[:200], tokens=" ".join(tokens(*words)))
                for key, *words in companies_written(some)
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
    people, companies = everybody()
    counts = {"people": index(people), "companies": index_companies(companies)}
    purge()
    return counts
