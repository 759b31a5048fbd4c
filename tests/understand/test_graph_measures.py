from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand.graph_measures import below, core_numbers, cut_circles, depths, pagerank

edges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40)


def ends(rows):
    both = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@settings(deadline=None)
@given(edges)
def test_pagerank_solves_its_equation(rows):
    source, target = ends(rows)
    n, d = 10, 0.85
    move = np.zeros((n, n))
    for a, b in rows:
        move[b, a] += 1
    out = move.sum(axis=0)
    move = np.where(out > 0, move / np.where(out > 0, out, 1), 1 / n)
    wanted = np.linalg.solve(np.eye(n) - d * move, np.full(n, (1 - d) / n))
    assert pagerank(source, target, n) == pytest.approx(wanted, abs=1e-8)


def test_pagerank_of_a_star_and_of_a_ring_in_closed_form():
    leaves = np.arange(1, 11)
    star = pagerank(leaves, np.zeros(10, dtype=np.int64), 11)
    assert star[0] / star[1] == pytest.approx(1 + 0.85 * 10)
    ring = np.arange(7)
    assert pagerank(ring, np.roll(ring, 1), 7) == pytest.approx(np.full(7, 1 / 7))


@settings(deadline=None)
@given(edges)
def test_core_numbers_equal_peeling_by_hand(rows):
    pairs = {frozenset(r) for r in rows if r[0] != r[1]}
    wanted = np.zeros(10, dtype=int)
    for k in range(1, 10):
        left = set(range(10))
        while bad := [v for v in left if sum(v in p and p <= left for p in pairs) < k]:
            left -= set(bad)
        wanted[list(left)] = k
    assert core_numbers(*ends(rows), 10).tolist() == wanted.tolist()


@settings(deadline=None)
@given(st.lists(st.integers(-1, 11), min_size=12, max_size=12), st.permutations(range(12)),
       st.sampled_from([0.0, 0.3, 1.0]))  # fmt: skip
def test_circles_are_cut_and_sums_equal_walking_up(parent, order, discount):
    given_ = np.array([-1 if p == i else p for i, p in enumerate(parent)])
    up = cut_circles(given_, np.array(order))
    value = np.arange(1.0, 13.0)
    wanted, deep, top = np.zeros(12), np.zeros(12, dtype=int), np.arange(12)
    for one in range(12):
        at, steps = one, 0
        while up[at] >= 0:
            at, steps = up[at], steps + 1
            assert steps <= 12
            wanted[at] += value[one] * discount ** (steps - 1)
        deep[one], top[one] = steps, at
    assert below(up, value, discount) == pytest.approx(wanted)
    found = depths(up)
    assert found[0].tolist() == deep.tolist()
    assert found[1].tolist() == top.tolist()
    # As many links go as there were circles, each the last of its own.
    cut = np.flatnonzero(up != given_)
    for one in cut:
        at, circle = given_[one], [one]
        while at != one:
            circle.append(at)
            at = given_[at]
        assert order[one] == max(order[i] for i in circle)


def test_a_chain_of_two_hundred_thousand():
    parent = np.arange(-1, 199_999)
    assert below(parent, np.ones(200_000))[0] == 199_999
    assert core_numbers(np.arange(1, 200_000), np.arange(199_999), 200_000).max() == 1
