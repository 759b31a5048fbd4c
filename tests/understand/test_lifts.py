from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from regulars.understand.lifts import lifts, products, shares


def test_a_planted_difference_is_found_with_its_ratio():
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 400)
    channel = np.where((group == 1) & (rng.random(1200) < 0.5), "douyin", rng.choice(["web", "shop"], 1200))
    found = lifts(group, 3, {"channel": channel.tolist()})
    best = found[1][0]
    assert (best.attribute, best.value) == ("channel", "douyin")
    everybody = (channel == "douyin").mean()
    assert best.lift == pytest.approx((channel[group == 1] == "douyin").mean() / everybody)
    assert best.low < best.lift < best.high
    assert {one.value for one in found[0]} == {"douyin", "web", "shop"}


def test_chance_alone_is_seldom_named():
    named = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        group, values = rng.integers(0, 5, 600), rng.choice(list("abcdefgh"), 600)
        named += any(lifts(group, 5, {"x": values.tolist()}))
    # When nothing is there, the share of false findings is the chance to name anything at all: 5 %.
    assert named <= 8


def test_the_standardised_difference_is_that_of_the_hypergeometric():
    group = np.array([0] * 30 + [1] * 70)
    values = ["a"] * 20 + ["b"] * 10 + ["a"] * 20 + ["b"] * 50
    [one] = [x for x in lifts(group, 2, {"x": values})[0] if x.value == "a"]
    law = hypergeom(100, 40, 30)
    assert (one.count - law.mean()) / law.std() > 3
    assert one.everybody == 0.4


def test_unknown_values_count_nowhere():
    found = lifts(np.array([0] * 40 + [1] * 40), 2, {"x": [None] * 30 + ["a"] * 10 + ["b"] * 20 + [""] * 20})
    assert found[0][0].share == 1.0
    assert lifts(np.array([0, 1]), 2, {"x": [None, None]}) == [[], []]
    assert lifts(np.array([], dtype=int), 0, {"x": []}) == []


def test_products_count_customers_not_orders():
    import pyarrow as pa

    customers, group = pa.array(list("abcd")), np.array([0, 0, 1, 1])
    baskets = {"customer": list("aaabzd"), "product": ["tea", "tea", "cup", "tea", "tea", "cup"]}
    one, two = products(customers, group, 2, baskets, 1, 3)
    assert [(p.product, p.share, p.everybody) for p in one] == [("tea", 1.0, 0.5), ("cup", 0.5, 0.5)]
    assert [(p.product, p.lift) for p in two] == [("cup", 1.0)]
    found = shares(group, 2, ["web", None, "shop", "web"])
    assert found[0] == (("web", 1.0),)
    assert dict(found[1]) == {"web": 0.5, "shop": 0.5}
