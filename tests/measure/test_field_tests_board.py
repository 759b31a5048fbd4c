"""Tests on markets and by the clock as a turn reads them: known effects found, and nothing said too early."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.home import Settings
from regulars.measure.field_tests_board import field_tests_board, switch_for
from regulars.tables import EXPERIMENTS

MONDAY = date(2026, 1, 5)
WEEKS, BEFORE = 40, 32
TODAY = MONDAY + timedelta(weeks=WEEKS)


def sales(lift: float = 0.0, plan: dict[date, int] | None = None, gain: float = 0.0) -> pd.DataFrame:
    """Twelve markets day by day with a common season; ``m0`` gains ``lift``, all gain on days that are on."""
    rng = np.random.default_rng(4)
    days = pd.date_range(MONDAY, periods=7 * WEEKS)
    season = 1 + 0.2 * np.sin(np.arange(len(days)) / 40)
    rows = []
    for i in range(12):
        values = (i + 1) * 1000 * season * (1 + rng.normal(0, 0.05, len(days)))
        if i == 0:
            values[7 * BEFORE :] *= 1 + lift
        values *= 1 + gain * np.array([(plan or {}).get(d.date(), 0) for d in days])
        rows.append(pd.DataFrame({"day": days, "market": f"m{i}", "currency": "CNY", "revenue": values, "orders": 1}))
    return pd.concat(rows, ignore_index=True)


def view(money: pd.DataFrame, *tests: dict[str, object], today: date = TODAY) -> SimpleNamespace:
    rows = [{"id": f"t{i}", "metric": "revenue", "state": "running", "start": MONDAY + timedelta(weeks=BEFORE),
             "window_days": 56, "end": TODAY - timedelta(days=1), "market": "M0", **t,
             "body": json.dumps({"unit": t["unit"]})} for i, t in enumerate(tests)]  # fmt: skip
    book = {"experiments": pa.Table.from_pylist(rows, schema=EXPERIMENTS)}
    now = datetime.combine(today, datetime.min.time(), ZoneInfo("Asia/Shanghai"))
    money = money[money["day"] < pd.Timestamp(today)]
    return SimpleNamespace(cube=SimpleNamespace(money=money), book=book, today=today, now=now, settings=Settings())


def test_a_test_in_a_market_is_read_from_the_orders_of_all_of_them():
    board = field_tests_board(view(sales(lift=0.2), {"unit": "geo"}))
    [test] = board.tests
    base = sales()
    during = (base["market"] == "m0") & (base["day"] >= pd.Timestamp(MONDAY) + pd.Timedelta(weeks=BEFORE))
    truth = 0.2 * base.loc[during, "revenue"].sum()
    assert test.markets == ("m0",)
    assert test.low <= truth <= test.high
    assert test.low > 0
    assert test.effect == pytest.approx(sum(a - e for _d, a, e, _l, _h in test.path[BEFORE - 1 :]))
    assert 0 < test.detectable < 0.2
    assert json.dumps(asdict(board), allow_nan=False)


def test_before_it_starts_only_what_it_could_see_is_told():
    [test] = field_tests_board(view(sales(), {"unit": "geo"}, today=MONDAY + timedelta(weeks=BEFORE - 1))).tests
    assert test.effect is None
    assert test.detectable > 0
    [unknown] = field_tests_board(view(sales(), {"unit": "geo", "market": "Atlantis"})).tests
    assert unknown.limits == ("market_not_known",)


def test_a_test_by_the_clock_has_its_plan_from_the_first_day_and_its_effect_once_pairs_are_over():
    start, days = MONDAY + timedelta(weeks=8), 168
    plan = switch_for(days, "t0").plan(periods=days, start=start)
    on = dict(zip(plan["day"], plan["on"], strict=True))
    asked = {"unit": "time", "start": start, "window_days": days, "market": ""}
    [early] = field_tests_board(view(sales(), asked, today=start + timedelta(days=3))).tests
    assert [d for d, _ in early.plan] == [d.isoformat() for d in plan["day"]]
    assert early.effect is None
    money = sales(plan=on, gain=0.1)
    [test] = field_tests_board(view(money, asked)).tests
    assert test.low < test.effect < test.high
    assert test.relative == pytest.approx(0.1, abs=0.03)
    assert test.low > 0
    assert test.placements == 12


def test_without_such_tests_there_is_no_board_and_with_few_orders_no_crash():
    assert field_tests_board(view(sales(), {"unit": "person"})) is None
    empty = sales().head(0)
    [geo, clock] = field_tests_board(view(empty, {"unit": "geo"}, {"unit": "time"})).tests
    assert geo.effect is None
    assert clock.effect == 0 or clock.effect is None
    done = field_tests_board(view(sales(), {"unit": "geo", "state": "concluded"}))
    assert done is None
