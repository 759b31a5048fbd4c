from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from regulars.understand.day_cells import DayCells
from regulars.understand.rhythm import Rhythm


def cells_of(gaps):
    """Day cells of customers with these gaps (ragged lists)."""
    code = np.concatenate([np.full(len(g) + 1, i) for i, g in enumerate(gaps)])
    day = np.concatenate([np.concatenate([[0], np.cumsum(g)]) for g in gaps]).astype(np.int64)
    n = len(code)
    return DayCells(pa.array([f"{i:05d}" for i in range(len(gaps))]), code, day, np.ones(n, int), np.ones(n, int), 9999)


def simulated(mu, sigma, tau, people, seed):
    rng = np.random.default_rng(seed)
    own = rng.normal(mu, tau, people)
    return [np.maximum(np.round(np.exp(rng.normal(m, sigma, rng.integers(0, 9)))), 1).astype(int) for m in own]


def test_the_variances_of_a_simulation_come_back():
    found = Rhythm.of(cells_of(simulated(np.log(60), 0.5, 0.8, 4000, 0)))
    assert found.mu == pytest.approx(np.log(60), abs=0.05)
    assert found.sigma2 == pytest.approx(0.25, rel=0.08)
    assert found.tau2 == pytest.approx(0.64, rel=0.08)


def test_the_outlasted_share_of_the_next_gap_is_uniform():
    """Known truth of a calibrated forecast: the probability transform of what came is uniform."""
    gaps = [g for g in simulated(np.log(60), 0.5, 0.8, 6000, 1) if len(g) > 1]
    found = Rhythm.of(cells_of([g[:-1] for g in gaps]))
    n, total = np.array([len(g) - 1 for g in gaps]), np.array([np.log(g[:-1]).sum() for g in gaps])
    share = found.outlasted([g[-1] for g in gaps], n, total)
    for level in (0.25, 0.5, 0.75, 0.95):
        assert (share <= level).mean() == pytest.approx(level, abs=0.025)


def test_little_is_known_of_few():
    assert Rhythm.of(cells_of([[3, 4], [5]])) is None
    everybody_the_same = Rhythm.of(cells_of([[30]] * 20))
    assert everybody_the_same.usual_gap([0.0], [0.0])[0] == pytest.approx(30)
    assert np.isfinite(everybody_the_same.outlasted([0, 30, 9999], [0, 1, 1], [0, 3.4, 3.4])).all()
