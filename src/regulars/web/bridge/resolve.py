"""Who is who: people of a file found in the book, made where they are new, filled in where we know less."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars import tables
from regulars.web.bridge import records
from regulars.web.bridge.people import in_chunks
from regulars.web.people.keys import new_keys
from regulars.web.people.models import Identity, Person

# What a file may say about a person that is in the book already; an empty cell never blanks anything.
FILLED = ("name", "email", "phone", "city", "region", "country", "language", "zone", "stage", "market")


@dataclass(frozen=True)
class Resolved:
    """One customer key per row of ``people``, and what happened to the book."""

    customers: pa.Array
    created: int
    updated: int
    unchanged: int
    conflicts: int
    touched: tuple[str, ...]


def people_resolve(people: pa.Table, source: str, now: datetime) -> Resolved:
    """Find or make the person of each row; runs inside the caller's transaction."""
    from regulars.collect.identity import identities, match

    rows = people.to_pylist()
    named = identities(people, source)
    known = _known(sorted({(kind, value) for found in named for kind, value in found}))
    matched = match(named, known, source)
    fresh = iter(new_keys(sum(k is None for k in matched.keys)))
    keys = [k or next(fresh) for k in matched.keys]
    isnew = {k for k, before in zip(keys, matched.keys, strict=True) if before is None}

    existing = _existing([k for k in keys if k not in isnew])
    companies = records.companies_ensure((r["company"] for r in rows if r["company"]), now)
    write: dict[str, dict[str, Any]] = {}
    updated: set[str] = set()
    for key, row in zip(keys, rows, strict=True):
        said = _said(row)
        base = write.get(key) or existing.get(key)
        if base is None:
            write[key] = {**said, "key": key, "source": source, "created_at": row["created_at"] or now}
            continue
        merged = _merged(base, said, companies)
        if merged != base:
            write[key] = merged
            if key not in isnew:
                updated.add(key)
    records.people_write(write.values(), companies, source, now)
    records.identities_add(
        ((kind, value, key) for key, found in zip(keys, named, strict=True) for kind, value in found), source, now
    )
    records.consents_add(
        list({k: r["consent_email"] for k, r in zip(keys, rows, strict=True) if r["consent_email"] is not None}.items()),
        basis="import", source=source, at=now,
    )  # fmt: skip
    everybody = set(keys)
    return Resolved(
        pa.array(keys, tables.TEXT), len(isnew), len(updated), len(everybody) - len(isnew) - len(updated),
        matched.conflicts, tuple(sorted(isnew | updated)),
    )  # fmt: skip


def _known(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    by_kind: dict[str, list[str]] = {}
    for kind, value in wanted:
        by_kind.setdefault(kind, []).append(value)
    found = {}
    for kind, values in by_kind.items():
        for piece in in_chunks(values):
            for value, person in Identity.objects.filter(kind=kind, value__in=piece).values_list("value", "person_id"):
                found[kind, value] = person
    return found


def _existing(keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    columns = ("key", *FILLED, "channel", "tags", "fields", "source", "created_at", "company__name")
    found = {}
    for piece in in_chunks(sorted(set(keys))):
        for row in Person.objects.filter(key__in=piece).values(*columns):
            row["company"] = row.pop("company__name") or ""
            found[row["key"]] = row
    return found


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """What a row of a file says, in the words of the book."""
    said = {c: row.get(c) or "" for c in (*FILLED, "channel", "company")}
    tags = [t.strip() for t in (row.get("tags") or "").replace("，", ",").split(",") if t.strip()]
    fields = row.get("fields")
    return {**said, "tags": tags, "fields": json.loads(fields) if fields else {}}


def _merged(base: dict[str, Any], said: dict[str, Any], companies: dict[str, str]) -> dict[str, Any]:
    """The book's row with what the file knows better; where somebody came from first stays first."""
    merged = dict(base)
    for column in (*FILLED, "company"):
        if said[column]:
            merged[column] = said[column]
    # A file of leads does not turn a customer back into a lead.
    if _rank(base.get("stage")) > _rank(said["stage"]):
        merged["stage"] = base["stage"]
    merged["channel"] = base.get("channel") or said["channel"]
    merged["tags"] = [*base.get("tags", []), *(t for t in said["tags"] if t not in base.get("tags", []))]
    merged["fields"] = {**base.get("fields", {}), **said["fields"]}
    if records.folded(merged["company"]) == records.folded(base.get("company") or ""):
        merged["company"] = base.get("company") or ""
    return merged


def _rank(stage: str | None) -> int:
    return tables.LIFECYCLE_STAGES.index(stage) if stage in tables.LIFECYCLE_STAGES else -1
