"""Frequent sets, their counts and their tests, against counting by hand and against scipy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from regulars.understand import BasketRules
from regulars.understand.itemsets import Itemsets, baskets_of
from regulars.understand.rule_tests import false_discovery, fisher_more

baskets = st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=30)


def table(rows):
    pairs = [(i, p) for i, basket in enumerate(rows) for p in sorted(basket)]
    return pa.table({"basket": [i for i, _ in pairs], "product": [p for _, p in pairs]})


def by_hand(rows, least, most):
    found = {}
    for size in range(1, most + 1):
        for some in combinations("abcdef", size):
            n = sum(set(some) <= b for b in rows)
            if n >= least:
                found[frozenset(some)] = n
    return found


@settings(deadline=None)
@given(baskets, st.integers(1, 5), st.integers(1, 5))
def test_every_frequent_set_is_found_with_its_count(rows, least, most):
    read = baskets_of(table(rows))
    sets = Itemsets(read, least, most, 10_000)
    names = np.array(read.keys)[sets.products]
    found = {
        frozenset(names[s]): int(n) for level in sets.levels for s, n in zip(level.items, level.counts, strict=True)
    }
    assert found == by_hand(rows, least, most)
    for level in sets.levels:
        assert sets.find(level.items).tolist() == list(range(len(level.counts)))


@settings(deadline=None, max_examples=40)
@given(baskets)
def test_rules_of_any_size_equal_their_definitions(rows):
    model = BasketRules(min_support=0.05, min_confidence=0.3).fit(table(rows))
    counts, n = by_hand(rows, 1, 6), len(rows)
    wanted = {
        (s - {c}, c)
        for s, both in counts.items()
        if len(s) > 1 and both >= 0.05 * n
        for c in s
        if both / counts[s - {c}] >= 0.3
    }
    found = {(frozenset(r["product"].split(" + ")), r["then"]): r for r in model.rules_.to_pylist()}
    assert set(found) == wanted
    for (left, right), r in found.items():
        both, a, b = counts[left | {right}], counts[left], counts[frozenset({right})]
        assert (r["baskets"], r["size"]) == (both, len(left) + 1)
        assert r["confidence"] == pytest.approx(both / a)
        assert r["leverage"] == pytest.approx(both / n - a * b / n**2)
        assert r["conviction"] == (None if both == a else pytest.approx((1 - b / n) / (1 - both / a)))
        shorter = [b / n] + [
            counts[frozenset(some) | {right}] / counts[frozenset(some)] if frozenset(some) | {right} in counts else 0.0
            for size in range(1, len(left))
            for some in combinations(left, size)
        ]
        assert r["gain"] == pytest.approx(both / a - max(shorter))
        weakest = max(
            hypergeom.sf(both - 1, counts[left - {x}] if left - {x} else n, a, counts[(left - {x}) | {right}])
            for x in left
        )
        assert r["p_value"] == pytest.approx(weakest, abs=1e-12)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_the_tail_equals_the_exact_test(k, a, b, n):
    a, b = min(a, n), min(b, n)
    k = min(max(k, a + b - n, 0), a, b)
    exact = fisher_exact([[k, a - k], [b - k, n - a - b + k]], alternative="greater").pvalue
    assert float(fisher_more(k, a, b, n)) == pytest.approx(exact, rel=1e-9, abs=1e-14)


def test_tails_far_out_keep_their_digits():
    assert float(fisher_more(194, 384, 1765, 6909)) == pytest.approx(hypergeom.sf(193, 6909, 384, 1765), rel=1e-9)
    assert float(fisher_more(5_000, 10_000, 10_000, 1_000_000)) < 1e-300


def test_of_rules_that_are_all_luck_hardly_any_is_shown():
    shown = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        basket, product = np.nonzero(rng.random((2_000, 40)) < 0.05)
        lines = pa.table({"basket": basket, "product": [f"p{i}" for i in product]})
        model = BasketRules(min_support=0.001, min_confidence=0.0, max_size=3).fit(lines)
        assert model.rules_.num_rows > 1_000
        shown += model.kept_.num_rows
    assert shown <= 2


def test_planted_triples_are_kept_and_their_echoes_are_not():
    rng = np.random.default_rng(1)
    rows = [{p for p in "abcdef" if rng.random() < 0.3} for _ in range(3_000)]
    for row in rows:
        if {"a", "b"} <= row:
            row.add("tea") if rng.random() < 0.9 else None
        elif rng.random() < 0.05:
            row.add("tea")
    model = BasketRules(min_support=0.01, min_confidence=0.2).fit(table(rows))
    kept = {(r["product"], r["then"]) for r in model.kept_.to_pylist()}
    assert ("a + b", "tea") in kept
    assert not any(then == "tea" and len(left.split(" + ")) > 2 for left, then in kept)
    assert model.recommend(["a", "b"])[0][0] == "tea"
    assert model.recommend(["a", "b"])[0][2] == "a + b"


def test_the_search_stops_where_sets_explode_and_says_so():
    lines = table([set("abcdef")] * 5)
    assert BasketRules(max_itemsets=10).fit(lines).limits_ == ("rules_cut_at_size=2",)
    assert BasketRules().fit(lines).limits_ == ()


def test_stepped_q_values():
    p = [0.001, 0.02, 0.03, 0.5]
    assert false_discovery(p, 10).tolist() == pytest.approx([0.01, 0.1, 0.1, 1.0])
    assert false_discovery([]).tolist() == []


@pytest.mark.parametrize("rows", [[], [{"a"}], [{"a", "b"}]])
def test_next_to_nothing_is_no_rule_fit_to_show(rows):
    model = BasketRules(min_support=0.0, min_confidence=0.0).fit(table(rows))
    assert model.kept_.num_rows == 0
    assert model.recommend(["a"]) == []


def test_a_threshold_in_per_cent_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        BasketRules(min_support=5).fit(table([{"a"}]))


@pytest.mark.shared_data
def test_groceries_rules_are_those_of_a_count_by_hand(shared_data):
    import pandas as pd

    log = pd.read_csv(shared_data / "groceries" / "groceries_baskets.csv.gz")
    model = BasketRules(min_support=0.006, min_confidence=0.25).fit(log)
    sets = [frozenset(g) for _, g in log.groupby("basket_id")["item"]]
    n = len(sets)
    for r in model.rules_.to_pylist()[::25]:
        left = frozenset(r["product"].split(" + "))
        both, a = sum(left | {r["then"]} <= s for s in sets), sum(left <= s for s in sets)
        assert r["baskets"] == both >= 0.006 * n
        assert r["confidence"] == both / a >= 0.25
    # The whole set has 463 rules (arules); of the part here this many reach the thresholds.
    assert model.rules_.num_rows == 490
