"""Intervals from past errors: how they grow, how often they hold, what they do without a past."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.conformal import growth, half_widths, measured_coverage


def walk(seed: int = 1, series: int = 200, starts: int = 6, steps: int = 8) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(size=(series, starts, steps)), axis=2)


def test_errors_of_a_random_walk_grow_with_the_root_of_the_distance() -> None:
    assert growth(walk(), np.ones((200, 6))) == pytest.approx(0.5, abs=0.05)
    flat = np.random.default_rng(2).normal(size=(200, 6, 8))
    assert growth(flat, np.ones((200, 6))) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
def test_intervals_hold_as_often_as_they_say(level: float) -> None:
    half = half_widths(walk(), np.ones((200, 6)), np.ones(200), level)
    new = walk(seed=3)[:, 0]
    assert (np.abs(new) <= half).mean() == pytest.approx(level, abs=0.035)
    assert (np.diff(half, axis=1) >= 0).all()
    found = measured_coverage(walk(), np.ones((200, 6)), level)
    assert found is not None
    assert found == (pytest.approx(level, abs=0.05), 1600)


def test_a_series_twice_as_wild_gets_an_interval_twice_as_wide() -> None:
    half = half_widths(walk(), np.ones((200, 6)), np.r_[np.ones(199), 2.0], 0.9)
    assert half[-1, 0] > 1.5 * np.median(half[:, 0])


def test_without_a_past_a_random_walk_is_assumed() -> None:
    nothing = np.full((1, 2, 4), np.nan)
    half = half_widths(nothing, np.ones((1, 2)), np.ones(1), 0.9)
    # A normal change has mean size .798 times its standard deviation.
    assert half[0] == pytest.approx(1.645 / 0.798 * np.sqrt([1, 2, 3, 4]), rel=1e-3)
    assert measured_coverage(nothing, np.ones((1, 2))) is None
    with pytest.raises(ValueError, match="level"):
        half_widths(nothing, np.ones((1, 2)), np.ones(1), 1.0)
