"""Theta, straight lines and autoregressions against hand work and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.lines import autoregression, line
from regulars.measure.theta import THETAS, ses, theta


def test_smoothing_by_hand() -> None:
    levels, errors = ses(np.array([[10.0, 12.0, 8.0]]), np.array([0.5]))
    assert levels[0, 0] == 9.5  # 10, 11, 9.5
    assert errors[0, 0] == pytest.approx((2**2 + 3**2) / 2)


def test_theta_of_a_line_goes_on_at_half_its_slope() -> None:
    said = theta(3.0 * np.arange(40)[None], 4)
    assert np.diff(said[0]) == pytest.approx(np.full(3, 1.5))


def test_theta_is_smoothing_with_half_the_slope_as_drift() -> None:
    """Hyndman & Billah (2003): SES of y plus slope/2 (h - 1 + 1/alpha - (1-alpha)^n / alpha), up to the start."""
    rng = np.random.default_rng(1)
    y = 50 + np.cumsum(rng.normal(0.2, 1, 200))
    at, slope = line(y[None])
    t = np.arange(200) - 199.0
    z = 2 * y - (at[0] + slope[0] * t)
    rates = np.array([0.3])
    level = ses(z[None], rates)[0][0, 0]
    plain = ses(y[None], rates)[0][0, 0]
    h = np.arange(1, 5)
    from_lines = 0.5 * (at[0] + slope[0] * h) + 0.5 * level
    drift = plain + slope[0] / 2 * (h - 1 + 1 / 0.3)
    assert from_lines == pytest.approx(drift, abs=1e-6)


def test_the_best_curvature_is_no_worse_one_step_ahead() -> None:
    y = np.cumsum(np.random.default_rng(2).normal(1, 1, (10, 80)), axis=1)
    ahead = theta(y, 1, THETAS)[:, 0]
    assert np.abs(ahead - (y[:, -1] + 1)).mean() < np.abs(theta(y, 1)[:, 0] - (y[:, -1] + 1)).mean() + 0.5


def test_the_line_is_that_of_least_squares() -> None:
    y = np.random.default_rng(3).normal(size=(3, 30))
    at, slope = line(y)
    for i in range(3):
        b, a = np.polyfit(np.arange(30), y[i], 1)
        assert (slope[i], at[i]) == pytest.approx((b, a + 29 * b))


def test_an_autoregression_finds_its_own_weights() -> None:
    rng = np.random.default_rng(4)
    change = np.zeros(4000)
    for t in range(2, 4000):
        change[t] = 0.6 * change[t - 1] - 0.3 * change[t - 2] + rng.normal()
    y = np.cumsum(change)[None]
    ahead = autoregression(y, 2)[0]
    first = 0.6 * change[-1] - 0.3 * change[-2]
    assert ahead[0] - y[0, -1] == pytest.approx(first, abs=0.15)
    assert ahead[1] - ahead[0] == pytest.approx(0.6 * first - 0.3 * change[-1], abs=0.15)
