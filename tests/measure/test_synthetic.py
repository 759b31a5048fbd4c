"""Synthetic controls against a general solver and a known mixture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from regulars.measure.synthetic import onto_simplex, synthetic_weights


@given(arrays(float, st.integers(1, 8), elements=st.floats(-5, 5, width=32)))
def test_the_projection_is_on_the_simplex_and_no_corner_is_nearer(point):
    found = onto_simplex(point)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-9)
    # The nearest point of a convex set: every way to a corner makes a blunt angle.
    assert ((np.eye(len(point)) - found) @ (point - found)).max() <= 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_a_general_solver_finds_nothing_better(seed):
    rng = np.random.default_rng(seed)
    donors = rng.normal(size=(6, 30)).cumsum(axis=1)
    donors -= donors.mean(axis=1, keepdims=True)
    target = donors.T @ rng.dirichlet(np.ones(6)) + rng.normal(0, 1, 30)
    target -= target.mean()

    def loss(w):
        return float(((target - w @ donors) ** 2).sum() + 0.5 * (w @ w))

    ours = synthetic_weights(target[None], donors, np.ones((1, 6), bool), 0.5)[0]
    peer = minimize(
        loss, np.full(6, 1 / 6), bounds=[(0, 1)] * 6, constraints={"type": "eq", "fun": lambda w: w.sum() - 1}
    )
    assert loss(ours) <= peer.fun * (1 + 1e-6)


def test_who_may_not_stand_in_has_no_weight_and_a_known_mixture_is_found():
    rng = np.random.default_rng(3)
    donors = rng.normal(size=(5, 200))
    donors -= donors.mean(axis=1, keepdims=True)
    truth = np.array([0.0, 0.7, 0.3, 0.0, 0.0])
    target = np.stack([truth @ donors, truth @ donors])
    allowed = np.ones((2, 5), bool)
    allowed[1, 1] = False
    free, barred = synthetic_weights(target, donors, allowed, 1e-9)
    assert free == pytest.approx(truth, abs=1e-3)
    assert barred[1] == 0
    assert barred.sum() == pytest.approx(1)
