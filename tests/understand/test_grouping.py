"""What k-means, mixtures and Ward share."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks
from tests.understand.groups import FOUR, cloud, planted

from regulars.understand.clusters import KMeansSegments
from regulars.understand.hierarchical import HierarchicalSegments
from regulars.understand.mixtures import MixtureSegments

WAYS = [KMeansSegments, MixtureSegments, HierarchicalSegments]


@parametrize_with_checks([way(k=3) for way in WAYS])
def test_each_is_a_scikit_learn_clusterer(estimator, check):
    check(estimator)


@pytest.mark.parametrize("way", WAYS)
def test_planted_groups_are_found_counted_and_stable(way):
    truth, table = planted(FOUR, 1200, 0)
    model = way().fit(table)
    assert model.k_ == 4
    assert model.limits_ == ()
    assert adjusted_rand_score(truth, model.predict(table)) > 0.98
    assert min(model.stability_.groups) > 0.9
    money = [table["spent"][model.labels_ == i].mean() for i in range(4)]
    assert money == sorted(money, reverse=True)
    assert {p.key for p in model.profiles_} == {f"{way.letter}{i}" for i in range(4)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [0, 1])
def test_an_even_cloud_is_said_to_have_no_groups(way, seed):
    limits = way().fit(cloud(800, seed)).limits_
    assert limits in {("one_group",), ("groups_not_stable",)}


@pytest.mark.parametrize("way", WAYS)
def test_a_single_round_cloud_is_one_group(way):
    X = np.random.default_rng(3).normal(size=(600, 3))
    model = way().fit(X)
    assert model.limits_ in {("one_group",), ("groups_not_stable",)}


@pytest.mark.parametrize("way", WAYS)
def test_a_whale_makes_no_group_of_its_own(way):
    truth, table = planted(FOUR, 600, 1)
    table["spent"][0] = 1e12
    found = way().fit(table)
    assert found.k_ == 4
    assert adjusted_rand_score(truth, found.labels_) > 0.97


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", [1, 2, 5, 19])
def test_a_handful_is_one_group(way, n):
    _, table = planted(FOUR, n, 3)
    model = way().fit(table)
    assert (model.k_, model.limits_) == (1, ("too_few_customers",))
    assert set(model.predict(table)) == {f"{way.letter}0"}


@pytest.mark.parametrize("way", WAYS)
def test_nobody_and_missing_columns_are_clear_errors(way):
    with pytest.raises(ValueError, match="no customers"):
        way().fit({name: np.array([]) for name in ("days_since_last", "orders", "spent", "T")})
    with pytest.raises(KeyError, match="spent"):
        way().fit({"days_since_last": [1], "orders": [1], "T": [2]})
    same = way().fit({name: [5.0] * 50 for name in ("days_since_last", "orders", "spent", "T")})
    assert same.k_ == 1


def test_iris_is_grouped_as_well_as_scikit_learn_does():
    from sklearn.mixture import GaussianMixture

    X, y = load_iris(return_X_y=True)
    peer = adjusted_rand_score(y, GaussianMixture(3, random_state=0).fit_predict(X))
    mine = adjusted_rand_score(y, MixtureSegments(k=3, shapes=("full",)).fit(X).labels_)
    assert mine > peer - 0.05
    blobs, truth = make_blobs(400, centers=3, random_state=1)
    assert adjusted_rand_score(truth, KMeansSegments(k=3).fit(blobs).labels_) > 0.95


def test_the_mixture_knows_how_sure_it_is():
    _truth, table = planted(FOUR, 800, 5, spread=0.8)
    model = MixtureSegments().fit(table)
    chances = model.predict_proba(table)
    assert chances.sum(axis=1) == pytest.approx(np.ones(800))
    assert (chances.argmax(axis=1) == model.labels_).all()
    assert model.k_ in (3, 4, 5)
    with pytest.raises(ValueError, match="shapes"):
        MixtureSegments(shapes=("round",)).fit(table)


def test_mixtures_see_long_clouds_that_k_means_cuts():
    rng = np.random.default_rng(7)
    turn = np.array([[0.6, -0.6], [-0.4, 0.8]])
    X = np.concatenate([rng.normal(size=(400, 2)) @ np.diag([4, 0.3]) @ turn, [3, 3] + rng.normal(size=(400, 2)) * 0.3])
    y = np.repeat([0, 1], 400)
    assert adjusted_rand_score(y, MixtureSegments(k=2).fit(X).labels_) > 0.9
