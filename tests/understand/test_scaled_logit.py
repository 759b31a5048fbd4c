from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from regulars.understand.scaled_logit import ScaledLogit, log_loss_rows


@parametrize_with_checks([ScaledLogit()])
def test_it_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


@pytest.mark.parametrize("classes", [2, 4])
def test_it_equals_scikit_learn_with_a_scaler(classes):
    rng = np.random.default_rng(0)
    X = rng.normal([0, 5e5, 2], [1, 1e5, 0.01], (600, 3))
    y = (X[:, 1] / 1e5 + rng.normal(0, 1, 600)).astype(int) % classes
    peer = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000, tol=1e-6)).fit(X, y)
    assert ScaledLogit().fit(X, y).predict_proba(X) == pytest.approx(peer.predict_proba(X), abs=2e-3)


def test_indicators_alone_give_the_shares_counted():
    """A saturated multinomial logit has a closed form: the share of each class within each group."""
    rng = np.random.default_rng(1)
    group, y = rng.integers(0, 3, 3000), rng.integers(0, 3, 3000)
    y[group == 1] = rng.choice(3, (group == 1).sum(), p=[0.7, 0.2, 0.1])
    X = np.eye(3)[group]
    said = ScaledLogit(C=1e6).fit(X, y).predict_proba(np.eye(3))
    counted = np.array([[np.mean(y[group == g] == c) for c in range(3)] for g in range(3)])
    assert said == pytest.approx(counted, abs=2e-3)


def test_money_in_cents_does_not_decide_alone():
    rng = np.random.default_rng(2)
    X = np.column_stack([rng.integers(0, 10_000_000, 500), rng.random(500)])
    y = (X[:, 1] + rng.normal(0, 0.2, 500) > 0.5).astype(int)
    chances = ScaledLogit().fit(X, y).predict_proba(X)
    assert ((chances > 0.001) & (chances < 0.999)).mean() > 0.9


def test_terms_add_up_to_the_difference_of_the_scores():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(300, 4)), rng.integers(0, 3, 300)
    model = ScaledLogit().fit(X, y)
    at = np.full(300, 2)
    z = np.log(model.predict_proba(X))
    expected = z[:, 2] - z[:, :2].mean(axis=1)
    base = model.intercept_[2] - model.intercept_[:2].mean()
    assert model.terms(X, at).sum(axis=1) == pytest.approx(expected - base)


def test_one_class_is_certain_and_the_loss_is_bounded():
    model = ScaledLogit().fit([[1.0], [2.0]], ["a", "a"])
    assert model.predict_proba([[5.0]]).tolist() == [[1.0]]
    assert log_loss_rows(np.array([[0.0, 1.0]]), np.array([0]))[0] == pytest.approx(36.0, abs=0.1)
