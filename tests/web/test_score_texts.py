from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.web.bridge.score_texts import OWN_COLUMNS, more_texts, why_texts
from regulars.web.bridge.scores import LABEL, REAL, WHOLE

NUMBER = st.none() | st.floats(allow_nan=True, allow_infinity=False, width=32)
TEXT = st.none() | st.text(max_size=12)
NAME = st.sampled_from(["clv", "uplift_a", "近", 'odd"one', "b\\c"])
ROW = st.tuples(st.integers(0, 4), NAME, NUMBER, NUMBER, NUMBER, TEXT, TEXT)


def table(rows):
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 7
    kinds = (pa.int64(), pa.string(), *(pa.float64(),) * 3, pa.string(), pa.string())
    names = ("person", "name", "value", "low", "high", "label", "why")
    return pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds, strict=True)})


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=25))
def test_texts_say_what_a_plain_loop_says(rows):
    scores = table(rows)
    person = scores["person"].to_numpy()
    more: list[dict] = [{} for _ in range(5)]
    why: list[dict] = [{} for _ in range(5)]

    def number(x):
        return None if x is None or not np.isfinite(x) else x

    for who, name, value, low, high, label, codes in rows:
        if name not in OWN_COLUMNS and (value is not None or label):
            more[who][name] = {"value": number(value), "low": number(low), "high": number(high), "label": label or ""}
        if codes:
            why[who][name] = codes
    assert [json.loads(t) for t in more_texts(scores, person, 5)] == more
    assert [json.loads(t) for t in why_texts(scores, person, 5)] == why


def test_the_columns_are_those_of_the_page():
    assert set(OWN_COLUMNS) == {*WHOLE, *REAL, *LABEL}
