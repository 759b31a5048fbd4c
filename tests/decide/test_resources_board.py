"""The board of resources: demand that adds up, cells from sales, the owner's word, and what to do with little."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pytest

from regulars.decide.compute_demand import demands, next_week
from regulars.decide.resources_board import resources_board
from regulars.decide.resources_body import cell_body, cell_of, share_again
from regulars.decide.resources_cells import Cell
from regulars.decide.resources_facts import corrected, mode_of, todays_cells
from regulars.decide.view import View
from regulars.tables import DECIDING, TABLES
from regulars.tables.boards import board_body

TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
SETTINGS = SimpleNamespace(tz=ZoneInfo("Asia/Shanghai"), margin=0.6, currency="CNY", horizon_days=364)


def fact(name: str, rows: list[dict[str, Any]]) -> Any:
    stamp = {"source": "t", "revision": 0, "recorded_at": NOW}
    full = [{**stamp, "id": str(k), "at": datetime(*r["day"].timetuple()[:3], tzinfo=UTC), **r}
            for k, r in enumerate(rows)]  # fmt: skip
    given = {c: [r.get(c) for r in full] for c in {c for r in full for c in r}}
    return ibis.memtable(TABLES[name].fill(given, len(full)))


def usage(weeks: int, levels: dict[str, float]) -> Any:
    return fact("usage", [{"customer": who, "day": TODAY - timedelta(days=7 * k + 2), "meter": "gpu_seconds",
                           "quantity": level} for k in range(weeks) for who, level in levels.items()])  # fmt: skip


def orders(day_counts: dict[tuple[str, str], int], amount: int = 10_000) -> Any:
    rows = [{"customer": "a", "day": TODAY - timedelta(days=1 + k % 90), "kind": "sale", "status": "paid",
             "amount": amount, "ordered": amount, "currency": "CNY", "market": market, "channel": channel}
            for (market, channel), n in day_counts.items() for k in range(n)]  # fmt: skip
    return fact("orders", rows)


def view(facts: dict[str, Any], **book: list[dict[str, Any]]) -> View:
    people = pa.table({"customer": ["a", "b", "c"], "market": ["north", "north", "south"]})
    scores = pa.table({"customer": ["a", "b", "a"], "name": ["clv", "clv", "churn"], "value": [52_000.0, 5_200.0, 0.5]})
    tables = {n: pa.Table.from_pylist(book.get(n, []), schema=s) for n, s in DECIDING.items()}
    return View(facts, people, scores, pa.table({}), pa.table({}), {}, tables, None, None, NOW, SETTINGS, "1", "p")  # type: ignore[arg-type]


def test_a_steady_use_is_forecast_as_it_is_and_shared_by_usual_use() -> None:
    found = demands({"usage": usage(20, {"a": 3600.0, "b": 1800.0})}, TODAY)["gpu_seconds"]
    assert found.total == pytest.approx(5400.0)
    by = dict(zip(found.customers["customer"], found.customers["demand"], strict=True))
    assert by == pytest.approx({"a": 3600.0, "b": 1800.0})
    assert demands({}, TODAY) == {}
    assert demands({"usage": fact("usage", [])}, TODAY) == {}


def test_contracts_part_the_series_and_their_newest_plan_counts() -> None:
    changes = [{"customer": "a", "contract": "k", "day": TODAY - timedelta(days=d), "kind": k, "plan": p, "amount": 1,
                "currency": "CNY"} for d, k, p in ((90, "start", "starter"), (20, "upgrade", "pro"))]  # fmt: skip
    found = demands(
        {"usage": usage(12, {"a": 60.0, "b": 30.0}), "subscriptions": fact("subscriptions", changes)}, TODAY
    )
    assert {p: o.mean for p, o in found["gpu_seconds"].plans.items()} == pytest.approx({"pro": 60.0, "": 30.0})


def test_growth_is_followed_the_interval_holds_and_the_year_turns() -> None:
    grows = next_week(np.arange(10.0, 110.0, 2.0))
    assert grows.mean == pytest.approx(110.0, rel=0.03)
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(60):
        y = 100 + rng.normal(0, 10, 61)
        ahead = next_week(y[:60])
        inside += ahead.low <= y[60] <= ahead.high
    assert inside >= 45
    yearly = np.array([200.0 if k % 52 == 0 else 100.0 for k in range(156)])
    turned = next_week(yearly)
    assert turned.seasonal
    assert turned.mean > 130
    assert next_week(np.array([])).mean == 0.0


def test_cells_are_what_sold_by_market_and_mode() -> None:
    facts = {"orders": orders({("north", "search"): 26, ("north", "agents"): 13, ("south", "search"): 3})}
    found = todays_cells(facts, TODAY, margin=0.6, currency="CNY", churn={"north": 0.2}, uses={"gpu": {"north": 6.0}})
    assert [c.code for c in found.cells] == ["north/agent/self", "north/direct/self"]
    cell = found.cells[1]
    assert (cell.price, cell.unit_cost, cell.churn) == (10_000, pytest.approx(4_000), 0.2)
    assert found.units["north/direct/self"] == pytest.approx(2.0)
    assert cell.demand == pytest.approx(3.0 * 1.25)
    assert cell.uses == pytest.approx({"gpu": 2.0})
    assert [mode_of(c) for c in ("京东旗舰店", "dealers", "wechat")] == ["marketplace", "reseller", "direct"]


def test_the_owners_word_stands_and_terms_agree() -> None:
    cells = [Cell("north", demand=5.0, price=10.0), Cell("north", "agent", "Ann", demand=5.0, price=9.0)]
    said = [{"market": "north", "mode": "agent", "partner": "Ann", "price": 8.0, "demand": 7.0, "capacity": 4.0,
             "uses": json.dumps({"gpu": 2.0})}, {"market": "south", "mode": "direct", "partner": "self", "demand": 2.0,
             "price": 1.0}, {"market": "north", "mode": "direct", "partner": "self", "closed": True}]  # fmt: skip
    found = {c.code: c for c in corrected(cells, said)}
    assert set(found) == {"north/agent/Ann", "south/direct/self"}
    ann = found["north/agent/Ann"]
    assert (ann.price, ann.demand, ann.capacity, ann.uses) == (8.0, 7.0, 4.0, {"gpu": 2.0})
    assert cell_of(json.loads(json.dumps(cell_body(ann)))) == ann


def test_the_board_of_a_company_with_a_meter_and_orders() -> None:
    facts = {"usage": usage(20, {"a": 7200.0, "b": 3600.0, "c": 3600.0}),
             "orders": orders({("north", "search"): 26, ("south", "search"): 26})}  # fmt: skip
    board = resources_board(view(facts))
    assert board is not None
    body = json.loads(json.dumps(board_body(board)))
    assert board.decisions is None
    assert body["resources"][0]["assumed"]
    assert body["resources"][0]["amount"] == pytest.approx(4.0)
    assert body["plan"]["value"] > 0
    assert body["compute"][0]["share"]["waiting"] == 0
    has = {"code": "gpu_hours", "amount": 3.0, "meter": "gpu_seconds", "per": 3600.0, "guarantee": 0.5}
    short = resources_board(view(facts, resources=[{**has, "fairness": "worth"}]))
    assert short is not None
    rows = {r["plan"]: r for r in short.compute[0]["share"]["plans"]}
    assert rows[""]["got"] == pytest.approx(3.0)
    # b and c are worth least a second: each keeps the promised half, a gets all it asks for
    assert {f["customer"]: f["got"] for f in short.compute[0]["first"]} == pytest.approx({"b": 0.5, "c": 0.5})
    assert short.decisions is not None
    assert short.decisions.column("kind").to_pylist() == ["resource", "resource"]
    again = share_again(short.compute[0], 3.5, "equal")
    assert again["plans"][0]["got"] == pytest.approx(3.5)


def test_little_or_contradicting_input_breaks_nothing() -> None:
    assert resources_board(view({})) is None
    lone = resources_board(view({}, resources=[{"code": "cash", "name": "", "unit": "", "amount": 5.0}]))
    assert lone is not None
    assert lone.plan is None
    wishes = [{"market": "north", "mode": "direct", "partner": "self", "low": 5.0, "uses": '{"h": 1}'}]
    board = resources_board(view({"orders": orders({("north", "x"): 26})}, cells=wishes,
                                 resources=[{"code": "h", "name": "时", "unit": "", "amount": 2.0}]))  # fmt: skip
    assert board is not None
    assert {w["code"] for w in board.conflict} == {"h", "at_least:north/direct/self"} or board.plan is None
