"""What a turn found out about everybody together: one board a topic, kept for the page of that topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from regulars.tables import SCORES, conform
from regulars.tables.boards import boards
from regulars.tables.cards import ModelCard
from regulars.understand.view import View

# Topic and the file of its board, in the order they are made; the function has the file's name.
TOPICS = {
    name: f"{name}_board"
    for name in (
        "worth", "lifecycle", "personas", "churn", "behaviour", "affinity", "uplift", "network", "voice", "markets",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """``bodies`` by topic, None where there is nothing to say yet; ``failed`` names topics whose board broke."""

    bodies: dict[str, dict[str, Any] | None]
    scores: pa.Table
    cards: tuple[ModelCard, ...]
    failed: tuple[str, ...]
    seconds: dict[str, float]


def findings(view: View) -> Findings:
    """Make every board; one that breaks is logged and named, and takes nothing else with it."""
    made = boards("regulars.understand", TOPICS, view, _scores)
    scores = [SCORES.empty(), *(_scores(b) for b in made.made.values() if getattr(b, "scores", None) is not None)]
    cards = tuple(card for b in made.made.values() for card in getattr(b, "cards", ()))
    return Findings(made.bodies, pa.concat_tables(scores), cards, made.failed, made.seconds)


def _scores(board: Any) -> pa.Table | None:
    more = getattr(board, "scores", None)
    return None if more is None else conform("scores", more)
