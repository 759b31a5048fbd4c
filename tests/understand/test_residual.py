from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyperu

from regulars.understand import BetaGeo, ModifiedBetaGeo, ParetoNBD
from regulars.understand.residual import discounted_lifetime, residual_clv

CDNOW = {ParetoNBD: (0.5533, 10.5776, 0.6062, 11.6714), BetaGeo: (0.2426, 4.4136, 0.7929, 2.4259),
         ModifiedBetaGeo: (0.525, 6.183, 0.891, 1.614)}  # fmt: skip


def fitted(kind):
    model = kind()
    for name, value in zip(kind.PARAMETERS, CDNOW[kind], strict=True):
        setattr(model, f"{name}_", value)
    return model


@pytest.mark.parametrize("s", [0.02, 0.6, 1.0, 3.0, 40.0])
@pytest.mark.parametrize("z", [1e-5, 0.01, 1.0, 30.0, 2000.0])
def test_discounted_lifetime_is_the_integral_for_all_shapes(s, z):
    start = 7.0
    got = discounted_lifetime(s, np.array([start]), z / start, np.inf)[0]

    def integrand(u):
        return np.exp((1 - s) * u - z * np.expm1(u)) * start

    end = np.log1p(45 / z)
    truth = sum(
        quad(integrand, a * end, b * end, epsrel=1e-11)[0] for a, b in ((0, 0.1), (0.1, 0.5), (0.5, 0.8), (0.8, 1))
    )
    assert got == pytest.approx(truth, rel=1e-8)
    if 0.01 <= z <= 30 and s <= 3:
        assert got == pytest.approx(start * z ** (s - 1) * hyperu(s, s, z), rel=1e-7)


@pytest.mark.parametrize("kind", list(CDNOW))
def test_residual_purchases_are_the_discounted_sum_of_small_steps(kind):
    model = fitted(kind)
    t = np.linspace(0, 80, 8001)
    mean = model.conditional_expected_purchases(t, 5, 20.0, 25.0)
    truth = np.sum(np.diff(mean) * np.exp(-0.05 * (t[:-1] + t[1:]) / 2))
    assert model.dert(0.05, 5, 20.0, 25.0, horizon=80) == pytest.approx(truth, rel=1e-5)
    assert model.dert(0.05, 5, 20.0, 25.0) == pytest.approx(model.dert(0.05, 5, 20.0, 25.0, horizon=600), rel=1e-8)
    assert model.dert(0.0, 5, 20.0, 25.0, horizon=80) == pytest.approx(mean[-1], rel=1e-9)


@pytest.mark.parametrize("kind", list(CDNOW))
def test_every_customer_has_a_residual(kind):
    x, tx, T = (v.ravel() for v in np.meshgrid([0, 1, 30, 10_000], [0.0, 0.5, 1.0], [0.0, 1e-3, 40.0, 10_000.0]))
    tx = np.where(x > 0, tx * T, 0.0)
    for rate in (1e-6, 0.0027, 5.0):
        worth = fitted(kind).dert(rate, x, tx, T)
        assert np.all(np.isfinite(worth) & (worth >= 0))


def test_residual_worth_is_margin_times_value_times_purchases():
    model = fitted(ParetoNBD)
    got = residual_clv(model, 7, 35.0, 60.0, 3000, margin=0.4, discount_rate=0.15, year=52)
    assert got == pytest.approx(0.4 * 3000 * model.dert(np.log(1.15) / 52, 7, 35.0, 60.0))
    # Yearly payments of 1 for ever are worth 1 / ln(1.1): a customer who never leaves and buys once a year.
    steady = ParetoNBD()
    steady.r_, steady.alpha_, steady.s_, steady.beta_ = 1e7, 365e7, 1e-9, 1.0
    assert residual_clv(steady, 0, 0.0, 0.0, 1.0) == pytest.approx(1 / np.log(1.1), rel=1e-6)


def test_impossible_discounts_are_said():
    with pytest.raises(ValueError, match="0 or above"):
        residual_clv(fitted(ParetoNBD), 1, 2.0, 3.0, 10, discount_rate=-0.1)
    with pytest.raises(ValueError, match="rate or a horizon"):
        residual_clv(fitted(BetaGeo), 1, 2.0, 3.0, 10, discount_rate=0.0)
    with pytest.raises(ValueError, match="above 0"):
        fitted(BetaGeo).dert(0.1, 1, 2.0, 3.0, horizon=0)
