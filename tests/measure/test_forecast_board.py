"""What comes next: sums that hold, rows for the key figures, new products, and honest silence."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.measure.conftest import START

from regulars.home import Settings
from regulars.measure.forecast_board import ForecastBoard, forecast_board
from regulars.measure.history import COLUMNS, Cubes, cubes
from regulars.measure.view import View
from regulars.tables.boards import board_body

WEEKS = 70


def board(facts: dict[str, Any], days: int, cube: Cubes | None = None) -> ForecastBoard | None:
    now = START + timedelta(days=days)
    cube = cube or cubes(facts, now.date())
    nothing = pd.DataFrame()
    return forecast_board(View(facts, cube, nothing, nothing, pa.table({}), None, {}, now.date(), now, Settings(), "1"))


@pytest.fixture(scope="module")
def sold() -> dict[str, Any]:
    """Seventy weeks of orders in three markets and two channels; of four products one is three weeks old."""
    rng = np.random.default_rng(1)
    orders, lines = [], []
    begins = {"tea": 0, "cups": 10, "pots": 20, "mats": 30, "trays": 40, "spoons": 5, "jars": WEEKS - 3}
    for week in range(WEEKS):
        for market, size in (("CN", 6), ("US", 3), (None, 1)):
            for _ in range(rng.poisson(size * (1 + week / 100))):
                amount = int(rng.integers(500, 1500))
                product = str(rng.choice([p for p, begin in begins.items() if begin <= week]))
                day = 7 * week + float(rng.uniform(0, 6.4))
                orders.append({"day": day, "customer": f"c{rng.integers(0, 300)}", "amount": amount, "market": market,
                               "channel": str(rng.choice(["web", "shop"]))})  # fmt: skip
                lines.append({"day": day, "product": product, "amount": amount - 50, "order_id": f"o{len(lines)}"})
    return {"orders": orders, "lines": lines}


@pytest.fixture
def found(rows: Any, sold: Any) -> ForecastBoard:
    if "board" not in sold:
        facts = {"orders": rows("orders", *sold["orders"]), "order_lines": rows("order_lines", *sold["lines"])}
        sold["board"] = board(facts, 7 * WEEKS)
    made: ForecastBoard = sold["board"]
    return made


def test_parts_add_up_to_the_whole_and_the_whole_goes_on(found: ForecastBoard) -> None:
    for figure in ("revenue", "orders", "new_customers"):
        total = next(x for x in found.lines if (x.figure, x.cut) == (figure, ""))
        for cut in ("channel", "market", *(["product"] if figure == "revenue" else [])):
            own = [x for x in found.lines if (x.figure, x.cut) == (figure, cut)]
            assert np.sum([x.value for x in own], axis=0) == pytest.approx(total.value, abs=0.01 * len(own))
    assert {x.member for x in found.lines if x.cut == "market"} == {"CN", "US", "other"}
    orders = next(x for x in found.lines if (x.figure, x.cut) == ("orders", ""))
    assert 14 <= np.mean(orders.value) <= 19  # 10 a week, and 1 % of that more every week
    assert orders.end == (START + timedelta(days=7 * (WEEKS - 1))).date().isoformat()
    assert [x.figure for x in found.days][:2] == ["revenue", "orders"]
    assert len(found.days[0].value) == 28


def test_a_new_product_is_foretold_from_similar_ones(found: ForecastBoard) -> None:
    jars = next(x for x in found.lines if x.member == "jars")
    assert jars.method == "similar"
    assert "new_from_similar" in jars.limits
    assert jars.total[0] <= jars.total[1] <= jars.total[2]  # type: ignore[operator]


def test_rows_of_the_key_figures(found: ForecastBoard) -> None:
    rows = found.kpis
    assert set(COLUMNS) | {"low", "high"} == set(rows.columns) | {"why"}
    assert set(rows["name"]) == {"revenue_forecast", "orders_forecast", "new_customers_forecast"}
    assert not rows.duplicated(["name", "day", "channel", "market"]).any()
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()
    total = rows[rows["channel"].isna() & rows["market"].isna() & (rows["name"] == "revenue_forecast")]
    assert len(total) == 13
    assert set(total["currency"]) == {"CNY"}
    assert rows.loc[rows["name"] == "orders_forecast", "currency"].isna().all()


def test_the_body_can_be_kept_and_the_card_says_how_well(found: ForecastBoard) -> None:
    body = board_body(found)
    text = json.dumps(body, allow_nan=False, default=asdict)
    assert len(text) < 400_000
    assert "kpis" not in body
    card = found.cards[0]
    assert {name for name, *_ in card.metrics} >= {"forecast_error", "error_over_last", "interval_coverage"}
    assert {m[0]: m[1] for m in card.metrics}["error_over_last"] < 1
    assert found.coverage is not None
    assert 0.75 <= found.coverage <= 1.0


def test_little_or_nothing_is_no_board(rows: Any) -> None:
    facts = {"orders": rows("orders", {"day": 1, "customer": "a", "amount": 100})}
    cube = cubes(facts, (START + timedelta(days=200)).date())
    assert board(facts, 20, cube) is None
    # One order long ago: enough weeks, and nothing to expect.
    late = board(facts, 200, cube)
    assert late is not None
    assert max(late.lines[0].value) == pytest.approx(0, abs=1e-6)
    json.dumps(board_body(late), allow_nan=False, default=asdict)
    assert board({}, 200, replace(cube, money=cube.money.iloc[:0], won=cube.won.iloc[:0])) is None
