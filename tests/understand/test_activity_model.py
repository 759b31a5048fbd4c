from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.tables import ACTIVITY_STATES
from regulars.understand import BetaGeo, ModifiedBetaGeo, ParetoNBD
from regulars.understand.activity_model import LOST, chance_left, names, return_chance, states_by_model
from regulars.understand.month_ends import Standing
from regulars.understand.rhythm import Rhythm

DATA = {
    "frequency": [0, 0, 2, 5, 1, 0, 9, 0, 3], "recency": [0, 0, 140, 231, 63, 0, 245, 0, 90],
    "T": [266.0, 245, 210, 259, 252, 203, 266, 50, 230],
}  # fmt: skip
MODEL = ModifiedBetaGeo(penalizer=0.1).fit(DATA)
RHYTHM = Rhythm(float(np.log(30)), 0.6, 0.4)
LIVELY = np.array([0, 0, 0, 1, 2, 3])


def at(x, tx, T, gap=30.0):
    x, tx, T = (np.asarray(v, dtype=float).reshape(len(x), -1) for v in (x, tx, T))
    return Standing(
        np.zeros(x.shape[1], int), np.ones(x.shape, bool), x, tx, T, x + 1, x * 100, x * np.log(gap),
    )  # fmt: skip


def test_the_chance_to_return_agrees_with_simulated_customers():
    rng = np.random.default_rng(0)
    model = ModifiedBetaGeo()
    model.r_, model.alpha_, model.a_, model.b_ = 0.8, 60.0, 0.8, 2.5
    n, T, H = 400_000, 200.0, 90.0
    rate, leave = rng.gamma(0.8, 1 / 60.0, n), rng.beta(0.8, 2.5, n)
    clock, x, tx, alive = np.zeros(n), np.zeros(n), np.zeros(n), rng.random(n) > leave
    back = np.zeros(n, bool)
    while alive.any():
        clock = clock + rng.exponential(1, n) / rate
        seen, later = alive & (clock <= T), alive & (clock > T)
        x[seen] += 1
        tx[seen] = clock[seen]
        back |= later & (clock <= T + H)
        alive = seen & (rng.random(n) > leave)
    for count in (0, 1, 3):
        group = (x == count) & (tx >= (0 if count == 0 else 60)) & (tx <= 120 if count else tx == 0)
        said = return_chance(model, x[group], tx[group], np.full(group.sum(), T), H)
        error = 4 * np.sqrt(said.mean() * (1 - said.mean()) / group.sum())
        assert said.mean() == pytest.approx(back[group].mean(), abs=error)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 40), st.floats(0, 700), st.lists(st.floats(0, 4000), min_size=2, max_size=6))
def test_a_longer_silence_never_makes_a_state_livelier(x, tx, silences):
    tx = tx if x else 0.0
    T = tx + np.sort(np.array(silences))
    codes, left = states_by_model(MODEL, RHYTHM, at([[x] * len(T)], [[tx] * len(T)], [T]))
    assert (np.diff(LIVELY[codes[0]]) >= 0).all()
    assert (np.diff(left[0]) <= 1e-12).all()
    assert ((left >= 0) & (left <= 1 + 1e-12)).all()


def test_the_same_silence_means_more_for_who_buys_often():
    often, seldom = states_by_model(MODEL, RHYTHM, at([[9], [1]], [[200], [200]], [[320], [320]]))[0][:, 0]
    assert LIVELY[often] > LIVELY[seldom]


def test_nothing_is_ever_not_a_number():
    x = np.array([[0, 1, 10, 10_000]], dtype=float)
    codes, left = states_by_model(MODEL, None, at(x, np.minimum(x, 1e4) * 0.9, np.full((1, 4), 1e4)))
    assert np.isfinite(left).all()
    assert codes[0, 3] == LOST
    assert names(np.array([-1, *range(6)])).tolist() == ["", *ACTIVITY_STATES]


@pytest.mark.parametrize("kind", [ModifiedBetaGeo, BetaGeo, ParetoNBD])
def test_what_is_left_is_the_ratio_of_two_chances_under_every_model(kind):
    model = kind(penalizer=0.5).fit(DATA)
    x, tx, T = (np.array(DATA[k], dtype=float) for k in ("frequency", "recency", "T"))
    expected = return_chance(model, x, tx, T, 365.0) / return_chance(model, x, tx, tx, 365.0)
    assert chance_left(model, x, tx, T, 365.0) == pytest.approx(expected, rel=1e-6)
