"""The owner's own segments: people of the book and facts of the lake in, members in the book out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from regulars import tables
from regulars.web.bridge.bulk import upsert
from regulars.web.bridge.lake import lake
from regulars.web.bridge.people import consented, in_chunks
from regulars.web.people.models import Person
from regulars.web.segments.models import SegmentDefinition, SegmentMember

if TYPE_CHECKING:
    from regulars.understand.segment_rules import Rule

KEPT = timedelta(days=30)
MANY = 50_000
TYPES = {
    "tags": pa.list_(pa.string()), "email_ok": tables.FLAG, "created_at": tables.TIME,
    "score.clv": tables.INT, "score.clv_historic": tables.INT, "score.spent": tables.INT, "score.orders": tables.INT,
    **{f"score.{n}": tables.REAL for n in ("churn", "p_alive", "expected_orders", "weighted_score", "recency_days")},
}  # fmt: skip
PATHS = {"company": "company__name", "email_ok": "email"}


def people_columns(columns: Iterable[str], keys: Collection[str] | None = None) -> pa.Table:
    """Everybody (or those named) with just these columns, as a rule asks for them."""
    wanted = tuple(dict.fromkeys(("score.clv", *columns)))
    if keys is not None:
        parts = [_read(wanted, Person.objects.filter(key__in=piece), piece) for piece in in_chunks(list(keys))]
        return pa.concat_tables(parts or [_read(wanted, Person.objects.none())])
    return _read(wanted, Person.objects.all())


@lru_cache(maxsize=2)
def people_lately(columns: tuple[str, ...], home: str, minute: int) -> pa.Table:
    """The same, read once a minute: whoever builds a rule asks again with every key pressed."""
    return people_columns(columns)


def _read(wanted: tuple[str, ...], rows: Any, keys: list[str] | None = None) -> pa.Table:
    paths = [_path(name) for name in wanted]
    found = list(zip(*rows.values_list("key", *paths).iterator(20_000), strict=True)) or [()] * (len(paths) + 1)
    arrays: dict[str, Any] = {"customer": pa.array(found[0], pa.string())}
    granted = consented("email", keys) if "email_ok" in wanted else set()
    for name, values in zip(wanted, found[1:], strict=True):
        if name == "email_ok":
            values = [bool(mail) and key in granted for key, mail in zip(found[0], values, strict=True)]
        elif name.startswith("fields."):
            own = name.removeprefix("fields.")
            values = [None if (v := (fields or {}).get(own)) is None else str(v) for fields in values]
        elif name == "tags":
            values = [[str(tag) for tag in tags or ()] for tags in values]
        arrays[name] = pa.array(values, TYPES.get(name, pa.string()))
    return pa.table(arrays)


def _path(name: str) -> str:
    if name.startswith("fields."):
        return "fields"
    return name.replace("score.", "score__") if name.startswith("score.") else PATHS.get(name, name)


def found_people(rule: Rule, people: pa.Table, now: datetime) -> pa.Table:
    """The rows of people a rule holds for."""
    from regulars.understand.segment_query import segment_people
    from regulars.understand.segment_rules import tables_needed

    company = settings.HOME.settings
    facts = {name: lake().current(name) for name in tables_needed(rule)}
    keys = segment_people(rule, people=people, facts=facts, now=now, zone=company.zone, currency=company.currency)
    return people.filter(pc.is_in(people.column("customer"), value_set=keys))


def preview(rule: Rule, now: datetime) -> tuple[int, int, int, list[str]]:
    """How many people a rule holds for, of how many, what they are worth, and the most valuable of them."""
    from regulars.understand.segment_traits import columns_needed

    people = people_lately(columns_needed(rule), str(settings.HOME.path), int(now.timestamp() // 60))
    found = found_people(rule, people, now)
    best = found.take(pc.sort_indices(found, [("score.clv", "descending"), ("customer", "ascending")])[:6])
    worth = pc.sum(found.column("score.clv"), min_count=0).as_py()
    return found.num_rows, people.num_rows, worth, best.column("customer").to_pylist()


def definition_renew(uid: str, now: datetime) -> None:
    """Find the members of one segment anew; a rule that cannot be used any more says so and keeps its members."""
    from regulars.understand.segment_parser import RuleProblem, parse
    from regulars.understand.segment_traits import columns_needed

    # A turn may believe in a later moment; news are told by the clock they came in by.
    looked = min(now, timezone.now())
    row = SegmentDefinition.objects.filter(uid=uid).values_list("rule", flat=True).first()
    try:
        rule = parse(row)
    except RuleProblem as problem:
        SegmentDefinition.objects.filter(uid=uid).update(problem=str(problem)[:300])
        return
    people = people_columns(columns_needed(rule))
    found = found_people(rule, people, now)
    keys = set(found.column("customer").to_pylist())
    with transaction.atomic():
        members_set(uid, keys, set(SegmentMember.objects.filter(definition=uid).values_list("person_id", flat=True)))
        SegmentDefinition.objects.filter(uid=uid).update(
            size=len(keys), share=len(keys) / max(people.num_rows, 1), members_at=looked, problem="",
            worth=pc.sum(found.column("score.clv"), min_count=0).as_py(),
        )  # fmt: skip


def many_people() -> bool:
    """Whether finding the members of a segment takes long enough to be a job."""
    return bool(Person.objects.order_by("key")[MANY : MANY + 1])


def definitions_renew(now: datetime) -> None:
    """Find the members of every segment anew: windows moved, scores changed; forget what was deleted long ago."""
    SegmentDefinition.objects.filter(deleted_at__lt=now - KEPT).delete()
    for uid in SegmentDefinition.objects.filter(deleted_at=None).values_list("uid", flat=True):
        definition_renew(uid, now)


def members_set(uid: str, wanted: set[str], held: set[str]) -> None:
    """Make ``wanted`` the members where ``held`` were; inside the caller's transaction."""
    for piece in in_chunks(sorted(held - wanted)):
        SegmentMember.objects.filter(definition=uid, person__in=piece).delete()
    known = set()
    for piece in in_chunks(sorted(wanted - held)):
        known |= set(Person.objects.filter(key__in=piece).values_list("key", flat=True))
    upsert(SegmentMember, ("definition_id", "person_id"), [(uid, key) for key in sorted(known)],
           key=("definition_id", "person_id"), update=())  # fmt: skip


def values_known(field: str, most: int = 60) -> list[str]:
    """Values to choose from for an attribute (``person.city``) or a column of facts (``events.name``)."""
    from regulars.understand.segment_facts import ATTRIBUTES, FACTS, OWN_FIELDS, SCORES, TEXT

    room, _dot, column = field.partition(".")
    if (room == "score" and SCORES.get(column) == TEXT) or (room == "person" and ATTRIBUTES.get(column) == TEXT):
        path = f"score__{column}" if room == "score" else PATHS.get(column, column)
        rows = Person.objects.exclude(**{path: ""}).exclude(**{f"{path}__isnull": True})
        return list(rows.order_by(path).values_list(path, flat=True).distinct()[:most])
    if field == "person.tags" or field.startswith(f"person.{OWN_FIELDS}"):
        return _inside("tags" if column == "tags" else column.removeprefix(OWN_FIELDS), most)
    if room in FACTS and column in FACTS[room].where:
        rows = lake().table(FACTS[room].table)
        found = rows.filter(rows[column].notnull()).select(column).distinct().order_by(column).limit(most)
        return [str(v) for v in found.to_pyarrow().column(column).to_pylist()]
    return []


def own_fields(most: int = 40) -> list[str]:
    """Columns of imported files that we have no field for, as found on the newest people."""
    rows = Person.objects.order_by("-created_at").values_list("fields", flat=True)[:500]
    return sorted({name for fields in rows for name in (fields or {})})[:most]


def _inside(name: str, most: int) -> list[str]:
    rows = Person.objects.order_by("-created_at").values_list("tags" if name == "tags" else "fields", flat=True)[:5000]
    if name == "tags":
        return sorted({str(tag) for tags in rows for tag in tags or ()})[:most]
    return sorted({str(fields[name]) for fields in rows if fields and fields.get(name) not in (None, "")})[:most]


def samples(keys: list[str]) -> list[dict[str, Any]]:
    """Who they are, in the order given."""
    rows = Person.objects.filter(key__in=keys).values("key", "name", "email", "phone", "city", "score__clv")
    by_key = {row["key"]: row for row in rows}
    return [{**by_key[k], "shown": by_key[k]["name"] or by_key[k]["email"] or by_key[k]["phone"] or k}
            for k in keys if k in by_key]  # fmt: skip
