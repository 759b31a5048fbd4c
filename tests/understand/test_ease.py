"""EASE: the closed form, exact learning and forgetting, reasons that add up, and a better list than popularity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand import EASE
from regulars.understand.ease_solve import quality
from regulars.understand.ownership import ownership_of
from regulars.understand.ranking_metrics import best, coverage, diversity, ndcg, recall

lines = st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcdefg")), min_size=1, max_size=60)


def table(rows):
    return pa.table({"customer": [f"c{c:02}" for c, _ in rows], "product": [p for _, p in rows]})


def tastes(people=400, products=40, groups=4, seed=0):
    """People of four tastes: three in four of what they buy is of their own."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, people)
    of = np.arange(products) % groups
    share = np.where(of[None, :] == group[:, None], 0.30, 0.03) * (2.0 / (1 + np.arange(products) / 8))
    who, what = np.nonzero(rng.random((people, products)) < share)
    return table(list(zip(who.tolist(), [f"p{i:02}" for i in what], strict=True)))


@settings(deadline=None)
@given(lines, st.floats(0.5, 50))
def test_the_closed_form_solves_the_constrained_least_squares(rows, lam):
    model = EASE(lam=lam, power=0.0, discount=0.0).fit(table(rows))
    x = ownership_of(table(rows)).table.toarray().astype(float)
    g = x.T @ x
    for j in range(x.shape[1]):
        others = np.arange(x.shape[1]) != j
        ridge = np.linalg.solve(g[np.ix_(others, others)] + lam * np.eye(others.sum()), g[others, j])
        np.testing.assert_allclose(model.coef_[others, j], ridge, atol=1e-9)
    assert (np.diag(model.coef_) == 0).all()


@settings(deadline=None, max_examples=40)
@given(lines, st.data())
def test_forgetting_a_customer_is_never_having_known_them(rows, data):
    gone = data.draw(st.sampled_from(sorted({c for c, _ in rows})))
    everybody = EASE(lam=2.0).fit(table(rows))
    kept, erased = ([r for r in rows if (r[0] == gone) == side] for side in (False, True))
    # The catalogue stays, so a product nobody has any more is one without owners.
    fresh = EASE(lam=2.0).fit(table(rows)).erase(table(rows)).add(table(kept)) if kept else None
    everybody.erase(table(erased))
    if fresh is not None:
        assert everybody.gram_.dtype == np.int64
        assert (everybody.gram_ == fresh.gram_).all()
        np.testing.assert_allclose(everybody.coef_, fresh.coef_, atol=1e-10)
    everybody.add(table(erased))
    again = EASE(lam=2.0).fit(table(rows))
    assert (everybody.gram_ == again.gram_).all()
    np.testing.assert_allclose(everybody.coef_, again.coef_, atol=1e-10)


@pytest.mark.parametrize(("power", "discount"), [(0.0, 0.0), (0.5, 0.15), (1.0, 0.3)])
def test_the_low_rank_update_equals_a_fresh_fit(power, discount):
    rows = tastes()
    # The Gram is counted over the same products, whoever leaves.
    some = rows.filter(pa.array([c in ("c00", "c07", "c19") for c in rows["customer"].to_pylist()]))
    rest = rows.filter(pa.array([c not in ("c00", "c07", "c19") for c in rows["customer"].to_pylist()]))
    one = rows.filter(pa.array([c == "c07" for c in rows["customer"].to_pylist()]))
    model = EASE(lam=20.0, power=power, discount=discount).fit(rows)
    assert 3 * len(set(one["product"].to_pylist())) <= len(model.items_), "the update, not a fresh inverse, is on trial"
    model.erase(one)
    model.add(one)
    model.erase(some)
    fresh = EASE(lam=20.0, power=power, discount=discount).fit(rest)
    assert model.items_ == fresh.items_
    assert model.n_people_ == fresh.n_people_
    assert (model.gram_ == fresh.gram_).all()
    np.testing.assert_allclose(model.coef_, fresh.coef_, atol=1e-10)


def test_forgetting_what_was_never_learnt_is_refused():
    model = EASE(lam=1.0).fit(table([(1, "a"), (1, "b")]))
    with pytest.raises(ValueError, match="were not learnt from"):
        model.erase(table([(2, "a"), (3, "a")]))
    assert model.gram_.tolist() == [[1, 1], [1, 1]]


def test_reasons_add_up_to_the_score():
    rows = tastes()
    model = EASE(lam=10.0).fit(rows)
    mine = rows.filter(pa.array([c == "c03" for c in rows["customer"].to_pylist()]))
    people, scores = model.scores(mine)
    have = mine["product"].to_pylist()
    assert people == ["c03"]
    for j, product in enumerate(model.items_):
        assert sum(w for _, w in model.because(have, product)) == pytest.approx(scores[0, j], abs=1e-12)
    for row in model.recommend(mine, 5).to_pylist():
        assert row["product"] not in have
        assert row["because"] == model.because(have, row["product"])[0][0]
        assert 0 < row["share"] <= 1


def test_taste_is_found_and_beats_popularity():
    rows = tastes(people=800)
    owned = ownership_of(rows)
    known, later = owned.apart(0.2, 3)
    model = EASE().fit_owned(type(owned)(owned.people, owned.keys, known, owned.block))
    plain = np.tile(owned.owners.astype(float), (known.shape[0], 1))
    popular = np.nanmean(ndcg(best(plain, 10, known.toarray() > 0), later))
    assert quality(known, later, model.coef_) > popular + 0.05
    assert len(model.trials_) >= 6
    assert model.lam_ == max(model.trials_, key=lambda t: t[1])[0]


def test_new_people_need_no_fit_and_what_they_own_is_hidden():
    model = EASE(lam=5.0).fit(tastes())
    frame = pd.DataFrame({"customer": ["new", "new"], "product": ["p00", "p04"]})
    found = model.recommend(frame, 3, hide=["p08"])
    assert isinstance(found, pd.DataFrame)
    assert found["rank"].tolist() == [1, 2, 3]
    assert not {"p00", "p04", "p08"} & set(found["product"])
    # Products 0, 4, 8 ... belong to one taste.
    assert all(int(p[1:]) % 4 == 0 for p in found["product"])
    assert model.suggest([]) == []


def test_a_model_comes_back_from_its_bytes():
    model = EASE(lam=3.0).fit(tastes())
    kept = model.to_bytes()
    back = EASE.from_bytes(kept)
    assert (back.gram_ == model.gram_).all()
    assert (back.coef_ == model.coef_).all()
    assert back.get_params() == model.get_params()
    assert len(kept) < 2 * len(model.items_) ** 2
    with pytest.raises(ValueError, match="damaged"):
        EASE.from_bytes(kept[:-20])


def test_too_many_products_are_learnt_by_category_and_the_rest_is_counted():
    rows = tastes()
    category = pa.array([str(int(p[1:]) % 2) for p in rows["product"].to_pylist()])
    model = EASE(lam=5.0, max_items=15).fit(rows.append_column("category", category))
    assert model.limits_ == ("products_learnt_by_category", "rare_products_left_out=10")
    assert len(model.items_) == 30
    side = np.array([int(p[1:]) % 2 for p in model.items_])
    assert (model.coef_[side[:, None] != side] == 0).all()
    alone = EASE(lam=5.0, max_items=15).fit(
        rows.filter(pa.array([int(p[1:]) % 2 == 0 for p in rows["product"].to_pylist()]))
    )
    np.testing.assert_allclose(model.coef_[np.ix_(side == 0, side == 0)], alone.coef_, atol=1e-12)


def test_weights_speak_and_bad_ones_are_refused():
    rows = table([(1, "a"), (1, "b"), (2, "a"), (2, "c")])
    model = EASE(lam=1.0).fit(rows.append_column("weight", pa.array([1, 5, 1, 1])))
    assert model.gram_.dtype == np.int64
    assert model.suggest(["a"])[0][0] == "b"
    with pytest.raises(ValueError, match="weight"):
        EASE(lam=1.0).fit(rows.append_column("weight", pa.array([1.0, -5.0, 1.0, 1.0])))
    with pytest.raises(ValueError, match="above 0"):
        EASE(lam=0.0).fit(rows)
    with pytest.raises(KeyError, match="customer"):
        EASE().fit({"product": ["a"]})


@pytest.mark.parametrize("rows", [[], [(1, "a")], [(1, "a"), (1, "b")]])
def test_next_to_nothing_is_no_error(rows):
    model = EASE().fit(table(rows))
    assert model.limits_ == ("too_few_to_choose_penalty",)
    assert len(model.suggest(["a"])) <= 1


def test_measures_of_lists_equal_their_definitions():
    shown = np.array([[2, 0, 1], [1, 2, -1]])
    bought = np.array([[1, 0, 0, 1], [0, 1, 1, 0]])
    gain = (1 / np.log2(3)) / (1 + 1 / np.log2(3))
    assert ndcg(shown, bought).tolist() == pytest.approx([gain, 1.0])
    assert recall(shown, bought).tolist() == pytest.approx([0.5, 1.0])
    assert coverage(shown, 4) == 0.75
    assert diversity(np.array([[0], [0]])) == 0.0
    assert diversity(np.array([[0], [1]])) == 0.5
    assert np.isnan(ndcg(shown, np.zeros((2, 4)))).all()
    assert best([[1.0, 1.0, 0.0]], 2, [[True, False, True]]).tolist() == [[1, -1]]
