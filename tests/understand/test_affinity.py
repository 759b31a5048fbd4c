from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand import BasketRules

lines = st.lists(st.tuples(st.integers(0, 8), st.sampled_from("abcde")), min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(lines)
def test_counts_equal_counting_by_hand(rows):
    model = BasketRules(min_support=0, min_confidence=0, max_size=2).fit(
        {"basket": [r[0] for r in rows], "product": [r[1] for r in rows]}
    )
    baskets: dict[int, set[str]] = {}
    for basket, product in rows:
        baskets.setdefault(basket, set()).add(product)
    each = Counter(p for b in baskets.values() for p in b)
    pairs = Counter(pair for b in baskets.values() for pair in permutations(sorted(b), 2))
    assert model.counts_ == dict(each)
    found = {(r["product"], r["then"]): r for r in model.rules_.to_pylist()}
    assert {k: r["baskets"] for k, r in found.items()} == dict(pairs)
    for (a, b), r in found.items():
        assert r["confidence"] == pytest.approx(pairs[a, b] / each[a])
        assert r["lift"] == pytest.approx(pairs[a, b] * len(baskets) / each[a] / each[b])


@pytest.mark.shared_data
def test_groceries_pairs_are_those_a_self_join_finds(shared_data):
    log = pd.read_csv(shared_data / "groceries" / "groceries_baskets.csv.gz")
    model = BasketRules(min_support=0.006, min_confidence=0.25, max_size=2).fit(log)
    assert model.n_baskets_ == log["basket_id"].nunique()
    assert max(model.counts_, key=lambda k: model.counts_[k]) == "whole milk"
    both = log.merge(log, on="basket_id").query("item_x != item_y").groupby(["item_x", "item_y"]).size()
    each = log.groupby("item").size()
    wanted = both[
        (both >= 0.006 * model.n_baskets_) & (both >= 0.25 * each.reindex(both.index.get_level_values(0)).to_numpy())
    ]
    assert {(r["product"], r["then"]): r["baskets"] for r in model.rules_.to_pylist()} == wanted.to_dict()


def test_a_planted_pair_is_recommended_and_chance_is_not():
    rng = np.random.default_rng(0)
    rows = [(i, p) for i in range(2000) for p in "abcd" if rng.random() < 0.3]
    has_a = {i for i, p in rows if p == "a"}
    rows += [(i, "tea") for i in has_a if rng.random() < 0.9]
    model = BasketRules(min_confidence=0.2).fit({"basket": [r[0] for r in rows], "product": [r[1] for r in rows]})
    product, low, because = model.recommend(["a"])[0]
    assert (product, because) == ("tea", "a")
    assert 0.8 < low < 0.9


def test_refunds_and_postage_are_not_baskets():
    table = pd.DataFrame({"order_id": ["1", "1", "1", "2"], "product": ["a", "b", "POST", "a"],
                          "kind": ["sale", "sale", "sale", "refund"], "goods": [True, True, False, True]})  # fmt: skip
    model = BasketRules(min_support=0, min_confidence=0).fit(table)
    assert model.counts_ == {"a": 1, "b": 1}


def test_missing_columns_are_named():
    with pytest.raises(KeyError, match="product"):
        BasketRules().fit({"basket": [1]})
