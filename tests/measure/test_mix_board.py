from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.home import Settings
from regulars.measure.mix_board import MixBoard, mix_board
from regulars.measure.mix_weeks import mix_weeks
from regulars.measure.view import View
from regulars.tables import EXPERIMENTS, MEASURING, SCORES

MONDAY = pd.Timestamp("2024-01-01")


def frames(weeks: int, spend: dict[str, np.ndarray], revenue: np.ndarray, market: str | None = None) -> Any:
    days = MONDAY + pd.to_timedelta(7 * np.arange(weeks), unit="D")
    money = pd.DataFrame({"day": days, "channel": None, "market": market, "currency": "CNY", "revenue": revenue,
                          "orders": 10})  # fmt: skip
    parts = [pd.DataFrame({"day": days, "channel": c, "market": market, "currency": "CNY", "amount": x})
             for c, x in spend.items()]  # fmt: skip
    return money, pd.concat(parts) if parts else pd.DataFrame(
        columns=["day", "channel", "market", "currency", "amount"]
    )


def view(weeks: int, money: pd.DataFrame, spend: pd.DataFrame, experiments: pa.Table | None = None) -> View:
    today = (MONDAY + pd.Timedelta(weeks=weeks)).date()
    book = {name: shape.empty_table() for name, shape in MEASURING.items()}
    cube: Any = SimpleNamespace(money=money, spend=spend, expressions={})
    return View({}, cube, pd.DataFrame(), pd.DataFrame(), SCORES.empty(), None,
                book | ({"experiments": experiments} if experiments is not None else {}), today,
                datetime(2026, 1, 5, tzinfo=UTC), Settings(margin=0.6), "1")  # fmt: skip


def company(weeks: int = 104, seed: int = 3) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, float]]:
    """Two channels of known return: one varied (it can be told), one that hardly ever changed (it cannot)."""
    rng = np.random.default_rng(seed)
    loud, flat = rng.lognormal(10, 0.8, weeks), 20_000 * rng.uniform(0.97, 1.03, weeks)
    media = {"loud": 180_000 * loud / (loud + 25_000), "flat": 180_000 * flat / (flat + 20_000)}
    revenue = 300_000 + media["loud"] + media["flat"] + rng.normal(0, 6_000, weeks)
    spend = {"loud": loud.round(), "flat": flat.round()}
    return spend, revenue, {c: float(media[c].sum() / spend[c].sum()) for c in media}


@pytest.fixture(scope="module")
def board() -> MixBoard:
    spend, revenue, _ = company()
    found = mix_board(view(104, *frames(104, spend, revenue)))
    assert found is not None
    return found


def test_known_returns_lie_in_their_intervals_and_what_never_changed_is_not_decided(board: MixBoard) -> None:
    truth = company()[2]
    found = {c.channel: c for c in board.channels}
    assert all(found[c].low <= truth[c] <= found[c].high for c in truth)
    assert found["loud"].identified
    assert not found["flat"].identified
    assert found["flat"].reason == "spend_hardly_varied"
    loud, flat = (found[c].high / found[c].low for c in ("loud", "flat"))
    assert loud < flat
    assert not any(c.proven for c in board.channels)
    x, middle, low, high = np.array(found["loud"].curve).T
    real = 180_000 * x / (x + 25_000)
    seen = (x > 5_000) & (x < 60_000)
    assert (low[seen] <= real[seen]).mean() > 0.9
    assert (real[seen] <= high[seen]).mean() > 0.9
    assert (np.diff(middle) >= -1e-6).all()


def test_parts_add_up_to_revenue_and_the_last_weeks_were_foretold(board: MixBoard) -> None:
    revenue = company()[1]
    assert board.contributions is not None
    total = np.array(board.contributions.base) + sum(np.array(s) for s in board.contributions.series.values())
    assert np.corrcoef(total, revenue)[0, 1] > 0.9
    assert total.sum() == pytest.approx(revenue.sum(), rel=0.01)
    assert board.holdout is not None
    assert board.holdout["wmape"] < board.holdout["naive"]
    assert board.diagnostics["r_hat"] < 1.05


def test_the_undecided_channel_is_the_one_to_test(board: MixBoard) -> None:
    assert board.tests[0].channel == "flat"
    assert board.tests[0].net > 0
    assert [t.net for t in board.tests] == sorted((t.net for t in board.tests), reverse=True)
    assert all(0 <= t.chance <= 1 and t.value >= 0 and t.cost >= 0 for t in board.tests)


def test_a_body_is_plain(board: MixBoard) -> None:
    json.dumps({k: v for k, v in dataclasses.asdict(board).items() if k != "cards"}, allow_nan=False)
    assert board.cards[0].n == 104


def test_one_experiment_decides_what_the_weeks_could_not(board: MixBoard) -> None:
    spend, revenue, truth = company()
    start, end = date(2025, 6, 2), date(2025, 6, 29)
    weeks = slice(74, 78)
    brought = float((180_000 * spend["flat"] / (spend["flat"] + 20_000))[weeks].sum())
    row = {"id": "1", "name": "off", "unit": "total", "metric": "revenue", "channel": "flat", "start": start,
           "end": end, "spend": float(spend["flat"][weeks].sum()), "delta": brought, "se": 6_000.0, "currency": "CNY",
           "state": "concluded"}  # fmt: skip
    ran = pa.Table.from_pylist([row], schema=EXPERIMENTS)
    found = mix_board(view(104, *frames(104, spend, revenue), ran))
    assert found is not None
    before, after = (next(c for c in b.channels if c.channel == "flat") for b in (board, found))
    assert found.experiments == 1
    assert after.high - after.low < 0.5 * (before.high - before.low)
    assert after.low <= truth["flat"] <= after.high
    assert after.proven
    assert after.tested == "2025-06-29"


def test_what_is_too_little_is_said() -> None:
    spend, revenue, _ = company(20)
    short = mix_board(view(20, *frames(20, spend, revenue)))
    assert short is not None
    assert short.limits == ("too_few_weeks",)
    assert short.weeks == 20
    assert mix_board(view(104, *frames(104, {}, np.ones(104)))) is None
    none = frames(40, {"a": np.zeros(40)}, np.ones(40))
    assert mix_board(view(40, *none)) is None
    assert mix_board(view(20, frames(0, {}, np.ones(0))[0], frames(20, spend, revenue)[1])) is None


def test_small_channels_are_one_and_credit_notes_are_no_spend() -> None:
    rng = np.random.default_rng(1)
    spend = {f"c{i}": rng.uniform(0, 100 * (20 - i), 40) for i in range(14)}
    spend["c0"][5] = -50
    spend["c13"] *= 0.1
    money, costs = frames(40, spend, rng.uniform(1e4, 2e4, 40))
    known = mix_weeks(view(40, money, costs).cube, MONDAY + pd.Timedelta(weeks=40), "CNY")
    assert known is not None
    assert len(known.spend) == 10
    assert len(known.joined) == 5
    assert "c13" in known.joined
    assert max(spend[c].sum() for c in known.joined) < min(x.sum() for c, x in spend.items() if c not in known.joined)
    assert known.credits
    kept = known.table[known.spend["other"]].sum()
    assert kept == pytest.approx(sum(spend[c].sum() for c in known.joined))
    assert (known.table[list(known.spend.values())] >= 0).all().all()


def test_markets_count_where_spend_is_known_by_market() -> None:
    rng = np.random.default_rng(2)
    parts = [frames(40, {"a": rng.uniform(1, 9, 40), "b": rng.uniform(1, 9, 40)}, rng.uniform(50, 90, 40), m)
             for m in ("n", "e", "s", "w")]  # fmt: skip
    money, costs = (pd.concat(p) for p in zip(*parts, strict=True))
    known = mix_weeks(view(40, money, costs).cube, MONDAY + pd.Timedelta(weeks=40), "CNY")
    assert known is not None
    assert known.geo == "market"
    assert len(known.table) == 160
    assert known.national["target"].sum() == pytest.approx(money["revenue"].sum())
    unknown = costs.assign(market=None)
    whole = mix_weeks(view(40, money, unknown).cube, MONDAY + pd.Timedelta(weeks=40), "CNY")
    assert whole is not None
    assert whole.geo is None
    assert len(whole.table) == 40
