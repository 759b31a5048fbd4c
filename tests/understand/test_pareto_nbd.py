from __future__ import annotations

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln, hyp2f1, hyperu
from scipy.stats import gamma
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from regulars.understand import BetaGeo, ModifiedBetaGeo, ParetoNBD
from regulars.understand.pareto_sums import ParetoSums
from regulars.understand.time_of_leaving import TimeOfLeaving

TRUTH = np.array([0.8, 8.0, 0.9, 15.0])


def simulate(n, r, alpha, s, beta, seed):
    """Customers who buy and leave as the model says, observed at an age of 30 to 60."""
    rng = np.random.default_rng(seed)
    T = rng.uniform(30, 60, n)
    rate, end = rng.gamma(r, 1 / alpha, n), np.minimum(rng.exponential(1.0, n) / rng.gamma(s, 1 / beta, n), T)
    x = rng.poisson(rate * end).astype(float)
    # The last of x uniform moments.
    tx = np.where(x > 0, end * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)
    return pd.DataFrame({"frequency": x, "recency": tx, "T": T})


def log_likelihood(p, x, tx, T):
    """The likelihood of Fader and Hardie's note 009, by 2F1."""
    r, alpha, s, beta = p
    big, small, second = max(alpha, beta), min(alpha, beta), s + 1 if alpha >= beta else r + x

    def f(y):
        return hyp2f1(r + s + x, second, r + s + x + 1, (big - small) / (big + y)) / (big + y) ** (r + s + x)

    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    return common + np.log((alpha + T) ** -(r + x) * (beta + T) ** -s + s / (r + s + x) * (f(tx) - f(T)))


@pytest.mark.shared_data
def test_cdnow_estimates_are_the_published_ones(cdnow):
    model = ParetoNBD().fit(cdnow)
    assert model.converged_
    np.testing.assert_allclose(model.parameters_, [0.55315, 10.57633, 0.60625, 11.67150], rtol=4e-4)
    assert model.log_likelihood_ == pytest.approx(-9594.976, abs=1e-3)
    errors = [model.standard_errors_[k] for k in ("r", "alpha", "s", "beta")]
    np.testing.assert_allclose(errors, [0.04763, 0.84272, 0.18726, 6.21054], rtol=2e-4)
    assert model.conditional_expected_purchases(52, 26, 30.86, 31) == pytest.approx(25.46, abs=5e-3)


@pytest.mark.shared_data
def test_cdnow_holdout_is_forecast_as_well_as_published(cdnow, cdnow_log):
    days = pd.to_datetime(cdnow_log["day"])
    later = cdnow_log[days > "1997-09-30"].drop_duplicates(["customer", "day"]).groupby("customer").size()
    actual = cdnow["customer"].map(later).fillna(0)
    forecast = (
        ParetoNBD().fit(cdnow).conditional_expected_purchases(39, cdnow["frequency"], cdnow["recency"], cdnow["T"])
    )
    assert forecast.sum() == pytest.approx(1665.4, abs=0.2)
    assert np.abs(forecast - actual).mean() == pytest.approx(0.7545, abs=1e-4)
    assert np.corrcoef(forecast, actual)[0, 1] == pytest.approx(0.6302, abs=1e-4)


@pytest.mark.parametrize("p", [(0.6, 9.0, 0.8, 12.0), (0.6, 12.0, 0.8, 9.0), (1.7, 5.0, 2.4, 5.0)])
def test_likelihood_agrees_with_the_hypergeometric_formula(p):
    data = simulate(200, 0.6, 9.0, 0.8, 12.0, 1)
    x, tx, T = (data[c].to_numpy() for c in ("frequency", "recency", "T"))
    value, _, _ = ParetoSums.of(x, tx, T, None)(np.array(p))
    assert value == pytest.approx(np.sum(log_likelihood(p, x, tx, T)), rel=1e-10)


@pytest.mark.parametrize(("x", "tx", "T"), [(0, 0.0, 30.0), (2, 11.0, 30.0), (5, 29.0, 30.0)])
def test_likelihood_agrees_with_integrating_over_both_rates(x, tx, T):
    r, alpha, s, beta = p = np.array([0.9, 8.0, 1.3, 15.0])

    # Trapezoids in the logarithms of both rates.
    log_rate, log_mu = np.linspace(-60, 5, 2000)[:, None], np.linspace(-60, 5, 2000)[None, :]
    rate, mu = np.exp(log_rate), np.exp(log_mu)
    inside = rate**x * mu / (rate + mu) * np.exp(-(rate + mu) * tx)
    inside = inside + rate ** (x + 1) / (rate + mu) * np.exp(-(rate + mu) * T)
    inside *= gamma.pdf(rate, r, scale=1 / alpha) * gamma.pdf(mu, s, scale=1 / beta) * rate * mu
    truth = inside.sum() * (65 / 1999) ** 2
    value, _, _ = ParetoSums.of(*(np.array([float(v)]) for v in (x, tx, T)), None)(p)
    assert value == pytest.approx(np.log(truth), abs=1e-9)


@pytest.mark.parametrize("p", [(0.5, 8.0, 0.8, 20.0), (0.5, 20.0, 0.8, 3.0)])
def test_gradient_and_hessian_are_those_of_the_value(p):
    data = simulate(300, 0.6, 9.0, 0.8, 12.0, 1)
    sums = ParetoSums.of(*(data[c].to_numpy() for c in ("frequency", "recency", "T")), None)
    p = np.array(p)
    _, gradient, hessian = sums(p)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5 * p[i]
        up, down = sums(p + step), sums(p - step)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / (2 * step[i]), rel=1e-5)
        np.testing.assert_allclose(hessian[i], (up[1] - down[1]) / (2 * step[i]), rtol=1e-5)


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@settings(max_examples=120, deadline=None)
@given(
    p=st.tuples(*(st.floats(-4, 4),) * 4),
    x=st.integers(0, 10_000),
    T=st.floats(1e-3, 10_000),
    share=st.floats(0, 1),
)
def test_odds_of_having_left_agree_with_adaptive_integration(p, x, T, share):
    r, alpha, s, beta = np.exp(p) * [1, 10, 1, 10]
    tx = T * share if x else 0.0

    def log_f(v):
        y = (alpha + tx) * np.expm1(v) + tx
        fall = (r + x) * np.log((alpha + T) / (alpha + y)) + s * np.log((beta + T) / (beta + y))
        return fall + np.log(s * (alpha + y) / (beta + y))

    end = np.log((alpha + T) / (alpha + tx))
    top = log_f(np.linspace(0, end, 200)).max()
    pieces = np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 25)]) * end
    parts = [
        quad(lambda v: np.exp(log_f(v) - top), a, b, epsabs=0, epsrel=1e-9)[0] for a, b in itertools.pairwise(pieces)
    ]
    got = TimeOfLeaving.of(np.array([r, alpha, s, beta]), *(np.array([float(v)]) for v in (x, tx, T))).log_odds[0]
    if end > 1e-12:
        assert got == pytest.approx(np.log(sum(parts)) + top, abs=1e-7, rel=1e-9)
    assert not np.isnan(got)


def test_recovers_the_parameters_customers_were_simulated_from():
    model = ParetoNBD().fit(simulate(60_000, *TRUTH, 5))
    assert model.converged_
    z = (model.parameters_ - TRUTH) / np.sqrt(np.diag(model.covariance_))
    assert np.all(np.abs(z) < 3.5)


def test_weights_stand_for_that_many_equal_customers_and_shards_add_up():
    data = simulate(400, *TRUTH, 3)
    data["weights"] = np.arange(400) % 3 + 1.0
    long = data.loc[data.index.repeat(data["weights"].astype(int)), ["frequency", "recency", "T"]]
    weighted, repeated = ParetoNBD().fit(data), ParetoNBD().fit(long)
    np.testing.assert_allclose(weighted.parameters_, repeated.parameters_, rtol=1e-6)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_)
    x, tx, T = (data[c].to_numpy() for c in ("frequency", "recency", "T"))
    whole = ParetoSums.of(x, tx, T, None)(TRUTH)
    shards = [ParetoSums.of(x[i::7], tx[i::7], T[i::7], None)(TRUTH) for i in range(7)]
    for i in range(3):
        np.testing.assert_allclose(sum(s[i] for s in shards), whole[i], rtol=1e-10)


def test_the_unit_of_time_changes_nothing_but_the_times():
    data = simulate(800, *TRUTH, 4)
    weeks = ParetoNBD(penalizer=0.5).fit(data)
    days = ParetoNBD(penalizer=0.5).fit(data.assign(recency=data["recency"] * 7, T=data["T"] * 7))
    np.testing.assert_allclose(days.parameters_, weeks.parameters_ * [1, 7, 1, 7], rtol=1e-5)


@pytest.fixture(scope="module")
def fitted():
    return ParetoNBD().fit(simulate(4000, *TRUTH, 6))


@settings(max_examples=60, deadline=None)
@given(x=st.integers(0, 10_000), T=st.floats(0, 10_000), share=st.floats(0, 1), t=st.floats(0, 10_000))
def test_no_customer_gets_a_missing_or_impossible_number(fitted, x, T, share, t):
    tx = T * share if x else 0.0
    alive = fitted.p_alive(x, tx, T)
    low, high = fitted.p_alive_interval(x, tx, T)
    mean = fitted.conditional_expected_purchases(t, x, tx, T)
    lower, upper = fitted.conditional_expected_purchases_interval(t, x, tx, T)
    fewest, most = fitted.conditional_expected_purchases_interval(t, x, tx, T, individual=True)
    assert 0 <= low <= alive <= high <= 1
    assert 0 <= lower <= mean <= upper < np.inf
    assert 0 <= fewest <= most < np.inf
    assert 0 <= fitted.dert(0.001, x, tx, T) < np.inf


def test_whoever_just_bought_is_alive_and_one_time_buyers_fade(fitted):
    assert fitted.p_alive(4, 30, 30) == 1.0
    assert fitted.p_alive(0, 0, 500) < fitted.p_alive(0, 0, 5) < 1.0


def test_individual_interval_and_mean_agree_with_simulated_futures(fitted):
    rng = np.random.default_rng(11)
    r, alpha, s, beta = fitted.parameters_
    n, t = 400_000, 40.0
    for x, tx, T in ((4, 20.0, 35.0), (60, 34.0, 35.0), (0, 0.0, 20.0)):
        alive = rng.random(n) < fitted.p_alive(x, tx, T)
        rate, stay = rng.gamma(r + x, 1 / (alpha + T), n), rng.exponential(1, n) / rng.gamma(s, 1 / (beta + T), n)
        future = alive * rng.poisson(rate * np.minimum(stay, t))
        assert fitted.conditional_expected_purchases(t, x, tx, T) == pytest.approx(future.mean(), rel=0.01)
        low, high = fitted.conditional_expected_purchases_interval(t, x, tx, T, individual=True)
        # A quantile may fall on either side of a step that is as high as the noise.
        assert abs(low - np.quantile(future, 0.05)) <= (1 if x == 60 else 0)
        assert abs(high - np.quantile(future, 0.95)) <= (1 if x == 60 else 0)
        drawn = fitted.draw_purchases(np.tile(fitted.parameters_, (n, 1)), t, x, np.asarray(T), rng)
        assert drawn.mean() * fitted.p_alive(x, tx, T) == pytest.approx(future.mean(), rel=0.015)


@pytest.mark.parametrize("kind", [ParetoNBD, BetaGeo, ModifiedBetaGeo])
def test_customers_asked_together_get_the_limits_they_get_alone(kind):
    model = kind(penalizer=0.5).fit(simulate(500, *TRUTH, 8))
    x, tx, T = (
        np.array([0, 1, 3, 40, 2]),
        np.array([0.0, 0.5, 20.0, 59.0, 1.0]),
        np.array([50.0, 55.0, 30.0, 60.0, 60.0]),
    )
    for q in (0.05, 0.5, 0.95):
        t = np.full(5, 30.0)
        together = model.count_quantile(model.parameters_, t, x, tx, T, q)
        alone = [model.count_quantile(model.parameters_, *(v[[i]] for v in (t, x, tx, T)), q)[0] for i in range(5)]
        np.testing.assert_array_equal(together, alone)
        assert np.all(together >= 0)


def test_chance_of_at_least_k_purchases_agrees_with_the_mean(fitted):
    """The mean is the sum of P(N >= k) over k."""
    k = np.arange(1.0, 400.0)
    some = fitted._at_least(k, np.full_like(k, 25.0), np.full_like(k, 3.0), np.full_like(k, 30.0))
    assert np.all(np.diff(some) <= 1e-9)
    mean = fitted.mean_when_alive(fitted.parameters_, np.array(25.0), np.array(3.0), np.array(30.0))
    assert some.sum() == pytest.approx(mean, rel=2e-4)


def test_discounted_residual_is_the_confluent_hypergeometric_form(fitted):
    r, alpha, s, beta = fitted.parameters_
    for x, tx, T, rate in ((7, 35.0, 60.0, 0.0027), (0, 0.0, 10.0, 0.1), (3, 8.0, 9.0, 1.0)):
        when_alive = (r + x) / (alpha + T) * rate ** (s - 1) * (beta + T) ** s * hyperu(s, s, rate * (beta + T))
        assert fitted.dert(rate, x, tx, T) == pytest.approx(fitted.p_alive(x, tx, T) * when_alive, rel=1e-7)


def test_discounted_residual_over_a_horizon_is_the_discounted_sum_of_days(fitted):
    t = np.linspace(0, 100, 20_001)
    mean = fitted.conditional_expected_purchases(t, 5, 20.0, 25.0)
    truth = np.sum(np.diff(mean) * np.exp(-0.01 * (t[:-1] + t[1:]) / 2))
    assert fitted.dert(0.01, 5, 20.0, 25.0, horizon=100) == pytest.approx(truth, rel=1e-6)
    assert fitted.dert(0.0, 5, 20.0, 25.0, horizon=100) == pytest.approx(mean[-1], rel=1e-8)
    with pytest.raises(ValueError, match="rate or a horizon"):
        fitted.dert(0.0, 5, 20.0, 25.0)


def test_parameter_interval_covers_the_truth_about_as_often_as_it_says():
    oracle, hits = ParetoNBD(), 0
    oracle.r_, oracle.alpha_, oracle.s_, oracle.beta_ = TRUTH
    for seed in range(40):
        model = ParetoNBD().fit(simulate(1500, *TRUTH, 100 + seed))
        low, high = model.conditional_expected_purchases_interval(30, 3, 25, 40)
        hits += bool(low <= oracle.conditional_expected_purchases(30, 3, 25, 40) <= high)
    assert 31 <= hits <= 40  # 90 % of 40, give or take two and a half standard errors


def test_a_penalty_makes_a_handful_of_customers_estimable():
    few = {"frequency": [0, 1, 0, 3], "recency": [0, 5, 0, 20.0], "T": [10, 20, 30, 25.0]}
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        model = ParetoNBD(penalizer=1.0).fit(few)
    assert model.converged_
    assert np.all(np.isfinite(model.covariance_))


def test_flat_likelihood_is_reported_not_hidden():
    clockwork = {"frequency": [4.0] * 30, "recency": [40.0] * 30, "T": [40.0] * 30}
    with pytest.warns(ConvergenceWarning, match="penalizer=1"):
        assert not ParetoNBD().fit(clockwork).converged_


def test_extremely_unequal_customers_can_be_fitted():
    rng = np.random.default_rng(1)
    x, T = np.floor(10 ** rng.uniform(-1, 4, 400)), 10 ** rng.uniform(0, 4, 400)
    tx = np.where(x > 0, T * rng.random(400) ** 0.3, 0.0)
    model = ParetoNBD(penalizer=1.0).fit({"frequency": x, "recency": tx, "T": T})
    assert model.converged_
    assert np.all(np.isfinite(model.covariance_))
    assert np.all(np.isfinite(model.conditional_expected_purchases_interval(30, x, tx, T)))


def test_follows_scikit_learn_conventions():
    assert clone(ParetoNBD(penalizer=0.3)).get_params() == {"penalizer": 0.3}
