from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand import RFM
from regulars.understand.day_cells import day_cells
from regulars.understand.month_ends import month_ends, standing

START = date(2025, 1, 10)
rows = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 200), st.integers(1, 50)), min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(rows)
def test_the_past_is_what_rfm_would_have_counted_then(found):
    orders = {
        "customer": [r[0] for r in found],
        "day": [str(START + timedelta(days=r[1])) for r in found],
        "amount": [r[2] for r in found],
    }
    cells = day_cells(orders, until=(START - date(1970, 1, 1)).days + 200)
    ends = month_ends(int(cells.day.min()), cells.last_day)
    at = standing(cells, ends)
    keys = sorted({r[0] for r in found})
    for j, end in enumerate(ends.tolist()):
        then = RFM(until=date(1970, 1, 1) + timedelta(days=end)).fit(orders).summary_.to_pylist()
        assert [k for k, known in zip(keys, at.known[:, j], strict=True) if known] == [r["customer"] for r in then]
        for r in then:
            i = keys.index(r["customer"])
            assert (at.x[i, j], at.tx[i, j], at.T[i, j]) == (r["frequency"], r["recency"], r["T"])
            assert (at.orders[i, j], at.spent[i, j]) == (r["orders"], r["spent"])


def test_gaps_are_summed_in_logarithms():
    cells = day_cells({"customer": ["a"] * 3, "day": ["2025-01-01", "2025-01-08", "2025-03-09"], "amount": [1] * 3})
    at = standing(cells, month_ends(int(cells.day.min()), cells.last_day + 30))
    assert np.exp(at.log_gaps[0]).round(6).tolist() == [7.0, 7.0, 420.0]


def test_only_complete_months_have_an_end():
    day = (date(2025, 3, 30) - date(1970, 1, 1)).days
    assert len(month_ends(day - 60, day)) == 2
    assert len(month_ends(day - 60, day + 1)) == 3
    assert len(month_ends(day, day)) == 0
    assert len(month_ends(0, day, most=5)) == 5
