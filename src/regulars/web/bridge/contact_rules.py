"""The rules of contacts and the strategy map as the deciding step reads them."""

from __future__ import annotations

from typing import Any

from regulars.web.lifecycle.models import Strategy
from regulars.web.next_actions.queries import contact_rule_rows

__all__ = ["contact_rule_rows", "strategy_rows"]


def strategy_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.STRATEGIES``: what the owner changed of the map of activity states."""
    return [
        {"state": s.key, "goal": s.goal, "by_hand_from": s.by_hand_from}
        for s in Strategy.objects.filter(kind="activity").order_by("key")
    ]
