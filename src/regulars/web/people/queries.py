"""Reads of people and companies for their pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from regulars.web.answers.queries import satisfaction
from regulars.web.consents.queries import consents_of
from regulars.web.people.models import Company, Person, PersonScore
from regulars.web.plans.queries import next_action

MANY = 10_000


@dataclass(frozen=True)
class PersonPage:
    """Everything beside the timeline."""

    person: Person
    score: PersonScore | None
    identities: list[Any]
    consents: list[Any]
    action: Any
    satisfaction: float | None
    marks: int

    @property
    def name(self) -> str:
        return self.person.name or self.person.email or self.person.phone or self.person.key


def people() -> QuerySet[Person]:
    """Everybody, with score and company in one query."""
    return Person.objects.select_related("company", "score").defer("note", "fields", "tags", "score__why")


def known_by(moment: datetime) -> QuerySet[Person]:
    """Everybody who was known at a moment and is not erased, by key."""
    return Person.objects.filter(created_at__lte=moment).order_by("key")


def bought_within(days: Collection[int]) -> tuple[int, dict[int, int]]:
    """How many people there are, and how many bought within each number of days."""
    buyers = {length: PersonScore.objects.filter(recency_days__lte=length).count() for length in days}
    return Person.objects.count(), buyers


def with_value(rows: QuerySet[Person], field: str, value: str) -> QuerySet[Person]:
    """The people of one stage or channel, found by the index only where they are few.

    A common value is better met while walking the sorted scores: through its own index the database would fetch and
    sort tens of thousands of rows to show fifty.
    """
    if Person.objects.filter(**{field: value})[:MANY].count() < MANY:
        return rows.filter(**{field: value})
    return rows.alias(plain=Coalesce(field, Value(""))).filter(plain=value)


def channels_known(most: int = 40) -> list[str]:
    """The channels people came through, in order.

    One small step along the index a channel: DISTINCT would read the index of everybody.
    """
    found: list[str] = []
    last = ""
    while len(found) < most:
        following = (
            Person.objects.filter(channel__gt=last).order_by("channel").values_list("channel", flat=True).first()
        )
        if following is None:
            break
        found.append(last := following)
    return found


def person_page(key: str) -> PersonPage | None:
    """One person with what stands beside the timeline; six queries."""
    person = Person.objects.select_related("company", "score").filter(key=key).first()
    if person is None:
        return None
    newest: dict[str, Any] = {}
    for consent in consents_of(key):
        newest.setdefault(consent.channel, consent)
    mark, marks = satisfaction(key)
    return PersonPage(
        person,
        getattr(person, "score", None),
        list(person.identities.order_by("kind", "value")),
        list(newest.values()),
        next_action(key),
        mark,
        marks,
    )


def score_of(key: str) -> PersonScore | None:
    """The newest scores of one person."""
    return PersonScore.objects.filter(pk=key).first()


def companies() -> QuerySet[Company]:
    """Companies with the number of their people."""
    return Company.objects.annotate(size=Count("people"))


def company(key: str) -> Company | None:
    return Company.objects.filter(key=key).first()


def company_worth(key: str) -> dict[str, Any]:
    """What a company's people brought and are expected to bring."""
    rows = PersonScore.objects.filter(person__company_id=key)
    return rows.aggregate(clv=Sum("clv"), spent=Sum("spent"), orders=Sum("orders"))


def at_risk() -> tuple[int, int]:
    """How many customers may leave, and what they would still bring, in minor units."""
    found = PersonScore.objects.filter(activity="at_risk").aggregate(people=Count("activity"), worth=Sum("clv"))
    return found["people"], found["worth"] or 0


def anybody() -> bool:
    return Person.objects.exists()


def people_of(keys: Collection[str]) -> dict[str, Person]:
    """Name, phone and stage of these people, by key."""
    return Person.objects.only("key", "name", "phone", "stage").in_bulk(list(keys))


def names_of(keys: Collection[str]) -> dict[str, str]:
    """The name of each person still in the book: name, else e-mail, phone or key; one query."""
    rows = Person.objects.filter(pk__in=list(keys)).values_list("key", "name", "email", "phone")
    return {key: name or email or phone or key for key, name, email, phone in rows}
