"""Reads of deals."""

from __future__ import annotations

from django.db.models import Q

from regulars.web.deals.models import Deal


def deals_of(person: str = "", company: str = "", limit: int = 100) -> list[Deal]:
    """The deals of a person or a company, newest first."""
    mine = Q(person_id=person) if person else Q(company_id=company) | Q(person__company_id=company)
    return list(Deal.objects.filter(mine).order_by("-opened_at", "-id")[:limit])
