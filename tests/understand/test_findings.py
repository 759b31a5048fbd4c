"""Boards: kept by topic, with their scores and cards taken out; one that breaks takes nothing with it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from types import ModuleType

import pyarrow as pa

from regulars.tables import SCORES
from regulars.tables import boards as board_room
from regulars.understand import findings as room
from regulars.understand.cards import ModelCard

CARD = ModelCard("good", "good/1", None, None, 1, (), (), None, ())


@dataclass(frozen=True)
class Board:
    people: int
    scores: pa.Table
    cards: tuple[ModelCard, ...] = (CARD,)


def board(view):
    rows = {"customer": ["a"], "name": "good", "value": 1.0, "made_by": "good/1", "made_at": view, "lake_version": "1"}
    return Board(7, SCORES.fill(rows, 1))


def broken(view):
    raise ValueError("no such thing")


def test_a_broken_board_takes_nothing_with_it(monkeypatch, caplog):
    made = {"good_board": board, "broken_board": broken, "quiet_board": lambda view: None}
    for name, function in made.items():
        module = ModuleType(f"regulars.understand.{name}")
        setattr(module, name, function)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(board_room, "find_spec", lambda name: True)
    monkeypatch.setattr(room, "TOPICS", {"broken": "broken_board", "good": "good_board", "quiet": "quiet_board"})
    found = room.findings(datetime(2026, 3, 1, tzinfo=UTC))
    assert found.failed == ("broken",)
    assert "no such thing" in caplog.text
    assert found.bodies == {"good": {"people": 7}, "quiet": None}
    assert found.scores["name"].to_pylist() == ["good"]
    assert found.cards == (CARD,)


def test_every_topic_has_its_board():
    for module in room.TOPICS.values():
        assert find_spec(f"regulars.understand.{module}"), module
