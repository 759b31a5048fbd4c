from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand.time_in_state import kaplan_meier, spells


def test_without_censoring_it_is_the_share_still_there():
    t = np.array([1, 2, 2, 3, 5, 8])
    found = kaplan_meier(t, np.ones(6))
    assert found.times == (1, 2, 3, 5, 8)
    assert found.share == pytest.approx([(t > x).mean() for x in found.times])
    assert found.median == 2.0 if found.share[1] <= 0.5 else 3.0


def test_greenwoods_error_of_the_6_mp_group():
    """S(10) = .753 with standard error .096 (Kalbfleisch and Prentice 2002, table 1.3)."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    found = kaplan_meier(weeks, ended, level=0.95)
    at = found.times.index(10)
    # The log-log interval by hand from that error.
    wide = 1.959964 * 0.0963 / (0.7529 * abs(np.log(0.7529)))
    assert found.low[at] == pytest.approx(0.7529 ** np.exp(wide), abs=2e-3)
    assert found.high[at] == pytest.approx(0.7529 ** np.exp(-wide), abs=2e-3)
    assert (found.median, found.median_low) == (23.0, 13.0)
    assert found.median_high is None


def test_stays_that_end_by_chance_have_the_geometric_curve_though_most_are_censored():
    rng = np.random.default_rng(0)
    true, cut = rng.geometric(0.15, 40_000), rng.integers(1, 12, 40_000)
    found = kaplan_meier(np.minimum(true, cut), true <= cut)
    months = np.array(found.times)
    assert found.share == pytest.approx(0.85**months, abs=0.02)
    assert found.median == 5


def test_the_interval_holds_the_truth_as_often_as_it_says():
    inside = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        true, cut = rng.geometric(0.2, 60), rng.integers(2, 15, 60)
        found = kaplan_meier(np.minimum(true, cut), true <= cut)
        at = int(np.searchsorted(found.times, 3, side="right")) - 1
        inside.append(found.low[at] <= 0.8**3 <= found.high[at])
    assert np.mean(inside) == pytest.approx(0.9, abs=0.04)


def test_nobody_and_nothing_left():
    assert kaplan_meier([], []).median is None
    assert kaplan_meier([3, 4], [0, 0]).share == ()
    assert kaplan_meier([2], [1]).share == (0.0,)
    with pytest.raises(ValueError, match="durations"):
        kaplan_meier([-1], [1])


def test_stays_already_begun_are_left_out():
    codes = np.array([[1, 1, 2, 2], [-1, 0, 1, 1], [0, 0, 0, 1]], dtype=np.int8)
    state, months, left = spells(codes, np.array([False, False, True]))
    assert sorted(zip(state.tolist(), months.tolist(), left.tolist(), strict=True)) == [
        (0, 1.0, True), (0, 3.0, True), (1, 1.0, False), (1, 2.0, False), (2, 2.0, False),
    ]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 2), min_size=5, max_size=5), min_size=1, max_size=6))
def test_stays_of_customers_seen_from_the_start_cover_every_month(rows):
    codes = np.array(rows, dtype=np.int8)
    state, months, left = spells(codes, np.ones(len(rows), dtype=bool))
    assert months.sum() == codes.size
    assert (~left).sum() == len(rows)
    assert sum(months[state == s].sum() for s in range(3)) == codes.size
