"""The simulated company knows what its spend brings; the board is told only what an owner would know."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from regulars.demo import simulate
from regulars.home import Settings
from regulars.measure.history import cubes, first_day
from regulars.measure.mix_board import mix_board
from regulars.measure.view import View
from regulars.tables import MEASURING, SCORES

NOW = datetime(2026, 6, 1, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
# The model counts what comes within its carry-over, eight weeks; later purchases are in the customers' worth.
WEEKS = 8


def brought(cube: Any, facts: Any, truth: dict[str, Any]) -> dict[str, float]:
    """Revenue within eight weeks per unit of spend: customers by the true curves, times what a customer of the
    channel spends in that time. New customers without spend are left out on purpose."""
    firsts = cube.expressions["credit"].to_pyarrow().to_pandas().sort_values("at").groupby("customer").first()
    orders = facts["orders"].to_pandas()
    orders = orders[(orders["status"] == "paid") & (orders["kind"] != "void")]
    orders = orders.join(firsts[["at", "first_channel"]].rename(columns={"at": "since"}), on="customer", how="inner")
    early = orders[(orders["at"] - orders["since"]).dt.days < 7 * WEEKS]
    each = early.groupby("first_channel")["amount"].sum() / firsts["first_channel"].value_counts()
    spend = cube.spend.groupby([first_day(cube.spend["day"], "week"), "channel"])["amount"].sum().unstack().fillna(0.0)
    out = {}
    for name, p in truth["responses"]["channels"].items():
        x = spend[name].to_numpy()
        out[name] = float((p["customers_ceiling"] * x / (x + p["half"])).sum() * each[name] / x.sum())
    return out


def test_true_returns_lie_in_their_intervals() -> None:
    company = simulate(people=2_500, seed=8, until=NOW)
    cube = cubes(company.facts, NOW.date())
    book = {name: shape.empty_table() for name, shape in MEASURING.items()}
    view = View(company.facts, cube, pd.DataFrame(), pd.DataFrame(), SCORES.empty(), None, book, NOW.date(), NOW,
                Settings(), "1")  # fmt: skip
    board = mix_board(view)
    assert board is not None
    truth = brought(cube, company.facts, company.truth)
    held = [c.low <= truth[c.channel] <= c.high for c in board.channels]
    assert len(held) == 7
    # Seven intervals of 90 %: fewer than five hits would come once in forty times.
    assert sum(held) >= 5, [(c.channel, c.low, truth[c.channel], c.high) for c in board.channels]
    ratios = [c.roas / truth[c.channel] for c in board.channels]
    # Of all revenue it was 1.7 here: most of it comes from customers won long before, who grow with the company.
    assert 0.6 <= float(np.median(ratios)) <= 1.4, ratios
    assert "newcomers_only" in board.limits
    assert board.holdout is not None
    assert board.holdout["wmape"] < board.holdout["naive"]
    assert np.mean([c.overlap for c in board.channels]) < 0.9
