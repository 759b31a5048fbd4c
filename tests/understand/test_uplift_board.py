"""The board of what messages change: drawn people from the lake, with effects that are known."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest
from tests.understand.board_view import SETTINGS, view_of

from regulars.demo import simulate
from regulars.measure.trials import trials
from regulars.understand.uplift_board import needed, uplift_board
from regulars.understand.uplift_people import drawn_people

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made():
    company = simulate(people=2_000, seed=3, until=NOW)
    return company, view_of(company.facts, company.people, NOW)


def known_effect(view, people=6_000, seed=0):
    """One mailing to people whom it moves, or keeps from buying, by how recently they had bought."""
    rng = np.random.default_rng(seed)
    sent = NOW - timedelta(days=40)
    recent = rng.random(people) < 0.5
    held = rng.random(people) < 0.5
    chance = 0.15 + np.where(held, 0.0, np.where(recent, -0.08, 0.15))
    buys = rng.random(people) < chance
    keys = [f"p{i:05d}" for i in range(people)]
    stamp = pa.timestamp("us", tz="UTC")
    before = [sent - timedelta(days=10 if r else 120) for r in recent]
    after = [sent + timedelta(days=3)] * int(buys.sum())
    who = keys + [k for k, b in zip(keys, buys, strict=True) if b]
    n = len(who)
    orders = pa.table({
        "source": ["shop"] * n, "customer": who, "at": pa.array(before + after, stamp), "kind": ["sale"] * n,
        "status": ["paid"] * n, "amount": [10_000] * n, "currency": ["CNY"] * n,
    })  # fmt: skip
    messages = pa.table({
        "message": keys, "customer": keys, "at": pa.array([sent] * people, stamp), "plan": ["m1"] * people,
        "action": ["win_back"] * people, "state": np.where(held, "holdout", "sent"),
        "reason": pa.nulls(people, pa.string()),
    })  # fmt: skip
    facts = {"orders": ibis.memtable(orders), "messages": ibis.memtable(messages)}
    return dataclasses.replace(view, facts=facts)


def test_drawn_people_add_up_to_what_plans_are_measured_by(made):
    view = made[1]
    rows = drawn_people(view.facts, view.people, now=NOW, currency=SETTINGS.currency)
    sums = trials(view.facts["messages"], view.facts["orders"], now=NOW, currency=SETTINGS.currency)
    for one in sums.itertuples():
        own = rows[(rows["plan"] == one.plan) & (rows["action"] == one.action) & (rows["treated"] == 1 - one.held)]
        assert (len(own), own["bought"].sum(), own["revenue"].sum()) == (one.people, one.buyers, one.revenue)


def test_demo_effects_lie_in_their_intervals_and_nobody_is_ranked_by_luck(made):
    board = uplift_board(made[1])
    by_action = {a.action: a for a in board.actions}
    # Messages of the demo bring .12 orders; cross-selling .09 to people of whom many buy anyway.
    assert by_action["win_back"].low < 0.12 < by_action["win_back"].high
    for one in board.actions:
        assert one.code in ("nobody_beats_chance", "cannot_tell_apart", "one_is_best", "too_few")
    body = {f.name: getattr(board, f.name) for f in dataclasses.fields(board) if f.name not in ("scores", "cards")}
    json.dumps(body, default=dataclasses.asdict, allow_nan=False)


def test_sleeping_dogs_are_found_and_left_alone(made):
    [one] = uplift_board(known_effect(made[1])).actions
    assert one.chosen is not None
    assert one.area_low > 0
    codes = {(g.by, g.group): g.code for g in one.groups}
    assert codes["recency", "0-30"] == "sleeping_dog"
    assert codes["recency", "91-180"] == "gains"
    assert one.best_code == "some"
    assert one.best_share == pytest.approx(0.5, abs=0.1)
    half = next(s for s in one.steps if s.share == 0.5)
    assert half.low > one.steps[-1].gain
    board = uplift_board(known_effect(made[1]))
    assert set(board.scores["name"].to_pylist()) == {"uplift_win_back"}
    assert np.isfinite(board.scores["value"].to_numpy()).all()


def test_too_few_people_are_told_how_many_it_takes(made):
    [one] = uplift_board(known_effect(made[1], people=60)).actions
    assert (one.code, one.curve, one.chosen) == ("too_few", (), None)
    assert one.needed > 60
    assert one.needed_who == 4 * one.needed
    nobody = dataclasses.replace(made[1], facts={**made[1].facts, "messages": made[1].facts["messages"].limit(0)})
    assert uplift_board(nobody) is None


def test_the_number_needed_gives_the_power_it_promises():
    rng = np.random.default_rng(0)
    n = needed(base=0.1, effect=0.05, share=0.5)
    t = rng.binomial(n // 2, 0.15, 4000) / (n // 2)
    c = rng.binomial(n // 2, 0.10, 4000) / (n // 2)
    z = (t - c) / np.sqrt((t * (1 - t) + c * (1 - c)) / (n // 2))
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.8, abs=0.03)
