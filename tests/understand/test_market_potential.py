"""Potential: closed forms, and what must not change the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand.market_potential import market_potential

POSITIVE = st.floats(0.01, 1e6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(POSITIVE, POSITIVE, POSITIVE), min_size=1, max_size=6), st.floats(0.001, 1000))
def test_counting_a_factor_in_other_units_changes_nothing(rows, unit):
    names = [str(i) for i in range(len(rows))]
    size, growth, fit = (np.array(c) for c in zip(*rows, strict=True))
    here = market_potential(names, {"size": size, "growth": growth, "fit": fit}, draws=50)
    there = market_potential(names, {"size": size * unit, "growth": growth, "fit": fit}, draws=50)
    by_name = {p.market: p for p in there}
    assert sorted(p.rank for p in here) == list(range(1, len(rows) + 1))
    for one in here:
        assert one.index == pytest.approx(by_name[one.market].index)
        assert one.low <= one.index <= one.high
        assert one.index == pytest.approx(100 * np.prod([p for _, p in one.parts]))
    assert sum(p.first for p in here) == pytest.approx(1)


def test_a_better_market_never_ranks_lower_and_a_clear_winner_is_sure():
    found = market_potential(["a", "b", "c"], {"size": [9, 3, 1], "growth": [2, 1.5, 1], "fit": [3, 2, 1]})
    assert [p.market for p in found] == ["a", "b", "c"]
    assert found[0].first == 1
    assert (found[0].best_rank, found[0].worst_rank) == (1, 1)


def test_equal_markets_are_a_toss_up():
    found = market_potential(["a", "b"], {"size": [5, 5], "fit": [1, 1]}, {"size": [0.3, 0.3]})
    assert [p.index for p in found] == pytest.approx([100, 100])
    assert found[0].first == pytest.approx(0.5, abs=0.05)
    assert found[0].worst_rank == 2


def test_bad_input_is_told():
    with pytest.raises(ValueError, match="every fit must be a number above 0"):
        market_potential(["a"], {"size": [1], "fit": [0]})
    with pytest.raises(ValueError, match="must not be negative"):
        market_potential(["a"], {"size": [1]}, weights={"size": -1})
    with pytest.raises(ValueError, match="2 markets, but 1"):
        market_potential(["a", "b"], {"size": [1]})
    assert market_potential([], {"size": []}) == ()
