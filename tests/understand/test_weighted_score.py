from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand import WeightedScore


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 999), st.integers(1, 50), st.integers(-100, 10**9)), min_size=1, max_size=60))
def test_scores_stay_between_0_and_100_and_average_50(rows):
    since, orders, spent = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    score = WeightedScore().score_customers({"days_since_last": since, "orders": orders, "spent": spent})
    assert np.all((score > 0) & (score < 100))
    assert score.mean() == pytest.approx(50)


def test_weights_decide_what_counts():
    table = {"spent": [1.0, 2.0, 3.0], "days_since_last": [1.0, 2.0, 3.0]}
    assert WeightedScore(weights={"spent": 1, "days_since_last": 0}).score_customers(table).argmax() == 2
    assert WeightedScore(weights={"spent": 0, "days_since_last": -1}).score_customers(table).argmax() == 0
    with pytest.raises(KeyError, match="visits"):
        WeightedScore(weights={"visits": 1}).score_customers(table)
    with pytest.raises(ValueError, match="weight"):
        WeightedScore(weights={"spent": 0}).score_customers(table)


def test_an_unknown_figure_counts_as_the_middle():
    assert WeightedScore(weights={"spent": 1}).score_customers({"spent": [1.0, np.nan, 3.0]}).tolist() == [25, 50, 75]
