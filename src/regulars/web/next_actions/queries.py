"""Reads of the rules of contacts and of the people of the newest plan."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from regulars.web.next_actions.models import ContactRule
from regulars.web.plans.board import people_rows, plan_of


def rules() -> list[ContactRule]:
    return list(ContactRule.objects.order_by("kind", "name"))


def contact_rule_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.CONTACT_RULES``."""
    return [{"kind": r.kind, "name": r.name or None, "amount": r.amount} for r in rules()]


def people_of(plan: str) -> QuerySet[Any]:
    """Everybody a plan would reach, with their names; nobody where the plan is gone."""
    return people_rows(plan_of(plan))
