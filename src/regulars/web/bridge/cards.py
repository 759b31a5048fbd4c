"""Model cards of a turn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from regulars.web.bridge.plans import plain
from regulars.web.cards.models import Card


def cards_store(cards: Iterable[Any], now: datetime) -> None:
    """Keep the cards of this turn; a turn done twice keeps them once."""
    for card in cards:
        Card.objects.update_or_create(
            model=card.model, made_at=now, defaults={"version": str(card.version), "body": plain(card)}
        )
