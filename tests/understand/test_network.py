from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand import referrals

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
