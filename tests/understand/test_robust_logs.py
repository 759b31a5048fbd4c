from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from regulars.understand.robust_logs import RobustLogs


@parametrize_with_checks([RobustLogs()])
def test_it_is_a_scikit_learn_transformer(estimator, check):
    check(estimator)


def test_money_is_logged_and_shares_are_not():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.lognormal(8, 1.5, 2000), rng.normal(0, 1, 2000), rng.random(2000)])
    model = RobustLogs().fit(X)
    assert model.logged_.tolist() == [True, False, False]
    Z = model.transform(X)
    assert Z.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    assert Z.std(axis=0) == pytest.approx(np.ones(3))


def test_without_outliers_it_is_the_standard_scaler():
    X = np.random.default_rng(1).uniform(-1, 1, (500, 2))
    assert RobustLogs().fit_transform(X) == pytest.approx(StandardScaler().fit_transform(X))


def test_an_outlier_neither_stretches_the_unit_nor_runs_away():
    X = np.random.default_rng(2).normal(size=(500, 1))
    wild = X.copy()
    wild[0] = 1e9
    plain, robust = RobustLogs(logs=False).fit_transform(X), RobustLogs(logs=False).fit_transform(wild)
    assert robust[1:] == pytest.approx(plain[1:], abs=0.05)
    assert robust[0, 0] < 4
