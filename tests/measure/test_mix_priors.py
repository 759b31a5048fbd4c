from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from regulars.measure.mix_priors import KINDS, Beliefs, softplus_inverse

CASES = {
    "normal": (0.3, 0.7), "beta": (1.5, 3.0), "gamma_inverse": (3.0, 0.4), "half_normal_log": (0.6, 0.0),
    "half_normal": (0.0, 1.0), "log_normal": (0.0, 0.8),
}  # fmt: skip


def belief(kind: str) -> Beliefs:
    p, q = CASES[kind]
    return Beliefs((kind,), np.array([p]), np.array([q]))


@pytest.mark.parametrize("kind", KINDS)
def test_draws_follow_the_density_and_the_slope_is_its_own(kind):
    one = belief(kind)
    grid = np.linspace(-14, 10, 6001)
    log_p, slope = one.log_density(grid[:, None])
    numeric = np.gradient(log_p, grid)
    middle = (grid > -3) & (grid < 2)
    assert slope[middle, 0] == pytest.approx(numeric[middle], abs=2e-3 * max(1, np.abs(slope[middle]).max()))
    p = np.exp(log_p - log_p.max())
    cdf = integrate.cumulative_trapezoid(p, grid, initial=0)
    drawn = one.draw(4000, np.random.default_rng(1))[:, 0]
    assert stats.kstest(drawn, lambda u: np.interp(u, grid, cdf / cdf[-1])).pvalue > 0.001


def test_neighbours_of_a_kind_are_one_run_and_nothing_is_mixed_up():
    kinds = ("normal", "normal", "beta", "normal")
    mixed = Beliefs(kinds, np.array([0.0, 1.0, 2.0, 3.0]), np.ones(4))
    u = np.random.default_rng(2).normal(size=(3, 4))
    each = [Beliefs((k,), mixed.p[i : i + 1], mixed.q[i : i + 1]).log_density(u[:, i : i + 1])
            for i, k in enumerate(kinds)]  # fmt: skip
    value, slope = mixed.log_density(u)
    assert value == pytest.approx(sum(v for v, _ in each))
    assert slope == pytest.approx(np.concatenate([g for _, g in each], axis=1))


def test_softplus_is_undone():
    x = np.array([1e-3, 0.5, 30.0])
    assert np.logaddexp(0, softplus_inverse(x)) == pytest.approx(x)
