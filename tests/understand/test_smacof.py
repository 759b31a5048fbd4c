"""Maps from distances, against exact configurations and scikit-learn's SMACOF."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.manifold import MDS

from regulars.understand.smacof import classical, distances, laid_onto, majorised, smacof, stress


def test_a_flat_world_comes_back_exactly():
    points = np.random.default_rng(0).normal(size=(12, 2))
    found = smacof(distances(points))
    assert found.stress < 1e-6
    np.testing.assert_allclose(distances(found.points), distances(points), atol=1e-5)
    np.testing.assert_allclose(laid_onto(found.points[None], points)[0], points, atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_no_worse_than_scikit_learn(seed):
    delta = distances(np.random.default_rng(seed).normal(size=(15, 6)))
    peer = MDS(2, metric_mds=True, metric="precomputed", n_init=4, init="random", random_state=seed, max_iter=1000,
               eps=1e-9, normalized_stress=False).fit(delta)  # fmt: skip
    found = smacof(delta, steps=2000, tolerance=1e-12)
    ours = np.sum((delta - distances(found.points)) ** 2) / 2
    assert ours <= peer.stress_ * 1.05


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 9), st.integers(1, 5), st.integers(0, 10_000))
def test_every_step_lowers_the_stress(n, p, seed):
    delta = distances(np.random.default_rng(seed).exponential(size=(n, p)))
    points = classical(delta)[None]
    before = np.inf
    for _ in range(15):
        now = float(np.sum((delta - distances(points)) ** 2))
        assert now <= before * (1 + 1e-9) + 1e-9
        points, before = majorised(delta[None], points, 1)[0], now
    assert np.isfinite(stress(delta[None], points)).all()


def test_the_same_place_twice_and_bad_tables():
    assert smacof(np.zeros((3, 3))).stress == 0
    for wrong in ([[0, 1], [2, 0]], [[0, -1], [-1, 0]], [[1, 0], [0, 0]], [[0, 1, 2]]):
        with pytest.raises(ValueError, match="square, symmetric"):
            smacof(wrong)
