from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.measure.mix_lifts import lift_tests
from regulars.measure.mix_table import Columns, MixTable
from regulars.tables import EXPERIMENTS


def table(geo: bool = False) -> MixTable:
    frame = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=32, freq="7D"), "ads": 10.0,
                          "sales": np.arange(32.0)})  # fmt: skip
    if geo:
        frame = pd.concat([frame.assign(geo=g) for g in ("n", "s")])
    columns = Columns.of(target="sales", spend=["ads"], date="week", geo="geo" if geo else None, others=(),
                         reach_frequency=None, exposure=None)  # fmt: skip
    return MixTable.of(frame, columns)


def row(**more):
    return {"name": "test", "channel": "ads", "market": None, "start": "2024-01-08", "end": "2024-01-21",
            "spend": None, "delta": 50.0, "se": 5.0} | more  # fmt: skip


def one(given, of=None):
    used, unused = lift_tests(pd.DataFrame([given]), of or table())
    return used[0] if used else unused


def test_weeks_count_by_their_days_in_the_window():
    found = one(row(end="2024-01-17"))
    assert found.weight[:4].tolist() == pytest.approx([0, 1, 3 / 7, 0])
    assert found.share == 1


def test_part_of_the_spend_and_cuts():
    assert one(row(spend=5.0)).share == pytest.approx(0.25)
    cut = one(row(spend=-20.0, delta=-50.0))
    assert (cut.share, cut.delta) == (1.0, 50.0)


def test_a_market_counts_its_own_rows_only():
    found = one(row(market="s"), table(geo=True))
    assert found.weight.reshape(2, -1).sum(axis=1).tolist() == [0, 2]


@pytest.mark.parametrize("more", [{"channel": "tv"}, {"delta": None}, {"se": 0.0}, {"start": "2030-01-01",
                         "end": "2030-02-01"}, {"market": "s"}, {"end": None}])  # fmt: skip
def test_what_cannot_be_used_is_named(more):
    assert one(row(**more)) == ("test",)


def test_the_books_table_is_read_and_no_table_is_no_test():
    given = pa.Table.from_pylist([dict.fromkeys(EXPERIMENTS.names) | {"id": "7", "channel": "ads"}])
    assert lift_tests(given, table()) == ((), ("7",))
    assert lift_tests(None, table()) == ((), ())
