from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from regulars.understand import BetaGeo, ModifiedBetaGeo, ParetoNBD
from regulars.understand.covariates import StaticCovariates

MODELS = [ParetoNBD, BetaGeo, ModifiedBetaGeo]
BUYING, LEAVING = 0.7, 0.5


def simulate(kind, n, seed, buying=BUYING, leaving=LEAVING):
    """Customers whose app makes them buy exp(.7) times as often and leave at exp(.5) the pace."""
    rng = np.random.default_rng(seed)
    app, size = rng.random(n) < 0.4, rng.normal(50, 10, n)
    move, pace = np.exp(buying * app + 0.02 * (size - 50)), np.exp(leaving * app)
    T = rng.uniform(30, 60, n)
    rate = rng.gamma(0.8, 1 / 8.0, n) * move
    if kind is ParetoNBD:
        end = np.minimum(rng.exponential(1, n) / (rng.gamma(0.9, 1 / 15.0, n) * pace), T)
        x = rng.poisson(rate * end).astype(float)
        tx = np.where(x > 0, end * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)
    else:
        p = rng.beta(0.8 * pace, 2.5, n)
        x, tx, clock = np.zeros(n), np.zeros(n), np.zeros(n)
        alive = rng.random(n) >= (p if kind._shift else 0.0)
        while alive.any():
            clock = clock + rng.exponential(1.0, n) / rate
            bought = alive & (clock <= T)
            x[bought] += 1
            tx[bought] = clock[bought]
            alive = bought & (rng.random(n) >= p)
    return pd.DataFrame({"frequency": x, "recency": tx, "T": T, "app": app, "size": size})


def truth(kind):
    return [0.8, 8.0, 0.9, 15.0] if kind is ParetoNBD else [0.8, 8.0, 0.8, 2.5]


@pytest.mark.parametrize("kind", MODELS)
def test_recovers_the_effects_customers_were_simulated_from(kind):
    fitted = StaticCovariates(model=kind(), purchase=["app", "size"], leaving=["app"]).fit(simulate(kind, 15_000, 3))
    assert fitted.converged_
    wanted = [BUYING, 0.02, LEAVING]
    assert [(e.on, e.covariate) for e in fitted.effects_] == [
        ("purchase", "app"),
        ("purchase", "size"),
        ("leaving", "app"),
    ]
    for effect, coefficient in zip(fitted.effects_, wanted, strict=True):
        assert abs(effect.coefficient - coefficient) < 3.5 * effect.standard_error
        assert effect.factor_low < np.exp(coefficient) < effect.factor_high or effect.p_value < 1e-3
    base = np.array(truth(kind)) * [1, np.exp(0.02 * 50), 1, 1]
    z = np.log(fitted.model_.parameters_ / base) / np.sqrt(np.diag(fitted.covariance_)[:4])
    assert np.all(np.abs(z) < 3.5)
    assert fitted.likelihood_ratio_.degrees == 3
    assert fitted.likelihood_ratio_.p_value < 1e-6


@pytest.mark.parametrize("kind", MODELS)
def test_without_covariates_it_is_the_plain_model(kind):
    data = simulate(kind, 800, 4)
    fitted, plain = StaticCovariates(model=kind()).fit(data), kind().fit(data)
    np.testing.assert_allclose(fitted.model_.parameters_, plain.parameters_, rtol=1e-6)
    np.testing.assert_allclose(fitted.model_.covariance_, plain.covariance_, rtol=1e-4)
    assert fitted.log_likelihood_ == pytest.approx(plain.log_likelihood_, abs=1e-6)
    np.testing.assert_allclose(
        fitted.conditional_expected_purchases(20, data),
        plain.conditional_expected_purchases(20, data["frequency"], data["recency"], data["T"]),
        rtol=1e-5,
    )
    assert fitted.likelihood_ratio_.statistic == pytest.approx(0, abs=1e-6)
    some = data.head(40)
    past = [some[c] for c in ("frequency", "recency", "T")]
    np.testing.assert_allclose(fitted.dert(0.01, some), plain.dert(0.01, *past), rtol=1e-5)
    for ours, theirs in zip(
        fitted.conditional_expected_purchases_interval(20, some, individual=True),
        plain.conditional_expected_purchases_interval(20, *past, individual=True),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", MODELS)
def test_a_group_is_forecast_as_a_model_of_its_own_parameters(kind):
    """Customers with the app have alpha exp(-gamma): asked as a plain model, they get the same answers."""
    data = simulate(kind, 800, 14)
    fitted = StaticCovariates(model=kind(), purchase=["app"], leaving=["app"]).fit(data)
    some = data[data["app"]].head(25)
    own = kind()
    for name, value in zip(kind.PARAMETERS, fitted.parameters_of(some)[:, 0], strict=True):
        setattr(own, f"{name}_", value)
    past = [some[c] for c in ("frequency", "recency", "T")]
    np.testing.assert_allclose(fitted.p_alive(some), own.p_alive(*past))
    np.testing.assert_allclose(fitted.dert(0.01, some), own.dert(0.01, *past))
    np.testing.assert_allclose(
        fitted.conditional_expected_purchases(20, some), own.conditional_expected_purchases(20, *past)
    )


@pytest.mark.parametrize("kind", MODELS)
def test_gradient_and_hessian_are_those_of_the_value(kind):
    data = simulate(kind, 200, 5)
    fitted = StaticCovariates(model=kind(), purchase=["app", "size"], leaving=["app"]).fit(data)
    drive = fitted._drive(fitted.design_.standard(pa.table(dict(data))))
    x, tx, T = (data[c].to_numpy() for c in ("frequency", "recency", "T"))
    u = [*np.log([0.7, 9.0, 1.1, 3.0]).tolist(), 0.2, -0.1, 0.3]

    def at(v):
        return fitted._sums(np.array(v), drive, x, tx, T, np.ones(200))

    _, gradient, hessian = at(u)
    for i in range(7):
        up, down = np.array(u), np.array(u)
        up[i] += 1e-5
        down[i] -= 1e-5
        assert gradient[i] == pytest.approx((at(up)[0] - at(down)[0]) / 2e-5, rel=1e-5, abs=1e-6)
        np.testing.assert_allclose(hessian[i], (at(up)[1] - at(down)[1]) / 2e-5, rtol=1e-5, atol=1e-5)


def test_separate_groups_are_the_saturated_model():
    """One yes/no covariate on rate and leaving moves both times freely; only the shapes are shared."""
    data = simulate(ParetoNBD, 6_000, 6)
    both = StaticCovariates(purchase=["app"], leaving=["app"]).fit(data)
    apart = [ParetoNBD().fit(data[data["app"] == yes]).log_likelihood_ for yes in (False, True)]
    # Two shapes fewer: twice the loss is chi-squared with 2 degrees.
    assert -1e-6 < 2 * (sum(apart) - both.log_likelihood_) < 14


def test_covariates_forecast_new_days_better_than_none():
    """Of customers alike in what they bought so far, those with the app buy more."""
    data = simulate(ParetoNBD, 8_000, 7, buying=1.2, leaving=0.0)
    fitted = StaticCovariates(purchase=["app"]).fit(data)
    new = pd.DataFrame({"frequency": [0, 0], "recency": [0, 0], "T": [5.0, 5.0], "app": [False, True]})
    without, with_app = fitted.conditional_expected_purchases(30, new)
    assert with_app > 1.3 * without
    low, high = fitted.conditional_expected_purchases_interval(30, new)
    assert np.all((low < [without, with_app]) & (high > [without, with_app]))
    low, high = fitted.p_alive_interval(new)
    assert np.all((low < fitted.p_alive(new)) & (high > fitted.p_alive(new)))


def test_text_becomes_a_column_per_value_against_the_most_frequent():
    data = simulate(ParetoNBD, 2_000, 8)
    data["channel"] = np.where(data["app"], "app", np.where(np.arange(2_000) % 5 == 0, "fair", "shop"))
    fitted = StaticCovariates(purchase=["channel"]).fit(data)
    assert [e.covariate for e in fitted.effects_] == ["channel=app", "channel=fair"]
    assert fitted.effects_[0].p_value < 1e-3 < fitted.effects_[1].p_value
    unseen = data.head(3).assign(channel=["shop", "radio", "app"], frequency=0, recency=0.0, T=10.0)
    shop, radio, app = fitted.conditional_expected_purchases(10, unseen)
    assert shop == radio < app


def test_units_of_time_and_of_covariates_change_nothing_else():
    data = simulate(BetaGeo, 1_500, 9)
    plain = StaticCovariates(model=BetaGeo(), purchase=["size"]).fit(data)
    other = data.assign(size=1000 + 7 * data["size"], recency=7 * data["recency"], T=7 * data["T"])
    scaled = StaticCovariates(model=BetaGeo(), purchase=["size"]).fit(other)
    assert scaled.effects_[0].coefficient == pytest.approx(plain.effects_[0].coefficient / 7, rel=1e-5)
    np.testing.assert_allclose(
        scaled.conditional_expected_purchases(70, other), plain.conditional_expected_purchases(10, data), rtol=1e-5
    )


def test_likelihood_ratio_rejects_noise_about_as_often_as_it_says():
    rng, small = np.random.default_rng(0), 0
    for seed in range(40):
        data = simulate(BetaGeo, 400, 200 + seed, buying=0.0, leaving=0.0).assign(noise=rng.normal(size=400))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = StaticCovariates(model=BetaGeo(), purchase=["noise"]).fit(data).likelihood_ratio_
        small += found.p_value < 0.2
    assert 2 <= small <= 15  # 20 % of 40, give or take two and a half standard errors


def test_weights_stand_for_that_many_customers():
    data = simulate(ParetoNBD, 500, 10).assign(weights=np.arange(500) % 3 + 1.0)
    long = data.loc[data.index.repeat(data["weights"].astype(int))].drop(columns="weights")
    ask = StaticCovariates(purchase=["app"], leaving=["app"])
    weighted, repeated = clone(ask).fit(data), clone(ask).fit(long)
    np.testing.assert_allclose(weighted.coefficients_, repeated.coefficients_, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("change", "ask", "says"),
    [
        ({"app": True}, {"purchase": ["app"]}, "same value"),
        ({"twice": lambda d: 2 * d["size"]}, {"purchase": ["size", "twice"]}, "says what the others say"),
        ({"size": lambda d: d["size"].where(d["size"] > 40)}, {"purchase": ["size"]}, "size"),
        ({}, {"staying": ["size"]}, "staying"),
    ],
)
def test_useless_covariates_are_named(change, ask, says):
    with pytest.raises(ValueError, match=says):
        StaticCovariates(**ask).fit(simulate(ParetoNBD, 300, 11).assign(**change))


def test_a_missing_column_is_named():
    with pytest.raises(KeyError, match="region"):
        StaticCovariates(purchase=["region"]).fit(simulate(ParetoNBD, 50, 12))
