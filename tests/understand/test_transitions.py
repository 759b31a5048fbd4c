from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from regulars.understand.transitions import TransitionMatrix, absorption, first_passage, headcounts

TRUE = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.05, 0.15, 0.8]])


def walk(matrix, people, steps, seed):
    rng = np.random.default_rng(seed)
    path = np.zeros((people, steps), dtype=np.int8)
    path[:, 0] = rng.integers(0, len(matrix), people)
    edges = matrix.cumsum(axis=1)
    for t in range(1, steps):
        path[:, t] = (rng.random(people)[:, None] > edges[path[:, t - 1]]).sum(axis=1)
    return path


def test_a_simulated_chain_gives_its_matrix_back():
    found = TransitionMatrix(states=3).fit(walk(TRUE, 4000, 6, 0))
    assert np.abs(found.probabilities_ - TRUE).max() < 0.015
    assert found.probabilities_.sum(axis=1) == pytest.approx(np.ones(3))


def test_intervals_hold_the_truth_as_often_as_they_say():
    inside = [
        (found.low_ <= TRUE) & (found.high_ >= TRUE)
        for found in (TransitionMatrix(states=3).fit(walk(TRUE, 60, 4, seed)) for seed in range(150))
    ]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)


def test_gamblers_ruin_has_its_closed_form():
    n, p = 7, 0.4
    matrix = np.zeros((n + 1, n + 1))
    matrix[0, 0] = matrix[n, n] = 1.0
    for i in range(1, n):
        matrix[i, i + 1], matrix[i, i - 1] = p, 1 - p
    chance, steps = absorption(matrix, [0, n])
    i, odds = np.arange(n + 1), (1 - p) / p
    win = (1 - odds**i) / (1 - odds**n)
    assert chance[:, 1] == pytest.approx(win)
    assert steps == pytest.approx(i / (1 - 2 * p) - n / (1 - 2 * p) * win)


def test_an_end_that_cannot_be_reached_is_infinitely_far():
    matrix = [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    assert first_passage(matrix, 2).tolist() == [np.inf, np.inf, 0.0]
    leak = [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert first_passage(leak, 2)[0] == np.inf
    assert absorption(leak, [1, 2])[0][0].tolist() == [0.5, 0.5]


def test_waiting_for_an_end_agrees_with_walking_to_it():
    found = TransitionMatrix(states=3).fit(walk(TRUE, 4000, 6, 1))
    mean, low, high = found.steps_until(2)
    path = walk(TRUE, 20_000, 120, 2)
    hit = np.where((path == 2).any(axis=1), (path == 2).argmax(axis=1), 120)
    for start in (0, 1):
        assert low[start] < hit[path[:, 0] == start].mean() < high[start]
    assert mean[2] == 0
    assert found.after(3) == pytest.approx(found.probabilities_ @ found.probabilities_ @ found.probabilities_)


def test_impossible_moves_stay_impossible_and_unseen_rows_are_wide():
    found = TransitionMatrix(states=3, impossible=((1, 0), (2, 0))).fit([[0, 1, 1], [0, 0, 1]])
    assert found.probabilities_[1:, 0].tolist() == [0, 0]
    assert found.high_[2, 1] - found.low_[2, 1] > 0.9
    with pytest.raises(ValueError, match="state 7"):
        TransitionMatrix(states=3).fit([[0, 7]])


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(np.int8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.integers(-1, 3)))
def test_counts_equal_counting_by_hand_and_add_up_over_parts(paths):
    expected = np.zeros((4, 4), dtype=int)
    for row in paths.tolist():
        for a, b in pairwise(row):
            if a >= 0 and b >= 0:
                expected[a, b] += 1
    whole = TransitionMatrix(states=4).fit(paths).counts_
    assert whole.tolist() == expected.tolist()
    parts = [TransitionMatrix(states=4).fit(p).counts_ for p in (paths[:1], paths[1:])]
    assert (parts[0] + parts[1]).tolist() == whole.tolist()
    assert headcounts(paths, 4).sum() == (paths >= 0).sum()
