"""Waiting times against published figures, a closed form and loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.measure.waiting import kaplan_meier

# Weeks of remission under 6-MP (Freireich 1963), the example of every textbook of survival analysis.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_the_textbook_example() -> None:
    found = kaplan_meier(WEEKS, ENDED, level=0.95)
    told = [round(1 - found.by(t)[0], 4) for t in (6, 7, 10, 13, 16, 22, 23)]  # type: ignore[index]
    assert told == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert found.when(0.5)[:2] == (23.0, 13.0)  # type: ignore[index]
    # log(-log) band at 10 weeks, as R's survfit(conf.type = "log-log") gives it.
    _share, low, high = found.by(10)  # type: ignore[misc]
    assert (round(1 - high, 3), round(1 - low, 3)) == (0.503, 0.889)
    assert found.by(36) is None


def test_waits_of_a_known_law_with_most_still_waiting() -> None:
    rng = np.random.default_rng(11)
    n, rate, stays_away = 20_000, 1 / 12, 0.4
    wait = np.where(rng.random(n) < stays_away, np.inf, rng.exponential(1 / rate, n))
    watched = rng.uniform(0, 60, n)
    found = kaplan_meier(np.minimum(wait, watched), wait <= watched)
    for day in (1, 5, 12, 30, 50):
        share, low, high = found.by(day)  # type: ignore[misc]
        truth = (1 - stays_away) * (1 - np.exp(-rate * day))
        assert abs(share - truth) < 3 * (high - low) / 3.29 + 1e-9
        assert low < share < high
    half = 12 * np.log(0.6 / (0.6 - 0.5))
    value, low, late = kaplan_meier(np.minimum(wait, watched), wait <= watched, level=0.99).when(0.5)  # type: ignore
    assert low <= half <= late  # type: ignore[operator]
    assert value == pytest.approx(half, rel=0.1)
    # A plain share of those seen would be far too low.
    assert (wait <= watched).mean() < 0.5 < found.by(50)[0]  # type: ignore[index]


def test_intervals_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        wait, watched = rng.exponential(10, 80), rng.uniform(0, 40, 80)
        share = kaplan_meier(np.minimum(wait, watched), wait <= watched).by(10)
        held += share is not None and share[1] <= 1 - np.exp(-1) <= share[2]
    assert 0.86 <= held / 400 <= 0.94


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.integers(1, 4)), min_size=1, max_size=40))
def test_it_is_what_one_counts_by_hand(rows: list[tuple[int, bool, int]]) -> None:
    wait, done, people = (list(x) for x in zip(*rows, strict=True))
    found = kaplan_meier(wait, done, people)
    stay = 1.0
    for i, time in enumerate(sorted(set(wait))):
        waiting = sum(n for w, _d, n in rows if w >= time)
        went = sum(n for w, d, n in rows if w == time and d)
        stay *= 1 - went / waiting
        assert found.share[i] == pytest.approx(1 - stay)
        assert 0 <= found.low[i] <= found.share[i] + 1e-9
        assert found.share[i] - 1e-9 <= found.high[i] <= 1
    assert found.n == sum(people)


def test_nobody_and_nonsense() -> None:
    nobody = kaplan_meier([], [])
    assert nobody.by(1) is None
    assert nobody.when_of_goers(0.5) is None
    with pytest.raises(ValueError, match="at least 0"):
        kaplan_meier([-1], [1])
