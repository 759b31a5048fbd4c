"""Reads of consent."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.web.consents.models import Consent


def newest_states(people: Sequence[str], channel: str) -> dict[str, str]:
    """The newest word of each of these people on this channel: granted or denied."""
    rows = Consent.objects.filter(person_id__in=list(people), channel=channel).order_by("at", "id")
    return dict(rows.values_list("person_id", "state"))


def suppressed_hashes() -> frozenset[str]:
    """Hashes of every address that must not be written to."""
    from regulars.web.consents.models import Suppression

    return frozenset(Suppression.objects.values_list("digest", flat=True))


def consents_of(person: str) -> list[Consent]:
    """Every change of consent of one person, newest first."""
    return list(Consent.objects.filter(person_id=person).order_by("-at", "-id"))
