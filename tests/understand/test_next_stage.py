from __future__ import annotations

import numpy as np
import pytest
from tests.understand.test_transitions import walk

from regulars.understand.next_stage import FEATURES, NextStage, calibration, worse

K = len(FEATURES)
CHAIN = np.array(
    [
        [0.0, 0.9, 0.1, 0, 0, 0], [0, 0.7, 0.1, 0.2, 0, 0], [0, 0, 0.9, 0.1, 0, 0],
        [0, 0.2, 0, 0.5, 0.3, 0], [0, 0.05, 0, 0, 0.65, 0.3], [0, 0.02, 0, 0, 0, 0.98],
    ]
)  # fmt: skip


def driven(people, months, seed, strength):
    """Customers active (1) or at risk (3); the chance to be at risk next is a known logit of one figure."""
    rng = np.random.default_rng(seed)
    figures = rng.normal(0, 1, (people, months, K))
    codes = np.full((people, months), 1, dtype=np.int8)
    for t in range(1, months):
        z = -1.0 + strength * figures[:, t - 1, 0] + 1.5 * (codes[:, t - 1] == 3)
        codes[:, t] = np.where(rng.random(people) < 1 / (1 + np.exp(-z)), 3, 1)
    return codes, figures


def test_a_known_logit_is_found_and_beats_the_matrix():
    codes, figures = driven(3000, 8, 0, 1.2)
    found = NextStage(C=100).fit(codes, figures)
    assert found.uses_ == "logit"
    assert found.comparison_.low > 0
    assert found.comparison_.calibration_error < 0.01
    now, x = np.array([1, 1, 3], dtype=np.int8), np.zeros((3, K))
    x[:, 0] = [0.0, 2.0, -1.0]
    true = 1 / (1 + np.exp(-(-1.0 + 1.2 * x[:, 0] + 1.5 * (now == 3))))
    assert found.predict_proba(now, x)[:, 3] == pytest.approx(true, abs=0.04)
    terms = found.terms(now, x, np.array([3, 3, 3]))
    assert np.abs(terms).argmax(axis=1).tolist() == [0, 0, 0]
    assert terms[1, 0] > 0 > terms[2, 0]


def test_figures_that_say_nothing_leave_the_matrix_in_place():
    path = walk(CHAIN, 3000, 8, 1)
    figures = np.random.default_rng(2).normal(0, 1, (*path.shape, K))
    found = NextStage().fit(path, figures)
    assert found.uses_ == "matrix"
    assert found.comparison_.high < 0.02
    assert np.abs(found.matrix_.probabilities_[1:] - CHAIN[1:]).max() < 0.03
    assert found.predict_proba(path[:5, -1], figures[:5, -1]) == pytest.approx(
        found.matrix_.probabilities_[path[:5, -1]]
    )
    assert found.terms(path[:5, -1], figures[:5, -1], np.zeros(5, int)) is None


def test_chances_sum_to_one_and_nobody_is_new_twice():
    codes, figures = driven(1500, 6, 3, 2.0)
    codes[:200, 0] = 0
    chances = NextStage().fit(codes, figures).predict_proba(codes[:, -1], figures[:, -1])
    assert chances.sum(axis=1) == pytest.approx(np.ones(1500))
    assert chances[codes[:, -1] > 0, 0].max() == 0


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 1), (3, 2), (40, 4)])
def test_few_months_or_people_compare_nothing(shape):
    codes = np.ones(shape, dtype=np.int8)
    found = NextStage().fit(codes, np.zeros((*shape, K)))
    assert found.comparison_ is None
    assert found.predict_proba(np.array([1], dtype=np.int8), np.zeros((1, K))).sum() == pytest.approx(1)


def test_calibration_and_slips_by_hand():
    tenths, error = calibration(np.array([[0.8, 0.2], [0.6, 0.4]]), np.array([0, 1]))
    assert sum(t.customers for t in tenths) == 4
    assert error == pytest.approx((0.2 + 0.2 + 0.6 + 0.6) / 4)
    chances = np.full((6, 6), 1 / 6)
    assert worse(np.arange(6), chances) * 6 == pytest.approx([3, 3, 3, 2, 1, 0])
