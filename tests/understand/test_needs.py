"""Needs: ranking, growth and leavers' words against counting by hand and simulated truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from regulars.understand import Needs
from regulars.understand.needs import leavers_words

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def rows(n_bill=30, n_speed=20):
    customer = [f"b{i}" for i in range(n_bill)] + [f"s{i}" for i in range(n_speed)]
    return {
        "customer": customer,
        "at": [NOW - timedelta(days=1 + i % 60) for i in range(len(customer))],
        "topic": ["bill"] * n_bill + ["speed"] * n_speed,
        "pain": [0.5] * n_bill + [1.0] * n_speed,
        "segment": ["new"] * (n_bill // 2) + ["loyal"] * (len(customer) - n_bill // 2),
        "worth": [100.0] * n_bill + [400.0] * n_speed,
    }


def test_reach_pain_and_worth_by_hand():
    needs = {n.topic: n for n in Needs().fit(rows(), now=NOW).needs_}
    assert needs["bill"].reach == pytest.approx(0.6)
    assert needs["speed"].worth == pytest.approx(400 / 220)
    assert needs["speed"].score == pytest.approx(0.4 * 1.0 * 400 / 220)
    assert Needs().fit(rows(), now=NOW).needs_[0].topic == "speed"
    lift = {s: x for s, _n, x in needs["bill"].segments}
    assert lift["new"] == pytest.approx(1 / 0.6)


def test_small_groups_are_not_told():
    assert [n.topic for n in Needs(smallest=25).fit(rows(), now=NOW).needs_] == ["bill"]
    assert all(n >= 16 for need in Needs(smallest=16).fit(rows(), now=NOW).needs_ for _s, n, _x in need.segments)


def test_growth_intervals_hold_as_often_as_they_say():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(150):
        recent, before = rng.poisson(30), rng.poisson(20)
        at = [NOW - timedelta(days=5)] * recent + [NOW - timedelta(days=100)] * before
        table = {
            "customer": [str(i) for i in range(len(at))],
            "at": at,
            "topic": ["x"] * len(at),
            "pain": [1.0] * len(at),
        }
        need = Needs().fit(table, now=NOW).needs_[0]
        hits += need.growth_low <= 0.5 <= need.growth_high
    assert 0.86 <= hits / 150 <= 1.0


def test_nothing_and_a_missing_column():
    empty = {"customer": [], "at": np.array([], dtype="datetime64[us]"), "topic": [], "pain": []}
    assert Needs().fit(empty, now=NOW).needs_ == ()
    with pytest.raises(ValueError, match="no column topic, pain"):
        Needs().fit({"customer": ["a"], "at": [NOW]}, now=NOW)


def test_leavers_words_find_the_planted_one_and_little_else():
    rng = np.random.default_rng(0)
    usual = [f"w{i}" for i in range(40)]
    left = rng.random(600) < 0.3
    said = [list(rng.choice(usual, 4, replace=False)) for _ in range(600)]
    for i in np.flatnonzero(left):
        if rng.random() < 0.3:
            said[i].append("refund")
    for i in np.flatnonzero(~left):
        if rng.random() < 0.03:
            said[i].append("refund")
    found = leavers_words(said, left.tolist(), [str(i) for i in range(600)])
    assert found[0].word == "refund"
    assert found[0].z > 4
    assert len(found) <= 6


def test_one_loud_customer_is_no_group():
    assert (
        leavers_words([["refund"]] * 50 + [["ok"]] * 50, [True] * 50 + [False] * 50, ["a"] * 50 + list("b" * 50)) == ()
    )
