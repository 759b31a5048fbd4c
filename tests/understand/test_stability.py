from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from tests.understand.groups import FOUR, planted

from regulars.understand.grouping import Nearest
from regulars.understand.stability import elbow, halves, jaccard, number_by_gap, resampled


def grouper(k):
    return lambda X: Nearest(KMeans(k, n_init=2, random_state=0).fit(X).cluster_centers_)


def points(seed, groups=3, n=300):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.3, (n, 2)) + np.array([[0, 0], [4, 0], [0, 4]])[rng.integers(0, groups, n)]


def test_groups_that_are_there_come_back_and_a_cut_one_does_not():
    X = points(0)
    good = resampled(X, grouper(3), grouper(3)(X)(X))
    assert good.agreement > 0.98
    assert min(good.groups) > 0.95
    forced = resampled(X, grouper(5), grouper(5)(X)(X))
    # Two of the three stay whole or nearly so; the cut ones dissolve.
    assert forced.agreement < 0.95
    assert min(forced.groups) < 0.75


def test_overlaps_by_hand():
    one, other = np.array([0, 0, 1, 1, 2]), np.array([1, 1, 1, 0, 2])
    assert jaccard(one, other, 3) == pytest.approx([2 / 3, 1 / 2, 1.0])
    assert jaccard(one, one, 3).tolist() == [1, 1, 1]


@pytest.mark.parametrize(("groups", "expected"), [(1, 1), (2, 2), (3, 3)])
def test_the_gap_statistic_counts_groups_and_can_say_one(groups, expected):
    assert number_by_gap(points(groups, groups), grouper, 5)[0] == expected


def test_uniform_noise_is_one_group():
    """The null case of Tibshirani, Walther and Hastie (2001), section 5: 200 points uniform in ten dimensions."""
    X = np.random.default_rng(4).random((200, 10))
    assert number_by_gap(X, grouper, 5)[0] == 1


def test_the_elbow_is_where_the_fall_ends():
    _, table = planted(FOUR, 500, 0)
    X = np.log1p(np.stack(list(table.values()), axis=1))
    within = [KMeans(k, n_init=4, random_state=0).fit(X).inertia_ for k in range(1, 8)]
    assert elbow(np.array(within)) in (3, 4)
    assert elbow(np.array([3.0, 1.0])) == 1


def test_halves_agree_on_real_groups_only():
    X = points(5)
    half = np.arange(len(X)) % 2 == 0
    assert halves(X, grouper(3), half) > 0.98
    assert halves(np.random.default_rng(6).normal(size=(300, 4)), grouper(6), half) < 0.8
