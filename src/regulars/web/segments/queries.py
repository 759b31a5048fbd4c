"""Reads of segments."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from regulars.web.segments.models import Segment, SegmentDefinition, SegmentMember

MANY = 10_000


def segment_rows(method: str = "rules") -> list[dict[str, Any]]:
    """The segments of one method, the most valuable first."""
    fields = ("key", "method", "label", "size", "share", "worth", "spent", "profile", "made_by", "made_at")
    return list(Segment.objects.filter(method=method).order_by("-worth").values(*fields))


def segment_row(method: str, key: str) -> dict[str, Any] | None:
    """One segment."""
    return next((row for row in segment_rows(method) if row["key"] == key), None)


def definitions() -> list[SegmentDefinition]:
    """The owner's own segments, by name."""
    return list(SegmentDefinition.objects.filter(deleted_at=None))


def definition(uid: str) -> SegmentDefinition | None:
    """One of the owner's own segments."""
    return SegmentDefinition.objects.filter(uid=uid, deleted_at=None).first()


def definition_choices() -> list[tuple[str, str]]:
    """The owner's own segments to choose from."""
    return list(SegmentDefinition.objects.filter(deleted_at=None).values_list("uid", "name"))


def deleted(uid: str) -> SegmentDefinition | None:
    """A segment that was taken away and can be brought back."""
    return SegmentDefinition.objects.filter(uid=uid, deleted_at__isnull=False).first()


def members_of(rows: QuerySet[Any], uid: str) -> QuerySet[Any]:
    """The people of one of the owner's own segments, found by its members only where they are few.

    Of many, fifty are met sooner by walking the sorted scores and asking each whether they belong.
    """
    members = SegmentMember.objects.filter(definition=uid)
    if members[:MANY].count() < MANY:
        return rows.filter(pk__in=members.values("person_id"))
    return rows.filter(Exists(members.filter(person=OuterRef("pk"))))
