from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand.customer_codes import customer_codes

plain = st.lists(st.text("0189abyz", min_size=12, max_size=12), min_size=1, max_size=30)
mixed = st.lists(st.text("09azAZ客é ", max_size=5), min_size=1, max_size=30)
numbers = st.lists(st.integers(-5, 10**12), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.one_of(plain, mixed, numbers), st.booleans(), st.integers(0, 3))
def test_codes_are_the_places_among_the_sorted_distinct_keys(keys, large, skip):
    column = pa.array(keys)
    if large and pa.types.is_string(column.type):
        column = column.cast(pa.large_string())
    column = pa.chunked_array([column, column.slice(skip)])
    rows = keys + keys[skip:]
    distinct, codes = customer_codes(column)
    # UTF-8 bytes sort like code points, so Python's order is Arrow's.
    assert distinct.to_pylist() == sorted(set(rows))
    assert [distinct[int(c)].as_py() for c in codes] == rows


@pytest.mark.parametrize("keys", [["ab", "AB"], ["ab", "abc"], ["zzzzzzzzzzzz", "000000000000"]])
def test_edges_of_the_fast_path(keys):
    distinct, codes = customer_codes(pa.array(keys))
    assert distinct.to_pylist() == sorted(keys)
    assert [distinct[int(c)].as_py() for c in codes] == keys


def test_keys_that_differ_only_in_their_last_letters_stay_in_order():
    # 62 bits of range and 10 of rows do not fit: the lowest bits are pushed out and must be put right.
    first = ["z" * 12, "0" * 12]
    keys = first + [f"{head}{low}" for low in "9876543210" for head in ("b" * 11, "0" * 11)] * 50
    distinct, codes = customer_codes(pa.array(keys))
    assert distinct.to_pylist() == sorted(set(keys))
    assert [distinct[int(c)].as_py() for c in codes] == keys
