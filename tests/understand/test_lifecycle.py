from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.tables import ACTIVITY
from regulars.understand import activity
from regulars.understand.day_cells import day_cells
from regulars.understand.lifecycle import usual_gap_days

customers = st.lists(st.tuples(st.integers(0, 800), st.integers(0, 400), st.integers(1, 12)), min_size=1, max_size=50)


@settings(deadline=None)
@given(customers, st.floats(1, 200))
def test_states_of_many_equal_the_shared_rule_for_one(rows, gap):
    since, before, orders = (np.array(c) for c in zip(*rows, strict=True))
    expected = [ACTIVITY.state(s, s + b, o, gap) for s, b, o in rows]
    assert activity(since, since + before, orders, gap).tolist() == expected


def test_the_usual_gap_is_the_median_between_days_of_the_same_customer():
    cells = day_cells(
        {
            "customer": ["a", "a", "a", "b", "b", "c"],
            "day": ["2026-01-01", "2026-01-01", "2026-01-08", "2026-01-01", "2026-03-02", "2026-01-05"],
            "amount": [1] * 6,
        }
    )
    assert usual_gap_days(cells) == (7 + 60) / 2
    assert usual_gap_days(day_cells({"customer": ["a"], "day": ["2026-01-01"], "amount": [1]})) == 30
