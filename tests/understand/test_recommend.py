"""Offers: who may get what, every offer left out counted under its reason; and the back-off for what is new."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.understand import EASE
from regulars.understand.popularity import ContentNeighbours, Popularity, concentration
from regulars.understand.recommend import REASONS, Eligibility, repeatable, suggestions

PEOPLE, PRODUCTS = ["ann", "bob", "cy"], ["gpu", "setup", "old", "course"]
CHANCE = np.array([[0.2, 0.9, 0.8, 0.3], [0.5, 0.1, 0.9, 0.4], [0.1, 0.2, 0.3, 0.4]])
OWNED = np.array([[True, True, False, False], [False, True, False, True], [False] * 4])
RULES = Eligibility(
    not_for_sale={"old"}, excluded_categories={"school"}, categories={"course": "school"}, stock={"setup": 3},
    repeatable={"gpu"}, consented={"ann", "bob"},
)  # fmt: skip


def test_each_offer_left_out_counts_once_under_the_first_reason():
    found = suggestions(PEOPLE, PRODUCTS, CHANCE, OWNED, RULES, n=2)
    assert found.left_out == {
        "not_for_sale": 3, "category_excluded": 3, "out_of_stock": 0, "already_owned": 2, "no_consent": 2,
    }  # fmt: skip
    rows = [(r["customer"], r["product"], r["chance"], r["rank"]) for r in found.table.to_pylist()]
    assert rows == [("ann", "gpu", 0.2, 1), ("bob", "gpu", 0.5, 1)]
    assert found.nothing_left == 1


def test_sold_out_products_go():
    found = suggestions(PEOPLE, PRODUCTS, CHANCE, OWNED, Eligibility(stock={"old": 0, "setup": -1}))
    assert found.left_out["out_of_stock"] == 6
    assert found.table["product"].to_pylist() == ["course", "gpu", "course"]


@given(st.lists(st.sampled_from(PRODUCTS)), st.lists(st.sampled_from(PRODUCTS)), st.lists(st.sampled_from(PEOPLE)))
def test_what_is_left_and_what_is_left_out_make_all(gone, again, consented):
    rules = Eligibility(not_for_sale=gone, repeatable=again, consented=consented)
    found = suggestions(PEOPLE, PRODUCTS, CHANCE, OWNED, rules, n=len(PRODUCTS))
    assert tuple(found.left_out) == REASONS
    assert sum(found.left_out.values()) + found.table.num_rows == CHANCE.size
    for r in found.table.to_pylist():
        i, j = PEOPLE.index(r["customer"]), PRODUCTS.index(r["product"])
        assert r["product"] not in gone
        assert r["customer"] in consented
        assert not OWNED[i, j] or r["product"] in again


def test_nobody_and_nothing_are_no_error():
    found = suggestions([], [], np.empty((0, 0)), np.empty((0, 0), dtype=bool), Eligibility())
    assert found.table.num_rows == 0
    assert found.nothing_left == 0


def test_products_bought_again_are_told_from_those_bought_once():
    people = np.repeat(np.arange(40), 2)
    products = np.repeat(np.arange(2), 40)
    days = np.where(products == 0, np.tile([1, 9], 40), 5)
    assert repeatable(people, products, days, 3).tolist() == [True, False, True]


def test_small_groups_are_drawn_to_everybody_and_large_ones_are_not():
    lines = {
        "product": ["a"] * 900 + ["b"] * 100 + ["b"] * 900 + ["a"] * 100 + ["a"],
        "segment": ["big"] * 1_000 + ["other"] * 1_000 + ["tiny"],
    }
    model = Popularity(kappa=50.0).fit(lines)
    assert model.top("big", 1)[0] == ("a", pytest.approx((900 + 25) / 1_050, abs=0.001))
    assert model.shares("tiny")[0] == pytest.approx((1 + 25) / 51, abs=0.001)
    assert model.top("nobody knows", 2) == model.top(None, 2)
    assert model.shares_.sum(axis=1) == pytest.approx(1.0)
    learnt = Popularity().fit(lines)
    assert learnt.kappa_ < 10
    assert [p for p, _ in learnt.top("big", 5, hide=["a"])] == ["b"]
    with pytest.raises(KeyError, match="product"):
        Popularity().fit({"segment": ["x"]})
    assert Popularity().fit({"product": pa.array([], pa.string())}).top(None) == []


def test_the_strength_of_everybody_is_found_again():
    rng = np.random.default_rng(0)
    everybody = np.array([0.5, 0.3, 0.2])
    for kappa in (3.0, 30.0):
        counts = np.stack([rng.multinomial(200, rng.dirichlet(kappa * everybody)) for _ in range(300)])
        assert concentration(counts.astype(float), everybody) == pytest.approx(kappa, rel=0.2)


def test_new_products_stand_in_for_those_they_resemble():
    titles = {"g1": "算力包 标准版", "g2": "算力包 企业版", "c1": "实战课程", "c2": "Hands-on course", "n1": "",
              "c3": "Hands-on course II"}  # fmt: skip
    near = ContentNeighbours().fit({"product": list(titles), "title": list(titles.values())})
    assert near.like("g1", 1)[0][0] == "g2"
    assert near.like("c3", 1)[0][0] == "c2"
    assert near.like("n1") == []
    assert near.like("unheard of") == []
    lines = {"customer": ["a", "a", "b", "b", "c", "c"], "product": ["g1", "c1", "g1", "c1", "c2", "c1"]}
    model = EASE(lam=1.0).fit(lines)
    column = near.column("g2", model.items_, model.coef_)
    assert column[model.items_.index("g1")] == column.max() > 0
    assert near.column("n1", model.items_, model.coef_).tolist() == [0.0] * len(model.items_)


def test_a_category_counts_where_names_do_not_help():
    products = {"product": ["a", "b", "c"], "title": ["red", "blue", "ox"], "category": ["paint", "paint", "farm"]}
    assert ContentNeighbours().fit(products).like("a", 1)[0][0] == "b"
