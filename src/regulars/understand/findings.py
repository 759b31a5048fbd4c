"""What a turn found out about everybody together: one board a topic, kept for the page of that topic."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pyarrow as pa

from regulars.tables import SCORES, conform
from regulars.understand.cards import ModelCard
from regulars.understand.view import View

log = logging.getLogger(__name__)

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
    bodies: dict[str, dict[str, Any] | None] = {}
    scores: list[pa.Table] = [SCORES.empty()]
    cards: list[ModelCard] = []
    failed: list[str] = []
    seconds: dict[str, float] = {}
    for topic, module in TOPICS.items():
        if find_spec(f"regulars.understand.{module}") is None:
            continue
        start = time.perf_counter()
        try:
            board = getattr(import_module(f"regulars.understand.{module}"), module)(view)
            if board is not None and (more := getattr(board, "scores", None)) is not None:
                scores.append(conform("scores", more))
        except Exception:
            log.exception("The board %s could not be made", topic)
            failed.append(topic)
            continue
        seconds[topic] = time.perf_counter() - start
        bodies[topic] = None if board is None else _body(board)
        cards += getattr(board, "cards", ())
    return Findings(bodies, pa.concat_tables(scores), tuple(cards), tuple(failed), seconds)


def _body(board: Any) -> dict[str, Any]:
    return {f.name: getattr(board, f.name) for f in fields(board) if f.name not in ("scores", "cards")}
