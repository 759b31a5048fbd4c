from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln

from regulars.understand import GammaGamma


def simulate(n, p, q, v, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(1, 12, n)
    nu = rng.gamma(q, 1 / v, n)
    return x, rng.gamma(p * x, 1 / (nu * x)), p / nu


@pytest.mark.shared_data
def test_cdnow_estimates_are_the_published_ones(cdnow):
    model = GammaGamma().fit(cdnow)
    assert model.n_customers_ == 946
    np.testing.assert_allclose(model.parameters_, [6.25, 3.74, 15.44], atol=6e-3)
    assert model.log_likelihood_ == pytest.approx(-4055.9177, abs=1e-3)
    assert model.correlation_ == pytest.approx(0.114, abs=5e-4)


@pytest.mark.shared_data
def test_cents_and_dollars_give_the_same_model(cdnow):
    dollars, cents = GammaGamma().fit(cdnow), GammaGamma().fit(cdnow.assign(monetary=cdnow["monetary"] * 100))
    np.testing.assert_allclose(cents.parameters_, dollars.parameters_ * [1, 1, 100], rtol=1e-6)
    assert cents.log_likelihood_ == pytest.approx(dollars.log_likelihood_ - 946 * np.log(100))


def test_recovers_the_parameters_and_the_formula_of_the_likelihood():
    truth = np.array([4.0, 3.5, 60.0])
    x, m, _ = simulate(20_000, *truth, 1)
    model = GammaGamma().fit({"frequency": x, "monetary": m})
    z = (model.parameters_ - truth) / [model.standard_errors_[k] for k in "pqv"]
    assert np.all(np.abs(z) < 3.5)
    p, q, v = model.parameters_
    value = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(m)
    value += p * x * np.log(x) - (p * x + q) * np.log(x * m + v)
    assert model.log_likelihood_ == pytest.approx(value.sum(), rel=1e-10)


def test_expected_value_is_the_mean_of_customers_who_look_the_same():
    x, m, true_mean = simulate(200_000, 4.0, 3.5, 60.0, 2)
    model = GammaGamma().fit({"frequency": x, "monetary": m})
    alike = (x == 3) & (np.abs(m - 100) < 5)
    assert model.conditional_expected_value(3, 100) == pytest.approx(true_mean[alike].mean(), rel=0.03)
    assert model.conditional_expected_value(0, 0) == pytest.approx(4.0 * 60 / 2.5, rel=0.02)


def test_refunded_and_free_purchases_are_left_out_of_the_fit_and_count_as_zero():
    x, m, _ = simulate(500, 4.0, 3.5, 60.0, 3)
    clean = GammaGamma().fit({"frequency": x, "monetary": m})
    dirty = GammaGamma().fit({"frequency": np.append(x, [2, 3, 0]), "monetary": np.append(m, [0.0, -50.0, 0.0])})
    np.testing.assert_allclose(dirty.parameters_, clean.parameters_)
    assert dirty.n_left_out_ == 2
    assert clean.conditional_expected_value(2, -50) == clean.conditional_expected_value(2, 0) > 0


def test_a_tail_without_a_mean_falls_back_to_the_mean_purchase():
    model = GammaGamma()
    model.p_, model.q_, model.v_, model.mean_ = 0.5, 0.4, 10.0, 33.0
    assert model.conditional_expected_value([0, 1, 9], [0, 20, 20]).tolist()[:2] == [33.0, 33.0]
    assert np.isfinite(model.conditional_expected_value(9, 20))


def test_too_few_repeat_buyers_say_so():
    with pytest.raises(ValueError, match="repeat buyers"):
        GammaGamma().fit({"frequency": [0, 1], "monetary": [0.0, 5.0]})
