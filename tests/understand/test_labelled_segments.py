from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from regulars.understand.labelled_segments import LabelledSegments


@parametrize_with_checks([LabelledSegments()])
def test_it_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


def customers(n, seed):
    rng = np.random.default_rng(seed)
    spent, orders, recency = rng.lognormal(8, 1.5, n), rng.poisson(4, n) + 1, rng.lognormal(4, 1, n)
    z = np.stack([np.zeros(n), 1.5 * (np.log(spent) - 8), 2.0 * (np.log1p(recency) - 4)], axis=1)
    chance = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = np.array(["plain", "key", "asleep"])[(rng.random(n)[:, None] > chance.cumsum(axis=1)).sum(axis=1)]
    return {"spent": spent, "orders": orders, "days_since_last": recency}, y, chance


def test_known_probabilities_come_back():
    table, y, chance = customers(6000, 0)
    model = LabelledSegments(C=100).fit(table, y)
    said = model.predict_proba(table)
    order = [list(model.classes_).index(c) for c in ("plain", "key", "asleep")]
    assert np.abs(said[:, order] - chance).mean() < 0.04
    best = chance.max(axis=1).mean()
    assert model.accuracy_low_ - 0.02 < best < model.accuracy_high_ + 0.02
    assert model.accuracy_ > model.guess_
    assert model.limits_ == ()


def test_the_accuracy_on_iris_is_that_of_scikit_learn():
    X, y = load_iris(return_X_y=True)
    peer = cross_val_score(make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)), X, y, cv=4).mean()
    assert LabelledSegments().fit(X, y).accuracy_ == pytest.approx(peer, abs=0.06)


def test_money_in_cents_changes_nothing_and_saturates_nothing():
    table, y, _ = customers(800, 1)
    cents = table | {"spent": table["spent"] * 1e6}
    one, other = (LabelledSegments().fit(t, y).predict_proba(t) for t in (table, cents))
    assert one == pytest.approx(other, abs=0.02)
    assert (one.max(axis=1) < 0.99999).mean() > 0.9


def test_reasons_name_the_figures_that_speak_for_the_label():
    table, y, _ = customers(3000, 2)
    model = LabelledSegments().fit(table, y)
    rich = {"spent": [9e5], "orders": [4], "days_since_last": [20.0]}
    assert model.predict(rich).tolist() == ["key"]
    assert model.reasons(rich)[0][0][0] == "spent"
    with pytest.raises(KeyError, match="spent"):
        model.predict({"orders": [1], "days_since_last": [1.0]})


def test_labels_by_lot_are_called_no_better_than_guessing():
    table, _, _ = customers(400, 3)
    y = np.random.default_rng(4).choice(["a", "b"], 400)
    assert LabelledSegments().fit(table, y).limits_ == ("no_better_than_guessing",)


def test_few_labels_say_so():
    model = LabelledSegments().fit({"orders": [1, 2, 9], "spent": [1, 2, 9]}, ["a", "a", "b"])
    assert model.limits_ == ("too_few_labels",)
    assert model.predict_proba({"orders": [5], "spent": [5]}).sum() == pytest.approx(1)
