from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaln, gammaln, hyp2f1
from scipy.stats import beta
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from regulars.understand import BetaGeo, ModifiedBetaGeo
from regulars.understand.beta_geo_sums import BetaGeoSums
from regulars.understand.dropout import purchases_before_leaving

MODELS = [BetaGeo, ModifiedBetaGeo]


def simulate(n, r, alpha, a, b, shift, seed):
    """Customers who buy and leave as the model says, observed at an age of 30 to 60."""
    rng = np.random.default_rng(seed)
    T = rng.uniform(30, 60, n)
    rate, p = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, tx = np.zeros(n), np.zeros(n)
    clock, alive = np.zeros(n), rng.random(n) >= (p if shift else 0.0)
    while alive.any():
        clock = clock + rng.exponential(1.0, n) / rate
        bought = alive & (clock <= T)
        x[bought] += 1
        tx[bought] = clock[bought]
        alive = bought & (rng.random(n) >= p)
    return pd.DataFrame({"frequency": x, "recency": tx, "T": T})


def log_likelihood(p, x, tx, T, shift):
    """The likelihood of the papers, written down straightforwardly."""
    r, alpha, a, b = p
    stay = betaln(a, b + x + shift) - betaln(a, b) - (r + x) * np.log(alpha + T)
    left = betaln(a + 1, np.maximum(b + x + shift - 1, 1e-9)) - betaln(a, b) - (r + x) * np.log(alpha + tx)
    left = np.where(x + shift > 0, left, -np.inf)
    return np.sum(gammaln(r + x) - gammaln(r) + r * np.log(alpha) + np.logaddexp(stay, left))


@pytest.mark.shared_data
def test_cdnow_estimates_are_the_published_ones(cdnow):
    model = BetaGeo().fit(cdnow)
    assert model.converged_
    np.testing.assert_allclose(model.parameters_, [0.2425945, 4.4136020, 0.7929220, 2.4259068], rtol=2e-6)
    assert model.log_likelihood_ == pytest.approx(-9582.4292, abs=1e-4)
    errors = [model.standard_errors_[k] for k in ("r", "alpha", "a", "b")]
    np.testing.assert_allclose(errors, [0.01256, 0.37822, 0.18572, 0.70535], rtol=1e-3)


@pytest.mark.shared_data
def test_cdnow_predictions_are_those_of_hardies_sheet(cdnow):
    model = BetaGeo().fit(cdnow)
    assert model.conditional_expected_purchases(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)
    expected = model.expected_purchases([0.1429, 1.0, 3.0, 31.8571, 32.0, 78.0])
    np.testing.assert_allclose(expected, [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576], atol=4e-4)


@pytest.mark.shared_data
def test_cdnow_holdout_is_forecast_as_well_as_published(cdnow, cdnow_log):
    days = pd.to_datetime(cdnow_log["day"])
    later = cdnow_log[days > "1997-09-30"].drop_duplicates(["customer", "day"]).groupby("customer").size()
    actual = cdnow["customer"].map(later).fillna(0)
    assert actual.sum() == 1882
    for kind, total, error in ((BetaGeo, 1653.4, 0.7855), (ModifiedBetaGeo, 1576.7, 0.7648)):
        model = kind().fit(cdnow)
        forecast = model.conditional_expected_purchases(39, cdnow["frequency"], cdnow["recency"], cdnow["T"])
        assert forecast.sum() == pytest.approx(total, abs=0.1)
        assert np.abs(forecast - actual).mean() == pytest.approx(error, abs=1e-4)


@pytest.mark.shared_data
def test_cdnow_estimates_of_the_modified_model_are_the_published_ones(cdnow):
    np.testing.assert_allclose(ModifiedBetaGeo().fit(cdnow).parameters_, [0.525, 6.183, 0.891, 1.614], atol=6e-4)


@pytest.mark.parametrize("kind", MODELS)
def test_likelihood_gradient_and_hessian_agree_with_the_formula(kind):
    shift = kind._shift
    data = simulate(300, 0.6, 9.0, 0.9, 2.2, shift, 1)
    x, tx, T = (data[c].to_numpy() for c in ("frequency", "recency", "T"))
    sums = BetaGeoSums.of(x, tx, T, None, shift)
    p = np.array([0.5, 8.0, 0.8, 2.0])
    value, gradient, hessian = sums(p)
    assert value == pytest.approx(log_likelihood(p, x, tx, T, shift), rel=1e-12)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5 * p[i]
        up, down = sums(p + step), sums(p - step)
        assert gradient[i] == pytest.approx((up[0] - down[0]) / (2 * step[i]), rel=1e-5)
        np.testing.assert_allclose(hessian[i], (up[1] - down[1]) / (2 * step[i]), rtol=1e-5)


def test_sums_over_shards_add_up_to_the_sums_over_all():
    data = simulate(1000, 0.6, 9.0, 0.9, 2.2, 0, 2)
    x, tx, T = (data[c].to_numpy() for c in ("frequency", "recency", "T"))
    p = np.array([0.5, 8.0, 0.8, 2.0])
    whole = BetaGeoSums.of(x, tx, T, None, 0)(p)
    shards = [BetaGeoSums.of(x[i::7], tx[i::7], T[i::7], None, 0)(p) for i in range(7)]
    for i in range(3):
        np.testing.assert_allclose(sum(s[i] for s in shards), whole[i], rtol=1e-11)


@pytest.mark.parametrize("kind", MODELS)
def test_recovers_the_parameters_customers_were_simulated_from(kind):
    truth = np.array([0.8, 10.0, 0.8, 2.5])
    model = kind().fit(simulate(60_000, *truth, kind._shift, 5))
    assert model.converged_
    z = (model.parameters_ - truth) / np.sqrt(np.diag(model.covariance_))
    assert np.all(np.abs(z) < 3.5)


@pytest.mark.parametrize("kind", MODELS)
def test_weights_stand_for_that_many_equal_customers(kind):
    data = simulate(400, 0.6, 9.0, 0.9, 2.2, kind._shift, 3)
    data["weights"] = np.arange(400) % 3 + 1.0
    long = data.loc[data.index.repeat(data["weights"].astype(int)), ["frequency", "recency", "T"]]
    weighted, repeated = kind().fit(data), kind().fit(long)
    np.testing.assert_allclose(weighted.parameters_, repeated.parameters_, rtol=1e-6)
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_)


@pytest.mark.parametrize("kind", MODELS)
def test_the_unit_of_time_changes_nothing_but_alpha(kind):
    data = simulate(500, 0.6, 9.0, 0.9, 2.2, kind._shift, 4)
    weeks = kind(penalizer=0.5).fit(data)
    days = kind(penalizer=0.5).fit(data.assign(recency=data["recency"] * 7, T=data["T"] * 7))
    np.testing.assert_allclose(days.parameters_, weeks.parameters_ * [1, 7, 1, 1], rtol=1e-6)


def test_expected_purchases_equal_the_hypergeometric_form_of_the_paper():
    rng = np.random.default_rng(0)
    for _ in range(50):
        s, u, a, b = rng.uniform(0.1, 3), rng.uniform(0.01, 3), rng.uniform(0.1, 3), rng.uniform(1.5, 6)
        published = (a + b - 1) / (a - 1) * (1 - (1 + u) ** -s * hyp2f1(s, b, a + b - 1, u / (1 + u)))
        assert purchases_before_leaving(np.array(s), np.array(u), a, np.array(b)) == pytest.approx(published, rel=1e-8)


@pytest.mark.parametrize(("s", "u", "a", "b"), [(3, 5.0, 1.5, 80), (0.2, 1e3, 0.3, 0.5), (2.0, 0.7, 1.0, 3.0),
                                               (1e4, 0.05, 0.8, 1e4), (40, 2.0, 300, 5),
                                               (0.3, 90.0, 0.45, 2.0), (12.0, 3.0, 0.3, 14.0)])  # fmt: skip
def test_expected_purchases_equal_adaptive_integration_where_the_paper_form_fails(s, u, a, b):
    def integrand(log_p):
        p = np.exp(log_p)
        return -np.expm1(-s * np.log1p(p * u)) * beta.pdf(p, a, b)

    pieces = [(-80, -20), (-20, -9), (-9, -6), (-6, -3), (-3, -1), (-1, -0.3), (-0.3, 0)]
    truth = sum(quad(integrand, *piece, limit=200)[0] for piece in pieces)
    assert purchases_before_leaving(np.array(s), np.array(u), a, np.array(b)) == pytest.approx(truth, rel=1e-6)


@pytest.fixture(scope="module", params=MODELS)
def fitted(request):
    return request.param().fit(simulate(3000, 0.6, 9.0, 0.9, 2.2, request.param._shift, 6))


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


def test_individual_interval_and_mean_agree_with_simulated_futures(fitted):
    rng = np.random.default_rng(11)
    r, alpha, a, b = fitted.parameters_
    x, tx, T, t, n = 4, 20.0, 35.0, 40.0, 400_000
    alive = rng.random(n) < fitted.p_alive(x, tx, T)
    rate, p = rng.gamma(r + x, 1 / (alpha + T), n), rng.beta(a, b + x + fitted._shift, n)
    future = alive * np.minimum(rng.poisson(rate * t), rng.geometric(p))
    assert fitted.conditional_expected_purchases(t, x, tx, T) == pytest.approx(future.mean(), rel=0.01)
    low, high = fitted.conditional_expected_purchases_interval(t, x, tx, T, individual=True)
    assert (low, high) == tuple(np.quantile(future, [0.05, 0.95], method="inverted_cdf"))


def test_parameter_interval_covers_the_truth_about_as_often_as_it_says():
    truth, hits = np.array([0.8, 10.0, 0.8, 2.5]), 0
    oracle = BetaGeo()
    oracle.r_, oracle.alpha_, oracle.a_, oracle.b_ = truth
    for seed in range(60):
        model = BetaGeo().fit(simulate(1500, *truth, 0, 100 + seed))
        low, high = model.conditional_expected_purchases_interval(30, 3, 25, 40)
        hits += bool(low <= oracle.conditional_expected_purchases(30, 3, 25, 40) <= high)
    assert 48 <= hits <= 60  # 90 % of 60, give or take three standard errors


def test_one_time_buyers_are_alive_for_ever_in_one_model_and_not_in_the_other():
    data = simulate(3000, 0.6, 9.0, 0.9, 2.2, 0, 7)
    assert BetaGeo().fit(data).p_alive(0, 0, 500) == 1.0
    modified = ModifiedBetaGeo().fit(data)
    assert modified.p_alive(0, 0, 500) < modified.p_alive(0, 0, 5) < 1.0


def test_a_penalty_makes_a_handful_of_customers_estimable():
    few = {"frequency": [0, 1, 0, 3], "recency": [0, 5, 0, 20.0], "T": [10, 20, 30, 25.0]}
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        model = BetaGeo(penalizer=1.0).fit(few)
    assert model.converged_
    assert np.all(np.isfinite(model.covariance_))


def test_flat_likelihood_is_reported_not_hidden():
    clockwork = {"frequency": [4.0] * 30, "recency": [40.0] * 30, "T": [40.0] * 30}
    with pytest.warns(ConvergenceWarning, match="penalizer=1"):
        assert not BetaGeo().fit(clockwork).converged_


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"frequency": [0, 0], "recency": [0, 0], "T": [3, 4]}, "second time"),
        ({"frequency": [1], "recency": [5], "T": [4]}, "impossible"),
        ({"frequency": [1], "recency": [np.nan], "T": [4]}, "impossible"),
        ({"frequency": [], "recency": [], "T": []}, "no customers"),
    ],
)
def test_impossible_data_say_what_is_wrong(data, says):
    with pytest.raises(ValueError, match=says):
        BetaGeo().fit({k: np.array(v, dtype=float) for k, v in data.items()})


def test_missing_columns_are_named():
    with pytest.raises(KeyError, match="recency"):
        BetaGeo().fit({"frequency": [1], "T": [2]})


def test_follows_scikit_learn_conventions():
    assert clone(BetaGeo(penalizer=0.3)).get_params() == {"penalizer": 0.3}


def test_hardly_anybody_ever_leaving_is_the_limit_of_a_steady_rate():
    """As a goes to 0 nobody leaves, and the mean is that of the NBD: s u."""
    for a in (1e-2, 1e-4, 1e-8):
        mean = purchases_before_leaving(np.array([0.7, 9.0]), np.array([2.0, 0.5]), a, np.array([12.0, 20.0]))
        np.testing.assert_allclose(mean, [1.4, 4.5], rtol=2 * a)


def test_an_estimate_at_the_edge_gets_limits_one_can_use():
    data = simulate(2000, 0.8, 20.0, 0.004, 12.0, 0, 9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = BetaGeo().fit(data)
    low, high = model.p_alive_interval(5, 30, 40)
    assert 0.8 < low <= model.p_alive(5, 30, 40) <= high <= 1
