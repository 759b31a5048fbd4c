"""Reads of the strategy map."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.web.lifecycle.models import Strategy
from regulars.web.lifecycle.words import GOALS, advice_of
from regulars.web.words.amounts import major


@dataclass(frozen=True)
class Advice:
    """What to do with customers in one state or segment; ``own`` says the owner changed it."""

    kind: str
    key: str
    goal: str
    text: str
    by_hand_from: int | None = None
    own: bool = False

    @property
    def by_hand_major(self) -> str:
        """The limit as the owner types it."""
        return "" if self.by_hand_from is None else f"{major(self.by_hand_from):f}"

    def by_hand(self, worth: int | None) -> bool:
        """Whether a customer of this worth should be seen to in person."""
        return self.by_hand_from is not None and worth is not None and worth >= self.by_hand_from


def strategies(kind: str) -> dict[str, Advice]:
    """The whole map of one kind, the program's proposals under the owner's changes."""
    own = {row.key: row for row in Strategy.objects.filter(kind=kind)}
    return {key: _advice(kind, key, own.get(key)) for key in GOALS.get(kind, {})}


def strategy_of(kind: str, key: str) -> Advice | None:
    """One entry of the map; None where there is none."""
    if key not in GOALS.get(kind, {}):
        return None
    return _advice(kind, key, Strategy.objects.filter(kind=kind, key=key).first())


def _advice(kind: str, key: str, own: Strategy | None) -> Advice:
    if own is None:
        return Advice(kind, key, GOALS[kind][key], advice_of(kind, key))
    return Advice(kind, key, own.goal, own.advice or advice_of(kind, key), own.by_hand_from, own=True)
