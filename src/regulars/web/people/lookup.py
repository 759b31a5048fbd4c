"""Find people by what is written on a letter, and read them whole."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F

from regulars.web.people.models import Company, Identity, Person

SORTS = {
    "clv": F("score__clv").desc(nulls_last=True),
    "churn": F("score__churn").desc(nulls_last=True),
    "spent": F("score__spent").desc(nulls_last=True),
    "newest": F("created_at").desc(),
}
SHOWN = ("clv", "clv_low", "clv_high", "churn", "orders", "spent", "segment", "activity", "recency_days")


def addresses(people: Sequence[str]) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Key, name, e-mail, language, zone and stage of these people."""
    rows = Person.objects.filter(key__in=list(people))
    return rows.values_list("key", "name", "email", "language", "zone", "stage").iterator()


def people_written(keys: Sequence[str]) -> Iterator[tuple[str, str, str, str, str, str | None]]:
    """Key, name, e-mail, phone, city and company of these people: what a search should find."""
    rows = Person.objects.filter(key__in=list(keys))
    return rows.values_list("key", "name", "email", "phone", "city", "company__name").iterator()


def identity_values(keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Person and value of every identity of these people."""
    return Identity.objects.filter(person__in=list(keys)).values_list("person_id", "value").iterator()


def companies_written(keys: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Key, name, industry and country of these companies."""
    return Company.objects.filter(key__in=list(keys)).values_list("key", "name", "industry", "country").iterator()


def everybody() -> tuple[list[str], list[str]]:
    """The keys of all people and of all companies."""
    return (
        list(Person.objects.order_by("key").values_list("key", flat=True)),
        list(Company.objects.order_by("key").values_list("key", flat=True)),
    )


def person_key(who: str) -> str | None:
    """The key of the one person with this key, e-mail, phone or external id; None when there is none or several.

    An external id may be given with its source, as ``shop:42``.
    """
    text = unicodedata.normalize("NFKC", who).strip()
    if Person.objects.filter(key=text).exists():
        return text
    forms = {text, text.lower(), "".join(c for c in text if c.isdigit() or c == "+")}
    keys = set(Identity.objects.filter(value__in=forms).values_list("person_id", flat=True)[:2])
    if not keys and text.isdigit():
        keys = set(Identity.objects.filter(kind="phone", value__endswith=text).values_list("person_id", flat=True)[:2])
    if not keys:
        keys = set(Identity.objects.filter(value__endswith=f":{text}").values_list("person_id", flat=True)[:2])
    return keys.pop() if len(keys) == 1 else None


def people_rows(
    *, find: str | None = None, segment: str | None = None, sort: str = "clv", limit: int = 20
) -> list[dict[str, Any]]:
    """People with what they are worth, for the terminal; raises ``ValueError`` for an unknown order."""
    if sort not in SORTS:
        raise ValueError(f"--sort {sort}: there is {', '.join(SORTS)}")
    people = Person.objects.all()
    if find:
        from regulars.web.search.queries import people_keys

        people = people.filter(key__in=people_keys(find, limit=10_000))
    if segment:
        people = people.filter(score__segment=segment)
    fields = ("key", "name", "email", "phone", "stage", "channel", "market", "created_at")
    rows = people.order_by(SORTS[sort], "key").values(*fields, **{s: F(f"score__{s}") for s in SHOWN})
    return list(rows[:limit])


def person_whole(key: str, *, facts: int = 50) -> dict[str, Any]:
    """One person: record, identities, scores with reasons, newest facts."""
    from regulars.web.bridge.facts import timeline

    person = Person.objects.select_related("company", "score").get(key=key)
    score = getattr(person, "score", None)
    return {
        "key": person.key,
        "name": person.name,
        "company": person.company.name if person.company else "",
        "email": person.email,
        "phone": person.phone,
        "city": person.city,
        "region": person.region,
        "country": person.country,
        "stage": person.stage,
        "channel": person.channel,
        "market": person.market,
        "tags": person.tags,
        "created_at": person.created_at,
        "identities": list(person.identities.order_by("kind", "value").values("kind", "value", "source")),
        "consents": list(person.consents.order_by("-at").values("channel", "state", "basis", "at")),
        "scores": {f: getattr(score, f) for f in (*SHOWN, "p_alive", "expected_orders", "rfm", "weighted_score")}
        if score else {},
        "why": score.why if score else {},
        "next": list(
            person.actions.order_by("-plan__made_at").values(
                "id", "subject", "channel", "value", "low", "high", "why", "state"
            )[:1]
        ),
        "timeline": timeline(key, limit=facts),
    }  # fmt: skip
