"""Reads of model cards."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from regulars.web.cards.models import Card


def cards_newest() -> list[Card]:
    """The newest card of each model."""
    newest = Card.objects.filter(model=OuterRef("model")).order_by("-made_at").values("pk")[:1]
    return list(Card.objects.filter(pk=Subquery(newest)).order_by("model"))
