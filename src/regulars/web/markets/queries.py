"""Reads of what the owner says about markets."""

from __future__ import annotations

from regulars.web.markets.models import FactorWeight, MarketNote

FACTORS = ("size", "growth", "fit", "room")
EVEN = 25.0
MIDDLE = 0.5


def weights() -> dict[str, float]:
    """How much each factor counts, in the owner's points."""
    kept = dict(FactorWeight.objects.values_list("factor", "weight"))
    return {name: kept.get(name, EVEN) for name in FACTORS}


def notes() -> dict[str, MarketNote]:
    """What the owner said of each market."""
    return {note.market: note for note in MarketNote.objects.all()}
