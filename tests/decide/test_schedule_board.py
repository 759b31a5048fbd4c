"""The boards of time and of what is tried out, on small and empty companies."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from regulars import tables
from regulars.decide.adaptive_board import adaptive_board
from regulars.decide.result import Decision
from regulars.decide.schedule_board import schedule_board
from regulars.decide.view import View
from regulars.home import Settings
from regulars.tables.boards import board_body
from regulars.web.bridge.plans import plain

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
BOOK = {name: shape.empty_table() for name, shape in tables.DECIDING.items()}


def view(people: int, visits: int) -> View:
    """People who all visit at 20:00 in Shanghai, with a message each."""
    keys = [f"c{k}" for k in range(people)]
    rng = np.random.default_rng(0)
    at = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=int(d), minutes=int(m))
          for d, m in zip(rng.integers(0, 60, visits), rng.integers(0, 60, visits), strict=True)]  # fmt: skip
    who = [keys[k % people] for k in range(visits)] if people else []
    given = {"customer": who, "at": at, "day": [t.date() for t in at], "kind": "visit", "source": "test",
             "id": [f"v{k}" for k in range(visits)], "revision": 0, "recorded_at": at, "channel": "search"}  # fmt: skip
    touches = tables.TABLES["touches"].fill(given, visits)
    told = tables.TABLES["feedback"].fill({
        "source": "test", "id": [f"t{k}" for k in range(visits)], "revision": 0, "recorded_at": at, "customer": who,
        "at": at, "day": [date(2026, 1, 1)] * visits, "kind": "ticket", "first_response_s": 600.0}, visits)  # fmt: skip
    table = pa.Table.from_pylist([{"customer": k, "zone": "Asia/Shanghai", "email_ok": True} for k in keys],
                                 schema=tables.PEOPLE)  # fmt: skip
    best = pa.table({"customer": pa.array(keys, pa.string()), "action": pa.array(["wake_up"] * people, pa.string()),
                     "channel": pa.array(["email"] * people, pa.string()), "value": pa.array([100.0] * people),
                     "why": pa.array([""] * people, pa.string())})  # fmt: skip
    facts: dict[str, Any] = {"touches": ibis.memtable(touches), "feedback": ibis.memtable(told)}
    return View(facts, table, tables.SCORES.empty(), tables.KPIS.empty(), tables.OUTCOMES.empty(), {}, BOOK, None,
                Decision(best, 0.0, 0.0, 0.0, (), {}, ()), NOW, Settings(), "v", "plan")  # fmt: skip


def test_everybody_is_written_to_in_the_hour_in_which_they_respond() -> None:
    board = schedule_board(view(40, 600))
    assert board is not None
    assert max(board.cells, key=lambda c: c.lift).bin % 24 == 20
    assert {v.at[11:13]: v.planned for v in board.volume if v.planned} == {"12": 40}
    assert board.sooner is not None
    assert board.sooner > 5
    assert board.desk is not None
    assert board.desk.now == 1.0
    assert board.desk.hours
    json.dumps(plain(board_body(board)), allow_nan=False)


@pytest.mark.parametrize(("people", "visits"), [(0, 0), (1, 0), (1, 1), (5, 3)])
def test_small_companies_are_fine(people: int, visits: int) -> None:
    board = schedule_board(view(people, visits))
    assert (board is None) == (visits == 0)
    if board is not None:
        assert "little_activity" in board.limits
        json.dumps(plain(board_body(board)), allow_nan=False)


def test_a_try_out_gives_a_decision_an_arm() -> None:
    asked = {"tryout": "t1", "name": "Advert", "kind": "creative", "reward": "yes_no", "window_hours": 24.0,
             "floor": 0.1, "keep": 1.0, "rule": "thompson", "weeks": 4, "state": "running",
             "started": NOW - timedelta(days=9)}  # fmt: skip
    rows = [{"tryout": "t1", "arm": arm, "at": NOW - timedelta(days=3), "shown": 500, "won": won, "total": 0.0,
             "square": 0.0, "rewarded_at": None, "chance": 0.5} for arm, won in (("a", 50), ("b", 10))]  # fmt: skip
    book = {**BOOK, "tryouts": pa.Table.from_pylist([asked], schema=tables.DECIDING["tryouts"]),
            "exposures": pa.Table.from_pylist(rows, schema=tables.DECIDING["exposures"])}  # fmt: skip
    assert adaptive_board(view(1, 1)) is None
    board = adaptive_board(replace(view(1, 1), book=book))
    assert board is not None
    assert board.tryouts[0].advice == "finish"
    assert board.tryouts[0].arm == "a"
    assert [a.share for a in board.tryouts[0].arms] == pytest.approx([0.9, 0.1])
    assert board.decisions.column("kind").to_pylist() == ["arm", "arm"]
    json.dumps(plain(board_body(board)), allow_nan=False)
