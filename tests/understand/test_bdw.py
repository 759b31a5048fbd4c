from __future__ import annotations

import numpy as np
import pytest

from regulars.understand import BetaDiscreteWeibull, ShiftedBetaGeometric

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]


def test_gradient_and_hessian_by_differences():
    model = BetaDiscreteWeibull()
    t, left = np.array([1.0, 2.0, 5.0, 9.0, 3.0, 0.0]), np.array([True, True, True, True, False, False])
    n, p = np.array([3.0, 5.0, 2.0, 1.0, 8.0, 1.0]), np.array([0.7, 1.9, 1.3])
    _, g, h = model._sums(p, t, left, n)
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-5
        up, down = model._sums(p + step, t, left, n), model._sums(p - step, t, left, n)
        assert g[i] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-6, abs=1e-6)
        assert h[i] == pytest.approx((up[1] - down[1]) / 2e-5, rel=1e-6, abs=1e-5)


def test_one_more_parameter_never_fits_worse():
    bdw, sbg = (kind().fit_curve(REGULAR) for kind in (BetaDiscreteWeibull, ShiftedBetaGeometric))
    assert bdw.log_likelihood_ >= sbg.log_likelihood_
    assert bdw.survival(np.arange(8)) * 1000 == pytest.approx(REGULAR, abs=12)


@pytest.mark.parametrize("c", [0.7, 1.4])
def test_recovers_what_a_simulation_was_made_of(c):
    rng = np.random.default_rng(2)
    theta = rng.beta(1.0, 4.0, 60_000)
    # P(life > t) = (1 - theta)^(t^c)
    life = np.ceil((np.log(rng.random(60_000)) / np.log1p(-theta)) ** (1 / c))
    seen = rng.integers(1, 25, 60_000)
    model = BetaDiscreteWeibull().fit({"periods": np.minimum(life, seen), "ended": life <= seen})
    errors = np.array(list(model.standard_errors_.values()))
    assert np.all(np.abs(model.parameters_ - [1.0, 4.0, c]) < 4 * errors)


def test_no_nan_for_any_age():
    model = BetaDiscreteWeibull().fit_curve(REGULAR)
    ages = np.array([0, 1, 100, 10_000])
    assert np.all(np.isfinite(model.survival(10_000, ages)))
    assert np.all(np.isfinite(model.residual(ages, 1000)))
    low, high = model.survival_interval([0, 1, 8, 10_000])
    assert np.all((low >= 0) & (low <= high) & (high <= 1))
