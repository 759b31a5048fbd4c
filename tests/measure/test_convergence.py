from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.convergence import ess, r_hat


def walk(rng: np.random.Generator, rho: float, chains: int = 4, n: int = 4000) -> np.ndarray:
    out, x = np.empty((chains, n, 1)), rng.normal(size=(chains, 1))
    for i in range(n):
        x = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(chains, 1))
        out[:, i] = x
    return out


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_an_autoregression_is_worth_its_known_number_of_draws(rho):
    """Draws over the integrated autocorrelation time (1 + rho) / (1 - rho)."""
    found = ess(walk(np.random.default_rng(1), rho))[0]
    assert found == pytest.approx(16_000 * (1 - rho) / (1 + rho), rel=0.15)


def test_alternating_chains_are_worth_more_than_their_draws():
    assert ess(walk(np.random.default_rng(2), -0.5))[0] > 25_000


def test_a_chain_elsewhere_and_a_chain_wider_are_both_seen():
    draws = np.random.default_rng(3).normal(size=(4, 500, 2))
    assert r_hat(draws).max() < 1.01
    apart = draws.copy()
    apart[0, :, 0] += 2
    apart[0, :, 1] *= 4
    assert r_hat(apart).min() > 1.05


def test_a_constant_agrees_with_itself():
    assert r_hat(np.ones((4, 100, 1))) == pytest.approx([1.0])
    assert ess(np.ones((4, 100, 1))) == pytest.approx([400.0])
