from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from regulars.understand.distinct_rows import distinct_rows


@given(st.lists(st.tuples(*(st.integers(-3, 3),) * 3), max_size=40))
def test_distinct_rows_are_those_of_numpy(rows):
    table = np.array(rows, dtype=float).reshape(-1, 3)
    cells, at = distinct_rows(*table.T)
    np.testing.assert_array_equal(np.stack(cells, axis=1), np.unique(table, axis=0).reshape(-1, 3))
    np.testing.assert_array_equal(np.stack(cells, axis=1)[at], table)
