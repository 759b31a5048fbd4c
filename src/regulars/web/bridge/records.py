"""Rows of the book written in bulk: companies, people, identities, consents, products, deals, texts.

Every function is idempotent by the table's own key; times come as aware datetimes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from regulars.web.answers.models import Answer
from regulars.web.bridge.bulk import stamp, upsert
from regulars.web.bridge.people import in_chunks
from regulars.web.catalog.models import Product
from regulars.web.consents.models import Consent
from regulars.web.deals.models import Deal
from regulars.web.people.keys import new_keys
from regulars.web.people.models import Company, Identity, Person

PERSON_TEXT = (
    "name", "email", "phone", "city", "region", "country", "language", "zone", "stage", "channel", "market",
)  # fmt: skip

PERSON_LIMITS = {c: Person._meta.get_field(c).max_length for c in PERSON_TEXT}
# Columns we add to rows that are set aside; a mended file still has them.
OURS = ("_row", "_reason", "_detail")

Row = Mapping[str, Any]


def fields_of(text: str | None) -> dict[str, Any]:
    """The columns of a file that we have no field for."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return {name: value for name, value in found.items() if name not in OURS}


def folded(name: str) -> str:
    """A company name as compared: full width to half, lower case, no spaces.

    >>> folded("Ａcme  Ltd"), folded("北京 万象")
    ('acmeltd', '北京万象')
    """
    return "".join(unicodedata.normalize("NFKC", name).lower().split())[:200]


def companies_ensure(names: Iterable[str], now: datetime, details: Mapping[str, Row] | None = None) -> dict[str, str]:
    """Make the companies that are missing; returns folded name -> key."""
    wanted = {folded(n): n for n in names if n and folded(n)}
    known: dict[str, str] = {}
    for piece in in_chunks(list(wanted)):
        known.update(Company.objects.filter(folded__in=piece).values_list("folded", "key"))
    fresh = [f for f in wanted if f not in known]
    rows = []
    for key, fold in zip(new_keys(len(fresh)), fresh, strict=True):
        detail = (details or {}).get(fold, {})
        rows.append((key, wanted[fold][:200], fold, (detail.get("industry") or "")[:100],
                     (detail.get("country") or "")[:60], stamp(now)))  # fmt: skip
        known[fold] = key
    upsert(Company, ("key", "name", "folded", "industry", "country", "created_at"), rows, key=("folded",), update=())
    return known


def people_write(rows: Iterable[Row], companies: Mapping[str, str], source: str, now: datetime) -> None:
    """Insert people, or replace what we know of them; each row carries its ``key``."""
    columns = ("key", *PERSON_TEXT, "company_id", "tags", "fields", "note", "source", "created_at", "updated_at")
    upsert(
        Person,
        columns,
        (
            (
                r["key"],
                *((r.get(c) or ("lead" if c == "stage" else ""))[: PERSON_LIMITS[c]] for c in PERSON_TEXT),
                companies.get(folded(r.get("company") or "")),
                json.dumps(r.get("tags") or [], ensure_ascii=False),
                json.dumps(r.get("fields") or {}, ensure_ascii=False),
                r.get("note") or "",
                r.get("source") or source,
                stamp(r.get("created_at") or now),
                stamp(now),
            )
            for r in rows
        ),
        key=("key",),
        update=(*PERSON_TEXT, "company_id", "tags", "fields", "updated_at"),
    )


def identities_add(rows: Iterable[tuple[str, str, str]], source: str, now: datetime) -> None:
    """Point (kind, value) to a person; a value that points to somebody already stays as it is."""
    upsert(
        Identity,
        ("kind", "value", "person_id", "source", "verified", "created_at"),
        ((kind, value[:254], person, source, False, stamp(now)) for kind, value, person in rows),
        key=("kind", "value"),
        update=(),
    )


def consents_add(
    people: Sequence[tuple[str, bool]], *, basis: str, source: str, at: datetime, channel: str = "email"
) -> int:
    """Write down yes or no for a channel where it differs from the newest word; returns how many changed."""
    from regulars.web.consents.queries import newest_states

    newest: dict[str, str] = {}
    for piece in in_chunks([p for p, _ in people]):
        newest.update(newest_states(piece, channel))
    rows = []
    for person, yes in people:
        state = "granted" if yes else "denied"
        # A file may not overrule somebody who unsubscribed: only the person can say yes again.
        if newest.get(person) in (state, "denied"):
            continue
        rows.append(Consent(person_id=person, channel=channel, state=state, basis=basis, source=source, at=at))
    Consent.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def products_write(rows: Iterable[tuple[str, str, bool]], source: str) -> None:
    """Keep the words of products: sku, title, goods."""
    upsert(
        Product,
        ("source", "sku", "title", "goods"),
        ((source, sku[:100], (title or "")[:300], goods) for sku, title, goods in rows),
        key=("source", "sku"),
    )


def deals_write(rows: Iterable[Row], source: str) -> tuple[int, int, int]:
    """Insert or update deals by their external id; returns created, updated, unchanged."""
    rows = list(rows)
    names = ("title", "person_id", "company_id", "stage", "type", "amount", "currency", "channel", "owner")
    times = ("opened_at", "closed_at")
    known: dict[str, tuple[Any, ...]] = {}
    for piece in in_chunks([r["external_id"] for r in rows]):
        for external, *values in Deal.objects.filter(source=source, external_id__in=piece).values_list(
            "external_id", *names, *times
        ):
            known[external] = tuple(values)
    created = updated = 0
    changed = []
    for r in rows:
        text = {"title": 200, "stage": 100, "channel": 100, "owner": 100, "currency": 3}
        row = tuple((r.get(n) or "")[: text[n]] if n in text else r.get(n) for n in names)
        before = known.get(r["external_id"])
        if before == (*row, *(r.get(t) for t in times)):
            continue
        created += before is None
        updated += before is not None
        changed.append((source, r["external_id"], *row, *(stamp(r.get(t)) for t in times),
                        json.dumps(r.get("fields") or {}, ensure_ascii=False)))  # fmt: skip
    upsert(Deal, ("source", "external_id", *names, *times, "fields"), changed, key=("source", "external_id"))
    return created, updated, len(rows) - created - updated


def answers_write(rows: Iterable[Row], source: str) -> None:
    """Keep what people wrote: reviews, survey answers, tickets."""
    upsert(
        Answer,
        ("source", "external_id", "person_id", "kind", "score", "text", "status", "channel", "at"),
        (
            (source, r["external_id"][:100], r.get("person_id"), r["kind"][:10], r.get("score"), r["text"],
             (r.get("status") or "")[:10], (r.get("channel") or "")[:100], stamp(r["at"]))
            for r in rows
        ),
        key=("source", "external_id"),
    )  # fmt: skip
