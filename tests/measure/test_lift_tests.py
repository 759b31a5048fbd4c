from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.measure.lift_tests import lift_tests, proven
from regulars.tables import EXPERIMENTS

ROW = {"id": "1", "name": "off", "unit": "total", "metric": "revenue", "channel": "search", "start": date(2026, 1, 5),
       "end": date(2026, 2, 1), "spend": 400.0, "delta": 1000.0, "se": 100.0, "currency": "CNY",
       "state": "concluded"}  # fmt: skip


def told(**more: object) -> pd.DataFrame:
    book = pa.Table.from_pylist([ROW | more], schema=EXPERIMENTS)
    return lift_tests(book, {"revenue": 1.0, "orders": 50.0}, currency="CNY")


def test_totals_of_a_window_in_one_unit() -> None:
    one = told().iloc[0]
    assert (one["weeks"], one["delta"], one["se"], one["spend"]) == (4.0, 1000.0, 100.0, 400.0)
    assert told(unit="week").iloc[0]["delta"] == 4000.0
    assert told(unit="day").iloc[0]["se"] == 2800.0
    assert told(metric="orders").iloc[0]["delta"] == 50_000.0
    assert told(metric="orders", currency=None).iloc[0]["se"] == 5_000.0
    assert np.isnan(told(spend=None).iloc[0]["spend"])


@pytest.mark.parametrize(
    "more",
    [{"channel": None}, {"channel": ""}, {"delta": None}, {"se": 0.0}, {"se": None}, {"unit": "person"},
     {"metric": "csat"}, {"currency": "USD"}, {"start": None}, {"end": date(2025, 1, 1)}],
)  # fmt: skip
def test_what_says_nothing_of_a_channels_money_is_left_out(more: dict[str, object]) -> None:
    assert told(**more).empty


def test_none_and_an_empty_book() -> None:
    assert lift_tests(None, {"revenue": 1.0}, currency="CNY").empty
    assert lift_tests(EXPERIMENTS.empty_table(), {"revenue": 1.0}, currency="CNY").empty


def test_proven_means_clearly_above_nothing() -> None:
    assert proven(told()) == {"search"}
    assert proven(told(se=700.0)) == set()
    assert proven(told(delta=-1000.0)) == set()
