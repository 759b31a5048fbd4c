from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand import ReferralNetwork, referrals

links = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=25)


@settings(deadline=None)
@given(links)
def test_cascades_and_families_equal_walking_the_forest(rows):
    found = referrals({"customer": [f"c{a:02d}" for a, _ in rows], "referrer": [f"c{b:02d}" for _, b in rows]})
    people = {p["customer"]: p for p in found.people.to_pylist()}
    for key, person in people.items():
        below, edge = set(), [key]
        while edge:
            edge = [k for k, p in people.items() if p["referrer"] in edge]
            assert key not in edge
            below |= set(edge)
        assert person["cascade"] == len(below)
        assert person["brought"] == sum(p["referrer"] == key for p in people.values())
        if person["referrer"]:
            assert people[person["referrer"]]["family"] == person["family"]
    assert found.referrals == sum(p["referrer"] is not None for p in people.values())
    assert found.families == len(people) - found.referrals


def test_the_earliest_referrer_counts_and_circles_are_cut():
    table = pd.DataFrame({"customer": ["b", "b", "a"], "referrer": ["x", "a", "b"], "at": [2, 1, 3]})
    found = referrals(table)
    assert found.people.to_pandas().set_index("customer")["referrer"].dropna().to_dict() == {"b": "a"}
    assert found.ignored == 2


def test_viral_coefficient_of_a_branching_process_is_its_mean():
    rng = np.random.default_rng(0)
    rows, frontier, n = [], list(range(500)), 500
    while frontier and n < 20_000:
        nxt = []
        for host in frontier:
            for _ in range(rng.poisson(0.6)):
                rows.append((f"{n:06d}", f"{host:06d}"))
                nxt.append(n)
                n += 1
        frontier = nxt
    found = referrals({"customer": [r[0] for r in rows], "referrer": [r[1] for r in rows]}, customers=n)
    assert found.viral_coefficient == pytest.approx(0.6, abs=0.04)


def test_nobody_brought_anybody():
    found = referrals({"customer": [], "referrer": []})
    assert (found.referrals, found.families, found.viral_coefficient) == (0, 0, 0.0)


def forest(rows):
    return {"customer": [f"c{a:02d}" for a, _ in rows], "referrer": [f"c{b:02d}" for _, b in rows]}


@settings(deadline=None, max_examples=50)
@given(links, st.sampled_from([0.0, 0.5, 1.0]), st.randoms(use_true_random=False))
def test_credits_add_up_to_the_worth_of_all_who_were_brought(rows, discount, random):
    worth = {f"c{i:02d}": random.randrange(0, 1_000_000) for i in range(13)}
    table = {"customer": list(worth), "clv": list(worth.values())}
    net = ReferralNetwork(discount=discount).fit(forest(rows), worth=table)
    people = net.people_.to_pylist()
    brought = [p["customer"] for p in people if p["referrer"]]
    assert sum(p["credit"] for p in people) == sum(worth[c] for c in brought)
    up = {p["customer"]: p["referrer"] for p in people}
    exact = dict.fromkeys(up, 0.0)
    for one in brought:
        chain = []
        while (above := up[chain[-1] if chain else one]) is not None:
            chain.append(above)
        shares = [discount**k for k in range(len(chain))]
        for host, share in zip(chain, shares, strict=True):
            exact[host] += worth[one] * share / sum(shares)
    for p in people:
        assert abs(p["credit"] - exact[p["customer"]]) <= 1
        assert p["worth_direct"] == sum(worth[c] for c in brought if up[c] == p["customer"])


@settings(deadline=None, max_examples=40)
@given(links, st.integers(0, 25))
def test_batches_give_the_same_network(rows, cut):
    at = list(range(len(rows)))[::-1]
    table = pd.DataFrame({**forest(rows), "at": at})
    whole = ReferralNetwork().fit(table)
    parts = ReferralNetwork().partial_fit(table[:cut]).partial_fit(table[cut:])
    assert parts.people_.equals(whole.people_)
    assert parts.ignored_ == whole.ignored_


def test_predict_answers_in_kind_and_for_strangers():
    net = ReferralNetwork().fit({"customer": ["b"], "referrer": ["a"]}, worth={"customer": ["b"], "clv": [900]})
    found = net.predict(pd.DataFrame({"customer": ["a", "stranger"]}))
    assert isinstance(found, pd.DataFrame)
    assert found["credit"].tolist() == [900, 0]
    assert found["referrer"].isna().all()
    assert net.top(5).column("customer").to_pylist() == ["a"]
    with pytest.raises(ValueError, match="without worth"):
        ReferralNetwork().fit({"customer": ["b"], "referrer": ["a"]}).top(1)


def test_what_is_missing_is_named():
    with pytest.raises(KeyError, match="referrer"):
        ReferralNetwork().fit({"customer": ["a"]})
    with pytest.raises(ValueError, match="discount"):
        ReferralNetwork(discount=2).fit({"customer": ["b"], "referrer": ["a"]})
