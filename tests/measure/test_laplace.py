from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.laplace import laplace


def normal(mean, precision):
    def density(u):
        off = u - mean
        return -0.5 * np.einsum("bi,ij,bj->b", off, precision, off), -off @ precision

    return density


def test_laplace_is_exact_for_a_normal_and_takes_the_highest_top():
    precision = np.array([[2.0, 0.5], [0.5, 1.0]])
    found = laplace(normal(np.array([1.0, 2.0]), precision), np.zeros((1, 2)))
    assert found.mode == pytest.approx([1, 2], abs=1e-4)
    assert found.covariance == pytest.approx(np.linalg.inv(precision), rel=1e-5)
    draws = found.draw(20_000, np.random.default_rng(3))
    assert np.cov(draws.T) == pytest.approx(np.linalg.inv(precision), rel=0.05, abs=0.02)

    def two(u):
        a, b = -0.5 * (u[:, 0] - 3) ** 2 + 1, -0.5 * (u[:, 0] + 3) ** 2
        w = 1 / (1 + np.exp(b - a))
        return np.logaddexp(a, b), (-(w * (u[:, 0] - 3) + (1 - w) * (u[:, 0] + 3)))[:, None]

    assert laplace(two, np.array([[-4.0], [4.0]])).mode[0] == pytest.approx(3, abs=1e-3)


def test_a_flat_direction_is_as_wide_as_told_and_nowhere_finite_is_said():
    found = laplace(lambda u: (-0.5 * u[:, 0] ** 2, np.stack([-u[:, 0], 0 * u[:, 1]], axis=1)), np.ones((1, 2)))
    assert found.covariance[1, 1] == pytest.approx(4.0)
    with pytest.raises(ValueError, match="not finite"):
        laplace(lambda u: (np.full(len(u), -np.inf), np.zeros_like(u)), np.ones((1, 2)))
