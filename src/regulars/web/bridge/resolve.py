"""Who is who: people of a file found in the book, made where they are new, filled in where we know less."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db.models import Q

from regulars import tables
from regulars.web.bridge import records
from regulars.web.bridge.people import in_chunks
from regulars.web.people.keys import new_keys
from regulars.web.people.models import Identity, Person

GLOBAL = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# What a file may say about a person that is in the book already; an empty cell never blanks anything.
FILLED = ("name", "email", "phone", "city", "region", "country", "language", "zone", "stage", "market")


@dataclass(frozen=True)
class Resolved:
    """One customer key per row of ``people``, and what happened to the book; ``conflicts`` are people to look at."""

    customers: pa.Array
    created: int
    updated: int
    unchanged: int
    conflicts: int
    touched: tuple[str, ...]


def people_resolve(people: pa.Table, source: str, now: datetime) -> Resolved:
    """Find or make the person of each row; runs inside the caller's transaction."""
    from regulars.collect.identity import identities_of, match

    rows = people.to_pylist()
    named = [[_kept(i.kind, i.value, source) for i in identities_of(r) if i.strength == "own"] for r in rows]
    known = _known(sorted({pair for found in named for pair in found}), source)
    before = match(people, known).customer.to_pylist()
    fresh = iter(new_keys(before.count(None)))
    keys = [k or next(fresh) for k in before]
    isnew = {k for k, was in zip(keys, before, strict=True) if was is None}

    existing = _existing([k for k in keys if k not in isnew])
    write: dict[str, dict[str, Any]] = {}
    updated: set[str] = set()
    for key, row in zip(keys, rows, strict=True):
        said = _said(row)
        base = write.get(key) or existing.get(key)
        if base is None:
            write[key] = {**said, "key": key, "source": source, "created_at": row["created_at"] or now}
            continue
        merged = _merged(base, said)
        if merged != base:
            write[key] = merged
            if key not in isnew:
                updated.add(key)
    # Of everybody who is written, not only of the file: nobody loses the company the book knows.
    companies = records.companies_ensure((r["company"] for r in write.values() if r["company"]), now)
    records.people_write(write.values(), companies, source, now)
    records.identities_add(
        ((kind, value, key) for key, found in zip(keys, named, strict=True) for kind, value in found), source, now
    )
    said = {k: r["consent_email"] for k, r in zip(keys, rows, strict=True) if r["consent_email"] is not None}
    records.consents_add(list(said.items()), basis="import", source=source, at=now)
    everybody = set(keys)
    return Resolved(
        pa.array(keys, tables.TEXT), len(isnew), len(updated), len(everybody) - len(isnew) - len(updated),
        len(_doubtful(keys, named, known)), tuple(sorted(isnew | updated)),
    )  # fmt: skip


def _doubtful(keys: Sequence[str], named: Sequence[Sequence[tuple[str, str]]], known: pa.Table) -> set[str]:
    """People who share an address with somebody they were not joined with, in the book or in the same file."""
    columns = zip(*(known[c].to_pylist() for c in ("kind", "value", "customer")), strict=True)
    owners = {(kind, value): person for kind, value, person in columns if kind != "external_id"}
    found = set()
    for key, identities in zip(keys, named, strict=True):
        for kind, value in identities:
            if kind != "external_id" and owners.setdefault((kind, value), key) != key:
                found.add(key)
    return found


def _kept(kind: str, value: str, source: str) -> tuple[str, str]:
    """An identity as the book keeps it: an external id only means something within its source.

    A random 128-bit id is the exception: it is the same thing in whatever file it stands.
    """
    if kind != "external_id":
        return kind, value
    return kind, f"{'*' if GLOBAL.fullmatch(value) else source}:{value}"


def _known(wanted: Sequence[tuple[str, str]], source: str) -> pa.Table:
    """The identities of the book that the file names, and every external id this source gave to their people."""
    by_kind: dict[str, list[str]] = {}
    for kind, value in wanted:
        by_kind.setdefault(kind, []).append(value)
    found: dict[tuple[str, str], str] = {}
    for kind, values in by_kind.items():
        for piece in in_chunks(values):
            for value, person in Identity.objects.filter(kind=kind, value__in=piece).values_list("value", "person_id"):
                found[kind, value] = person
    for piece in in_chunks(sorted(set(found.values()))):
        own = Identity.objects.filter(kind="external_id", person_id__in=piece)
        own = own.filter(Q(value__startswith=f"{source}:") | Q(value__startswith="*:"))
        found.update({("external_id", value): person for value, person in own.values_list("value", "person_id")})
    return pa.table(
        {
            "kind": pa.array([kind for kind, _ in found], tables.TEXT),
            "value": pa.array([v.partition(":")[2] if k == "external_id" else v for k, v in found], tables.TEXT),
            "customer": pa.array(list(found.values()), tables.TEXT),
        }
    )


def _existing(keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    columns = ("key", *FILLED, "channel", "tags", "fields", "source", "created_at", "company__name")
    found = {}
    for piece in in_chunks(sorted(set(keys))):
        for row in Person.objects.filter(key__in=piece).values(*columns):
            row["company"] = row.pop("company__name") or ""
            found[row["key"]] = row
    return found


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """What a row of a file says, in the words of the book and no longer than it keeps them."""
    said = {c: (row.get(c) or "")[: records.PERSON_LIMITS.get(c)] for c in (*FILLED, "channel", "company")}
    tags = [t.strip() for t in (row.get("tags") or "").replace("，", ",").split(",") if t.strip()]
    return {**said, "tags": tags, "fields": records.fields_of(row.get("fields"))}


def _merged(base: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
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
