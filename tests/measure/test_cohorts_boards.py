"""The boards of cohorts and of the funnel: what they say, and what they do not say."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.home import Settings
from regulars.measure.cohorts_board import cohorts_board
from regulars.measure.funnel_board import funnel_board
from regulars.measure.history import cubes
from regulars.measure.view import View
from regulars.tables import MEASURING, SCORES, TABLES

NOW = dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)


def funnel_tests() -> Any:
    spec = importlib.util.spec_from_file_location("funnel_tests", Path(__file__).with_name("test_funnel.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def view_of(facts: dict[str, pa.Table]) -> View:
    tables = {name: facts.get(name, table.empty()) for name, table in TABLES.items() if table.fact}
    book = {name: shape.empty_table() for name, shape in MEASURING.items()}
    return View(tables, cubes(tables, NOW.date()), pd.DataFrame(), pd.DataFrame(), SCORES.empty(), None, book,
                NOW.date(), NOW, Settings(), "1")  # fmt: skip


def buyers(months: int, each: int, stays: Any, seed: int = 4) -> dict[str, pa.Table]:
    """``each`` customers a month who order again in every later month with a chance ``stays(month)``."""
    rng = np.random.default_rng(seed)
    day, who = [], []
    for month in range(months):
        first = pd.Timestamp("2026-02-01") - pd.DateOffset(months=months - 1 - month)
        for i in range(each):
            own = [first] + [first + pd.DateOffset(months=k) for k in range(1, months - month)
                             if rng.random() < stays(month)]  # fmt: skip
            day += [d + pd.Timedelta(days=int(rng.integers(0, 28))) for d in own]
            who += [f"c{month:02d}{i:04d}"] * len(own)
    return {"orders": funnel_tests().rows_of("orders", pd.DatetimeIndex(day).tz_localize("UTC"), who)}


def test_a_company_that_got_better_is_told_so() -> None:
    board = cohorts_board(view_of(buyers(24, 120, lambda month: 0.2 if month < 12 else 0.4)))
    assert board is not None
    json.dumps(asdict(board), allow_nan=False)
    assert board.customers == 24 * 120
    assert [c.age for c in board.changes] == [1, 3, 6]
    assert all(c.low > 0 and c.low <= 0.2 <= c.high for c in board.changes)
    assert board.age == 3
    assert board.luck is not None
    assert board.luck < 0.001
    assert board.best is not None
    assert board.best.cohort >= "2025-03-01"
    month = next(t for t in board.triangles if t.grain == "month")
    assert month.sizes == (120,) * 24
    assert month.active[0][0] == 120
    assert month.money["CNY"][0][0] >= 100
    assert month.running
    assert {t.grain for t in board.triangles} == {"month", "quarter", "week"}


def test_equal_cohorts_are_not_played_off_against_each_other() -> None:
    board = cohorts_board(view_of(buyers(20, 60, lambda _month: 0.3)))
    assert board is not None
    assert board.luck is not None
    assert board.luck > 0.05
    assert sum(c.low < 0 < c.high for c in board.changes) >= 2


def test_the_funnel_names_the_leak_and_channels_only_where_luck_is_ruled_out() -> None:
    facts, truth = funnel_tests().company()
    board = funnel_board(view_of(facts))
    assert board is not None
    json.dumps(asdict(board), allow_nan=False)
    assert board.people == len(truth)
    assert board.leak == "signed_up"
    assert (board.best or {})["channel"] == "mail"
    assert (board.worst or {})["channel"] == "search"
    assert set(board.curves) == {"known", "signed_up", "ordered"}
    rng = np.random.default_rng(0)
    facts["touches"] = facts["touches"].set_column(
        facts["touches"].schema.get_field_index("channel"), "channel", pa.array(rng.choice(["a", "b"], len(truth)))
    )
    same = funnel_board(view_of(facts))
    assert same is not None
    assert same.best is None


@pytest.mark.parametrize("n", [0, 1, 5])
def test_almost_nobody(n: int) -> None:
    facts = {} if not n else buyers(1, n, lambda _month: 0.0)
    board = cohorts_board(view_of(facts))
    assert (board is None) == (n == 0)
    assert board is None or (board.best is None and board.changes == () and "cohorts_too_small" in board.limits)
    assert funnel_board(view_of(facts)) is None
