from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from regulars.decide.next_best_lot import judge_lot, lot_log


def drawn_world(n: int, seed: int, explore: float, other: float) -> pd.DataFrame:
    """A log of ``n`` people: nothing earns 10, the best 30, the one other that pays ``other``; a fifth is held back."""
    rng = np.random.default_rng(seed)
    best = rng.random(n) >= explore / 2
    treated = rng.random(n) > 0.2
    mean = np.where(treated, np.where(best, 30.0, other), 10.0)
    return pd.DataFrame(
        {
            "plan": "p", "action": "note", "customer": [f"c{i}" for i in range(n)], "treated": treated.astype(int),
            "orders": 1.0, "recency_days": rng.uniform(1, 300, n),
            "revenue": rng.exponential(mean), "drawn": ~best | (rng.random(n) < explore / 2),
            "propensity": np.where(best, 1 - explore / 2, explore / 2), "paying": 2, "best": best,
        }
    )  # fmt: skip


def test_the_known_value_of_every_policy_lies_in_its_interval_as_often_as_it_says() -> None:
    truth = {"nothing": 10.0, "best": 30.0, "other": 45.0}
    inside = {(name, e): 0 for name in truth for e in ("ips", "snips", "dr")}
    for seed in range(40):
        board = judge_lot(drawn_world(3_000, seed, 0.3, 45.0), margin=1.0, cost=0.0)
        for line in board.policies:
            for estimate in ("ips", "snips", "dr"):
                _value, low, high = getattr(line, estimate)
                inside[line.name, estimate] += low <= 1000 * truth[line.name] <= high
    assert min(inside.values()) >= 31
    assert board.code == "other_pays"
    assert board.over is not None
    assert board.over.high < 0


def test_a_small_lot_says_too_little_and_a_clear_one_says_the_best_pays() -> None:
    little = judge_lot(drawn_world(1_000, 1, 0.02, 30.0), margin=1.0, cost=0.0)
    assert little.code == "too_few"
    assert next(p for p in little.policies if p.name == "other").limits
    assert judge_lot(drawn_world(6_000, 2, 0.4, 5.0), margin=1.0, cost=0.0).code == "best_pays"
    none = judge_lot(drawn_world(30, 2, 0.4, 5.0), margin=1.0, cost=0.0)
    assert (none.code, none.policies) == ("too_few", ())


def test_the_chances_are_read_from_the_reasons_of_what_was_sent() -> None:
    why = "activity=active;alternative=offer@email;alternative_value=60;propensity={};paying={}{}"
    decisions = pd.DataFrame(
        [
            ("p1", "next_best", "a", "note", why.format(0.99, 2, "")),
            ("p1", "next_best", "b", "note", why.format(0.01, 2, ";explored")),
            ("p1", "next_best", "c", "note", why.format(0.985, 4, ";explored")),
            ("p1", "next_best", "d", "note", why.format(1.0, 3, "")),
            ("p1", "budget", None, "search", "kept"),
            ("p2", "next_best", "a", "note", "activity=active"),
        ],
        columns=["plan", "kind", "customer", "subject", "why"],
    )
    contacts = pd.DataFrame(
        {"plan": "p1", "action": "note", "customer": list("abcde"), "treated": 1, "orders": 1, "recency_days": 3.0,
         "revenue": 0.0}
    )  # fmt: skip
    log = lot_log({"decisions": ibis.memtable(decisions)}, contacts)
    assert log["customer"].tolist() == ["a", "b", "c"]
    assert log["propensity"].tolist() == pytest.approx([0.99, 0.01, 0.985])
    assert log["paying"].tolist() == [2, 2, 4]
    assert log["drawn"].tolist() == [False, True, True]
    assert log["best"].tolist() == [True, False, True]
    assert lot_log({}, contacts).empty
    assert lot_log({"decisions": ibis.memtable(decisions)}, contacts.iloc[:0]).empty


def test_a_plan_with_a_lot_writes_the_chances_that_are_read() -> None:
    from tests.decide.test_next_best import crowd

    from regulars.decide import NextBestAction
    from regulars.decide.people import person_rows

    people = crowd(3_000, 4)
    people = people.append_column("phone_ok", people.column("email_ok"))
    plan = NextBestAction(explore=0.4, key="p").decide(people)
    stamp = {"plan": "p", "made_at": None, "lake_version": "1"}
    rows = person_rows(plan.solution, "p", stamp)
    contacts = pd.DataFrame(
        {"plan": "p", "action": rows.column("subject").to_pylist(), "customer": rows.column("customer").to_pylist(),
         "treated": 1, "orders": 1, "recency_days": 3.0, "revenue": 0.0}
    )  # fmt: skip
    log = lot_log({"decisions": ibis.memtable(rows.to_pandas())}, contacts)
    # the chance to be moved away from the best: share x (k - 1) / k, told alike by either kind of row
    k = log["paying"].to_numpy(dtype=float)
    p = log["propensity"].to_numpy(dtype=float)
    moved = np.where(log["best"], 1 - p, p * (k - 1))
    assert moved == pytest.approx(0.4 * (k - 1) / k, abs=2e-5)
    assert (~log["best"]).mean() == pytest.approx(moved.mean(), abs=0.04)
