from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.measure.decomposition import causes, clearest, fitted, ratio_causes, two_factors

money = st.integers(0, 10**9)
parts = st.lists(st.tuples(money, st.floats(0, 1e9), st.floats(0, 1e6)), min_size=1, max_size=12)


@given(parts, money)
def test_parts_add_up_to_the_minor_unit(rows: list[tuple[int, float, float]], total: int) -> None:
    values, expected, scale = (list(c) for c in zip(*rows, strict=True))
    found = causes("channel", [str(i) for i in range(len(rows))], values, expected, scale, total)
    assert sum(c.change for c in found) == sum(values) - total
    assert sum(c.expected for c in found) == total


sums = st.lists(st.tuples(*[st.floats(0, 1e6)] * 2, *[st.integers(0, 1000)] * 2), min_size=1, max_size=10)


@given(sums)
def test_rates_and_mix_add_up_to_the_change_of_the_ratio(rows: list[tuple[float, float, int, int]]) -> None:
    a0, a1, b0, b1 = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    names = [str(i) for i in range(len(rows))]
    if not b0.sum() or not b1.sum():
        with pytest.raises(ValueError, match="no ratio"):
            ratio_causes("channel", names, (a0, b0), (a1, b1))
        return
    found = ratio_causes("channel", names, (a0, b0), (a1, b1))
    change = a1.sum() / b1.sum() - a0.sum() / b0.sum()
    size = 1e-9 * (1 + a0.sum() / b0.sum() + a1.sum() / b1.sum())
    assert sum(c.change for c in found) == pytest.approx(change, abs=size)
    for c in found:
        assert (c.rate or 0) + (c.mix or 0) == pytest.approx(c.change, abs=size)


def test_only_the_mix_moved() -> None:
    # Order values stand still (10 and 30); cheap orders became more.
    found = ratio_causes("channel", ["a", "b"], (np.array([100.0, 300]), np.array([10.0, 10])),
                         (np.array([300.0, 300]), np.array([30.0, 10])))  # fmt: skip
    assert sum(c.change for c in found) == pytest.approx(-5)
    assert [c.rate for c in found] == [0.0, 0.0]
    assert all((c.mix or 0) < 0 for c in found)


@given(*[st.floats(-1e6, 1e6)] * 4)
def test_two_factors_are_the_whole(x0: float, y0: float, x1: float, y1: float) -> None:
    assert sum(two_factors((x0, y0), (x1, y1))) == pytest.approx(x1 * y1 - x0 * y0, abs=1e-3, rel=1e-9)


def test_the_clearest_dimension_is_the_one_where_few_explain_much() -> None:
    channel = causes("channel", ["ads", "shop", "mail"], [10, 50, 40], [60.0, 50.0, 40.0], [1.0] * 3, 150)
    market = causes("market", ["north", "south", "west"], [40, 30, 30], [55.0, 45, 50], [1.0] * 3, 150)
    by, taken = clearest({"market": market, "channel": channel})
    assert by == "channel"
    assert [c.name for c in taken] == ["ads"]
    assert clearest({}) == ("", ())


def test_expectations_keep_their_total() -> None:
    assert fitted([], [], 0).tolist() == []
    assert fitted([1.0, 1.0, 1.0], [0.0, 0.0, 0.0], 10).sum() == 10
