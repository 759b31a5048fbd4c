from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regulars.measure.convergence import ess, r_hat
from regulars.measure.hmc import hmc


def normal(mean, precision):
    def density(u):
        off = u - mean
        return -0.5 * np.einsum("bi,ij,bj->b", off, precision, off), -off @ precision

    return density


def test_moments_of_a_narrow_slanted_normal_are_found_from_a_wrong_metric():
    covariance = np.array([[1.0, 0.95, 0.0], [0.95, 1.0, 0.0], [0.0, 0.0, 25.0]])
    mean = np.array([1.0, -2.0, 3.0])
    f = normal(mean, np.linalg.inv(covariance))
    run = hmc(f, np.zeros((8, 3)), np.eye(3), draws=600, warmup=400, rng=np.random.default_rng(0))
    assert r_hat(run.draws).max() < 1.01
    assert ess(run.draws).min() > 1500
    flat = run.draws.reshape(-1, 3)
    assert flat.mean(axis=0) == pytest.approx(mean, abs=0.35)
    assert np.cov(flat.T) == pytest.approx(covariance, rel=0.12, abs=0.3)
    assert run.divergences == 0


def test_a_skewed_density_is_drawn_exactly():
    """The logarithm of a Gamma(2)."""

    def density(u):
        return (2 * u - np.exp(u)).sum(axis=1), 2 - np.exp(u)

    run = hmc(density, np.zeros((4, 1)), np.eye(1), draws=1000, warmup=300, rng=np.random.default_rng(1))
    assert stats.kstest(np.exp(run.draws[:, ::5].ravel()), stats.gamma(2).cdf).pvalue > 0.001


def test_a_step_too_coarse_is_counted():
    def density(u):
        return -0.5 * (1e8 * u**2).sum(axis=1), -1e8 * u

    run = hmc(density, np.zeros((2, 1)), np.eye(1), draws=50, warmup=1, rng=np.random.default_rng(2))
    assert run.divergences > 0
