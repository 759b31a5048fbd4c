"""The board of alerts: quiet about a company with hardly any past, and whole about one where something broke."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from regulars.home import Settings
from regulars.measure.alerts_board import AlertsBoard, alerts_board
from regulars.measure.history import cubes, history
from regulars.measure.view import View
from regulars.tables import MEASURING, OUTCOMES, SCORES

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
Rows = Callable[..., pa.Table]


def board(facts: dict[str, Any], book: dict[str, pa.Table] | None = None) -> AlertsBoard | None:
    settings, today = Settings(zone="UTC"), NOW.date()
    cube = cubes(facts, today)
    scores = SCORES.empty()
    kpis = history(cube, scores, today=today, currency="CNY", margin=0.6)
    tables = {name: (book or {}).get(name, shape.empty_table()) for name, shape in MEASURING.items()}
    return alerts_board(View(facts, cube, kpis, OUTCOMES.empty().to_pandas(), scores, None, tables, today, NOW,
                             settings, "1"))  # fmt: skip


def sold(gone: tuple[int, ...] = (), shop_gone: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    last = (NOW.date() - START.date()).days - 1
    rows = []
    for day in range(last + 1):
        back = last - day
        for channel, level in (("web", 14), ("shop", 9)):
            silent = back in gone or (channel == "web" and back in shop_gone)
            rows += [{"day": day + rng.uniform(0, 0.4), "channel": channel, "market": "north",
                      "amount": int(rng.integers(3000, 9000)), "customer": f"c{rng.integers(400)}"}
                     for _ in range(0 if silent else rng.poisson(level))]  # fmt: skip
    return rows


@pytest.mark.parametrize("n", [0, 1, 5])
def test_hardly_any_orders_are_no_reason_to_ring(rows: Rows, n: int) -> None:
    found = board({"orders": rows("orders", *[{"day": 20.0 * i, "customer": f"c{i}", "amount": 100,
                                               "channel": "web"} for i in range(n)])})  # fmt: skip
    assert found is None or found.incidents == ()


def test_a_quiet_company_has_a_board_without_incidents(rows: Rows) -> None:
    found = board({"orders": rows("orders", *sold())})
    assert found is not None
    assert found.watched > 3
    assert len(found.incidents) <= 1
    json.dumps(asdict(found), allow_nan=False)


def test_a_channel_that_stops_is_told_with_money_cause_and_a_muted_one_is_not(rows: Rows) -> None:
    facts = {"orders": rows("orders", *sold(shop_gone=(1, 2)))}
    found = board(facts)
    assert found is not None
    first = found.incidents[0]
    assert first.money is not None
    assert (first.way, first.money < 0, first.told) == ("down", True, True)
    assert "web" in {first.channel, *(c.name for c in first.causes[:1])}
    assert first.end == (NOW.date() - timedelta(days=2)).isoformat()
    said = [{"incident": first.id, "figure": i.figure, "channel": i.channel, "verdict": "muted", "at": NOW}
            for i in found.incidents]  # fmt: skip
    quiet = board(facts, {"verdicts": pa.Table.from_pylist(said, schema=MEASURING["verdicts"])})
    assert quiet is not None
    assert [i.id for i in quiet.incidents] == [i.id for i in found.incidents]
    assert not any(i.told for i in quiet.incidents)


def test_days_without_any_order_are_a_break_of_the_facts(rows: Rows) -> None:
    found = board({"orders": rows("orders", *sold(gone=(3, 4)))})
    assert found is not None
    broken = [i for i in found.incidents if i.kind == "quality"]
    assert [(i.way, i.day) for i in broken] == [("missing_days", (NOW.date() - timedelta(days=5)).isoformat())]
    assert (broken[0].money or 0) < 0
