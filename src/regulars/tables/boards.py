"""Boards: what a turn found out about everybody together, one result a topic; none can stop another."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from importlib.util import find_spec
from typing import Any

log = logging.getLogger(__name__)

# What a board hands to the turn itself; the rest of its fields is its body.
BESIDE = ("scores", "cards", "kpis", "decisions", "memo", "times")


@dataclass(frozen=True)
class Boards:
    """``made`` by topic, None where there is nothing to say yet; ``failed`` names topics whose board broke."""

    made: dict[str, Any] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def bodies(self) -> dict[str, dict[str, Any] | None]:
        """What the page of each topic is given."""
        return {topic: None if board is None else board_body(board) for topic, board in self.made.items()}


def boards(
    step: str, topics: Mapping[str, str], view: Any, check: Callable[[Any], object] = lambda board: None
) -> Boards:
    """Make every board of a step; one that breaks is logged and named, and takes nothing else with it.

    Args:
        step: the package of the boards, like ``regulars.measure``.
        topics: topic to module of the package; the function has the module's name and takes the view.
        view: what a board of this step may look at.
        check: raises where a board hands on what cannot be kept.
    """
    made: dict[str, Any] = {}
    failed: list[str] = []
    seconds: dict[str, float] = {}
    for topic, module in topics.items():
        if find_spec(f"{step}.{module}") is None:
            continue
        start = time.perf_counter()
        try:
            board = getattr(import_module(f"{step}.{module}"), module)(view)
            if board is not None:
                check(board)
        except Exception:
            log.exception("The board %s could not be made", topic)
            failed.append(topic)
            continue
        seconds[topic] = time.perf_counter() - start
        made[topic] = board
    return Boards(made, tuple(failed), seconds)


def board_body(board: Any) -> dict[str, Any]:
    """The fields a page is given."""
    return {f.name: getattr(board, f.name) for f in fields(board) if f.name not in BESIDE}
