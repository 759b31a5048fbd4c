"""Plans and experiments of the owner's own on facts with a known effect."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.home import Settings
from regulars.measure.experiments_board import ExperimentsBoard, experiments_board
from regulars.measure.view import View
from regulars.tables import MEASURING, TABLES

START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def company(people: int, *, lift: float, seed: int = 1) -> tuple[pa.Table, pa.Table, np.ndarray[Any, Any]]:
    """Messages and orders: a tenth held back, who has bought before buys at 10 %, plus ``lift`` if written to."""
    rng = np.random.default_rng(seed)
    held = rng.random(people) < 0.2
    drawn = rng.integers(0, 10 * 86_400, people)
    buys = rng.random(people) < 0.1 + np.where(held, 0.0, lift)
    day = np.array([START + timedelta(seconds=int(s)) for s in drawn])
    messages = rows("messages", [
        {"customer": f"c{i}", "at": day[i], "state": "holdout" if held[i] else "sent", "message": f"m{i}",
         "plan": "p1", "action": "win_back"} for i in range(people)])  # fmt: skip
    before = [{"customer": f"c{i}", "at": START - timedelta(days=40 + i % 300), "amount": 10_000}
              for i in range(people) if i % 3]  # fmt: skip
    after = [{"customer": f"c{i}", "at": day[i] + timedelta(days=2), "amount": 20_000 + 100 * (i % 7)}
             for i in np.flatnonzero(buys)]  # fmt: skip
    return messages, rows("orders", before + after), held


def rows(table: str, given: list[dict[str, Any]]) -> pa.Table:
    defaults = {"orders": {"kind": "sale", "status": "paid", "currency": "CNY"}, "messages": {}}[table]
    full = [{"source": "test", "id": f"{table}{i}", "revision": 0, "recorded_at": r["at"], "day": r["at"].date(),
             "ordered": r.get("amount"), **defaults, **r} for i, r in enumerate(given)]  # fmt: skip
    names = TABLES[table].names
    return TABLES[table].fill({n: [r.get(n) for r in full] for n in names}, len(full))


def view(facts: dict[str, pa.Table], now: datetime, **book: pa.Table) -> View:
    written = {name: book.get(name, shape.empty_table()) for name, shape in MEASURING.items()}
    empty: Any = pd.DataFrame()
    decisions = ibis.memtable(TABLES["decisions"].empty())
    settings = Settings(zone="UTC", holdout_share=0.2)
    return View(facts, empty, empty, empty, pa.table({}), decisions, written, now.date(), now, settings, "1")


def test_a_plan_that_works_is_told_with_its_effect() -> None:
    messages, orders, held = company(6000, lift=0.06)
    board = experiments_board(view({"messages": messages, "orders": orders}, START + timedelta(days=60)))
    assert isinstance(board, ExperimentsBoard)
    one = board.trials[0]
    assert (one.code, one.open, one.held) == ("better", False, int(held.sum()))
    assert one.buy.delta == pytest.approx(0.06, abs=0.025)
    assert one.buy.low is not None
    assert one.buy.low > 0
    assert {f.name for f in one.figures} == {"buy", "money", "orders", "money_per_order"}
    # The last point of the course says the same as the figure.
    assert one.course[-1].delta == pytest.approx(one.buy.delta, abs=1e-12)
    assert one.course[-1].low == pytest.approx(one.buy.low, abs=1e-9)
    assert [g.by for g in one.groups] == ["orders_before", "silence_before"]
    assert all(g.code == "cannot_tell" for g in one.groups)
    assert board.overall is not None
    assert board.overall.delta == pytest.approx(one.buy.delta)
    assert json.dumps(asdict(board), allow_nan=False)


def test_while_it_runs_it_says_when_it_will_know() -> None:
    messages, orders, _held = company(900, lift=0.0)
    now = START + timedelta(days=9)
    upto = [pa.compute.less(t.column("at"), pa.scalar(now)) for t in (messages, orders)]
    found = experiments_board(view({"messages": messages.filter(upto[0]), "orders": orders.filter(upto[1])}, now))
    assert found is not None
    one = found.trials[0]
    assert one.open
    assert one.code in ("cannot_tell", "too_few")
    assert one.needed is not None
    assert one.needed > one.treated + one.held
    assert one.knows_on is not None
    assert one.knows_on > one.ends
    assert one.detectable is not None
    assert one.wanted is not None
    assert one.detectable > one.wanted


def test_a_broken_draw_is_called_unfair() -> None:
    messages, orders, held = company(3000, lift=0.1)
    v = view({"messages": messages.filter(pa.array(~held | (np.arange(3000) % 2 == 0))), "orders": orders},
             START + timedelta(days=60))  # fmt: skip
    planned = {n: [None] for n in TABLES["decisions"].names} | {"plan": ["p1"]}
    decisions = TABLES["decisions"].fill(planned, 1)
    found = experiments_board(View(**{**v.__dict__, "decisions": ibis.memtable(decisions)}))
    assert found is not None
    assert found.trials[0].ratio.off
    assert found.trials[0].code == "unfair"
    assert found.overall is None


def own(people: int, lift: float, days: int) -> tuple[dict[str, pa.Table], pa.Table, pa.Table]:
    rng = np.random.default_rng(6)
    arm = np.where(rng.random(people) < 0.5, "new", "control")
    begun = int(START.timestamp())
    buys = rng.random(people) < 0.15 + np.where(arm == "new", lift, 0.0)
    orders = rows("orders", [{"customer": f"c{i}", "at": START + timedelta(days=float(rng.uniform(0.1, 27))),
                              "amount": 9_900} for i in np.flatnonzero(buys)])  # fmt: skip
    columns = {
        "experiment": ["e1"] * people, "arm": arm.tolist(), "customer": [f"c{i}" for i in range(people)],
        "start_s": [begun] * people, "until_s": [begun + 28 * 86_400] * people,
    }  # fmt: skip
    assigned = pa.Table.from_pydict(columns, schema=MEASURING["assignments"])
    asked = {"arms": {"control": 0.5, "new": 0.5}, "control": "control", "wanted_relative": 0.5}
    row = {"id": "e1", "name": "New page", "unit": "person", "metric": "buyers", "start": START.date(),
           "window_days": 28, "state": "running",
           "body": json.dumps(asked)}  # fmt: skip
    record = pa.Table.from_pylist([row], schema=MEASURING["experiments"])
    now = START + timedelta(days=days)
    until = pa.compute.less(orders.column("at"), pa.scalar(now))
    return {"orders": orders.filter(until)}, record, assigned


def test_an_experiment_of_the_owners_own_is_read_from_orders() -> None:
    facts, record, assigned = own(4000, 0.08, 28)
    found = experiments_board(view(facts, START + timedelta(days=28), experiments=record, assignments=assigned))
    assert found is not None
    assert found.trials == ()
    one = found.own[0]
    assert (one.id, one.code, one.progress, one.open) == ("e1", "better", 1.0, False)
    assert one.buy.delta == pytest.approx(0.08, abs=0.03)
    assert one.ratio.p_value is not None
    assert not one.ratio.off
    facts, record, assigned = own(4000, 0.08, 5)
    early = experiments_board(view(facts, START + timedelta(days=5), experiments=record, assignments=assigned))
    assert early is not None
    assert early.own[0].open
    assert early.own[0].knows_on == date(2026, 2, 2).isoformat()


def test_looking_every_day_at_people_drawn_at_once_keeps_its_word() -> None:
    """A/A: everybody is in from the start and buys with time; information is the share of the plan that is over."""
    from regulars.measure.confidence_sequence import half_width, tuned

    rng = np.random.default_rng(3)
    runs, people, days = 600, 1000, 28
    wrong = 0
    day = np.arange(1, days + 1)
    for _ in range(runs):
        first = rng.geometric(0.006, (2, people))
        p = (first[:, :, None] <= day).mean(1)
        se = np.sqrt((p * (1 - p)).sum(0) / people)
        enough = p.sum(0) * people >= 20
        wrong += bool(((np.abs(p[0] - p[1]) > half_width(se, tuned(1.0) * day / days)) & enough).any())
    assert wrong / runs <= 0.05


@pytest.mark.parametrize("people", [0, 1, 5])
def test_tiny_companies_turn(people: int) -> None:
    messages, orders, _held = company(people, lift=0.0)
    found = experiments_board(view({"messages": messages, "orders": orders}, START + timedelta(days=60)))
    if not people:
        assert found is None
    else:
        assert found is not None
        assert found.trials[0].code == "too_few"
        assert json.dumps(asdict(found), allow_nan=False)


def test_everybody_against_those_never_written_to_is_a_reading_of_its_own() -> None:
    messages, orders, held = company(6000, lift=0.06)
    start = int(START.timestamp())
    drawn = {"experiment": ["everywhere"] * 6000, "arm": ["held" if h else "treated" for h in held],
             "customer": [f"c{i}" for i in range(6000)], "start_s": [start] * 6000,
             "until_s": [start + 365 * 86_400] * 6000}  # fmt: skip
    book = {"assignments": pa.table(drawn, schema=MEASURING["assignments"])}
    given = view({"messages": messages, "orders": orders}, START + timedelta(days=60), **book)
    given = replace(given, settings=Settings(zone="UTC", holdout_share=0.2, holdout_everywhere=0.2))
    board = experiments_board(given)
    assert isinstance(board, ExperimentsBoard)
    whole = board.everywhere
    assert whole is not None
    assert board.own == ()
    assert (whole.treated, whole.held) == (int((~held).sum()), int(held.sum()))
    assert whole.money.low is not None
    assert whole.money.high is not None
    assert whole.money.low < 0.06 * 20_300 < whole.money.high
    assert whole.buy.delta == pytest.approx(0.06, abs=0.02)
    assert not whole.ratio.off


def test_those_never_written_to_are_not_held_against_one_flow() -> None:
    messages, orders, held = company(6000, lift=0.06)
    reason = pa.array(["holdout_everywhere" if h and i % 2 else None for i, h in enumerate(held)], pa.string())
    place = messages.column_names.index("reason")
    board = experiments_board(view({"messages": messages.set_column(place, "reason", reason), "orders": orders},
                                   START + timedelta(days=60)))  # fmt: skip
    assert isinstance(board, ExperimentsBoard)
    assert board.trials[0].held == int(sum(h and i % 2 == 0 for i, h in enumerate(held)))
    assert board.everywhere is None
