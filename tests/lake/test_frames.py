"""Any table in, the same kind out."""

from __future__ import annotations

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from regulars.lake import Lake
from regulars.lake.frames import same_kind, to_arrow, to_pandas

TABLE = pa.table({"customer": ["a", None, "文"], "amount": pa.array([1, 2**60, -3]), "share": [0.5, None, 1.0]})


@pytest.mark.parametrize("make", [lambda t: t, lambda t: t.to_batches()[0], lambda t: t.to_pandas(), ibis.memtable])
def test_round_trip(make):
    given = make(TABLE)
    back = same_kind(to_arrow(given), given)
    assert isinstance(back, pd.DataFrame if isinstance(given, pd.DataFrame) else (pa.Table, ibis.Table))
    assert to_arrow(back).to_pylist() == TABLE.to_pylist()
    assert to_pandas(given)["amount"].tolist() == [1, 2**60, -3]


def test_a_lake_table_is_an_ibis_table(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    rows = lake.current("orders")
    assert to_arrow(rows).num_rows == 1
    assert to_arrow(same_kind(TABLE, rows)).num_rows == 3


def test_a_dict_is_a_table_and_a_frame_stays_itself():
    assert to_arrow({"a": [1]}).num_rows == 1
    assert isinstance(same_kind(TABLE, {"a": [1]}), pa.Table)
    frame = pd.DataFrame({"a": [1]}, index=[7])
    assert to_pandas(frame) is frame
    assert to_arrow(frame).column_names == ["a"]


def test_what_is_no_table_is_named():
    with pytest.raises(TypeError, match="got list"):
        to_arrow([1, 2])
