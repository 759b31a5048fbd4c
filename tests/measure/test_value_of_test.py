from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from regulars.measure.value_of_test import Split, Trial, falling, outcome_bins


def hyperbolic(ceiling: np.ndarray, half: np.ndarray) -> Any:
    return lambda x: ceiling[:, :, None] * x / (x + half[:, :, None])


def brute(ceiling: np.ndarray, half: np.ndarray, today: np.ndarray, trial: tuple[int, float, float, float]) -> float:
    """Two channels: every split on a fine grid, every outcome on a fine grid."""
    c, low, high, se = trial
    budget = today.sum()
    a = np.linspace(0.5 * today[0], 1.5 * today[0], 1201)
    first, second = np.meshgrid(a, np.linspace(0.5 * today[1], 1.5 * today[1], 1201), indexing="ij")
    inside = first + second <= budget * (1 + 1e-9)
    x = np.stack([first[inside], second[inside]])
    net = (ceiling[:, :, None] * x / (x + half[:, :, None]) - x).sum(axis=1)
    now = net.mean(axis=0).max()
    truth = ceiling[:, c] * high / (high + half[:, c]) - ceiling[:, c] * low / (low + half[:, c])
    outcome = np.linspace(truth.min() - 6 * se, truth.max() + 6 * se, 301)
    joint = stats.norm.pdf(outcome[:, None], truth, se) / len(truth)
    return float(np.trapezoid((joint @ net).max(axis=1), outcome) - now)


def test_every_split_and_every_outcome_tried_gives_the_same() -> None:
    ceiling = np.array([[300.0, 260], [120, 330], [480, 250], [200, 300]])
    half = np.array([[60.0, 80], [40, 100], [90, 60], [150, 90]])
    today = np.array([80.0, 60.0])
    split = Split(["a", "b"], today, hyperbolic(ceiling, half))
    for c, se in ((0, 5.0), (0, 60.0), (1, 20.0)):
        low, high = 0.5 * today[c], 1.5 * today[c]
        found = split.after(Trial("ab"[c], low, high, 4, se), bins=400)[0]
        truth = brute(ceiling, half, today, (c, low, high, se))
        assert found == pytest.approx(truth, rel=0.03, abs=0.02)
        # Coarser bins know less, never more.
        assert 0 <= split.after(Trial("ab"[c], low, high, 4, se), bins=10)[0] <= found + 1e-9


@pytest.mark.parametrize("se", [0.2, 1.0, 3.0])
def test_a_straight_choice_has_a_closed_form(se: float) -> None:
    # Channel a earns r a unit, r normal; channel b surely 2.2. All money goes to the better: unit normal loss.
    mean, sd, sure = 2.0, 0.5, 2.2
    r = mean + sd * special.ndtri((np.arange(4000) + 0.5) / 4000)

    def worth(x: np.ndarray) -> np.ndarray:
        return np.stack([r, np.full_like(r, sure)], axis=1)[:, :, None] * x

    split = Split(["a", "b"], [1.0, 1.0], worth, reach=1.0, budget=2.0)
    scale = sd**2 / np.hypot(sd, se)
    z = abs(mean - sure) / scale
    loss = stats.norm.pdf(z) - z * stats.norm.sf(z)
    found = split.after(Trial("a", 0.0, 1.0, 4, se), bins=200)[0]
    assert found == pytest.approx(2.0 * scale * loss, rel=0.02, abs=1e-3)
    z = abs(mean - sure) / sd
    assert split.perfect() == pytest.approx(2.0 * sd * (stats.norm.pdf(z) - z * stats.norm.sf(z)), rel=0.01)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.floats(0.01, 50))
def test_information_is_worth_something_and_never_more_than_all_of_it(seed: int, n: int, se: float) -> None:
    rng = np.random.default_rng(seed)
    ceiling, half = rng.lognormal(4, 1, (60, n)), rng.lognormal(3, 0.7, (60, n))
    today = rng.uniform(5, 80, n)
    split = Split([str(c) for c in range(n)], today, hyperbolic(ceiling, half))
    trial = Trial("0", 0.5 * today[0], 1.5 * today[0], 4, se)
    better = Trial("0", 0.5 * today[0], 1.5 * today[0], 4, se / 3)
    worth, chance = split.after(trial)
    assert 0 <= worth <= split.perfect() + 1e-9
    assert worth <= 1.1 * split.after(better)[0] + 0.02 * split.perfect()
    assert 0 <= chance <= 1 + 1e-9
    assert (split.plan >= 0.5 * today - 1e-9).all()
    assert split.plan.sum() <= max(today.sum(), 0.5 * today.sum()) + 1e-6


def test_what_is_known_needs_no_test() -> None:
    ceiling, half = np.full((50, 2), 200.0), np.full((50, 2), 40.0)
    split = Split(["a", "b"], [50, 30], hyperbolic(ceiling, half))
    assert np.abs(split.after(Trial("a", 25, 75, 4, 1.0))).max() < 1e-9
    assert split.rank([Trial("a", 25, 75, 4, 1.0)])[0].net <= 0


def test_the_most_doubtful_channel_is_tested_first_and_longer_where_it_is_noisy() -> None:
    rng = np.random.default_rng(3)
    ceiling = np.column_stack([rng.lognormal(5.5, 0.9, 500), rng.normal(260, 4, 500)])
    split = Split(["doubtful", "known"], [80, 80], hyperbolic(ceiling, np.full((500, 2), 60.0)))
    trials = [Trial(c, 40, 120, w, 40 / w**0.5) for c in split.channels for w in (2, 8)]
    ranked = split.rank(trials, horizon_weeks=52)
    assert [w.trial.channel for w in ranked] == ["doubtful", "known"]
    assert ranked[0].net > 0 > ranked[1].net
    assert ranked[0].value == pytest.approx(ranked[0].a_week * (52 - 2 * ranked[0].trial.weeks))


def test_bins_hold_everything_once() -> None:
    truth = np.random.default_rng(1).normal(size=300)
    for se in (0.0, 0.3, 10.0):
        chance = outcome_bins(truth, se, 40)
        np.testing.assert_allclose(chance.sum(axis=0), 1.0)
        assert chance.mean(axis=1).max() < 0.1


def test_sizes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="2 channels"):
        Split(["a", "b"], [1.0], lambda x: x[None])
    with pytest.raises(ValueError, match="reach"):
        Split(["a"], [1.0], lambda x: x[None], reach=2)
    with pytest.raises(ValueError, match="draws, channels"):
        Split(["a"], [1.0], lambda x: x)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12))
def test_the_hull_is_the_least_concave_curve_above(gains: list[float]) -> None:
    curve = np.concatenate([[0.0], np.cumsum(gains)])
    hull = np.concatenate([[0.0], np.cumsum(falling(np.array([gains]))[0])])
    k = np.arange(len(curve))
    for at in k:
        chords = [curve[i] + (curve[j] - curve[i]) * (at - i) / max(j - i, 1) for i in k[: at + 1] for j in k[at:]]
        assert hull[at] == pytest.approx(max(chords), abs=1e-9)
