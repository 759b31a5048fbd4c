from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from regulars.decide.contact_log import contact_log, judge
from regulars.tables import MESSAGES, ORDERS

NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_the_log_knows_what_was_known_then_and_what_came() -> None:
    then = NOW - timedelta(days=40)
    messages = MESSAGES.fill(
        {"source": "t", "id": ["1", "2", "3"], "revision": 0, "recorded_at": NOW, "customer": ["a", "b", "c"],
         "message": ["1", "2", "3"], "state": ["sent", "holdout", "sent"], "plan": "p", "action": "care",
         "at": [then, then, NOW - timedelta(days=2)], "day": NOW.date(), "channel": "email"}, 3,
    )  # fmt: skip
    orders = ORDERS.fill(
        {"source": "t", "id": ["1", "2", "3"], "revision": 0, "recorded_at": NOW, "customer": ["a", "a", "b"],
         "at": [then - timedelta(days=10), then + timedelta(days=5), then + timedelta(days=35)], "day": NOW.date(),
         "kind": "sale", "status": "paid", "amount": [100, 700, 900], "ordered": [100, 700, 900], "currency": "CNY"},
        3,
    )  # fmt: skip
    facts = {"messages": ibis.memtable(messages), "orders": ibis.memtable(orders)}
    rows = contact_log(facts, now=NOW, currency="CNY").set_index("customer")
    assert list(rows.index) == ["a", "b"]
    assert rows.loc["a", ["treated", "orders", "revenue"]].tolist() == [1, 1, 700.0]
    assert rows.loc["a", "recency_days"] == pytest.approx(10)
    assert rows.loc["b", ["treated", "orders", "revenue"]].tolist() == [0, 0, 0.0]
    assert contact_log({}, now=NOW, currency="CNY").empty


def drawn(n: int, seed: int = 0) -> pd.DataFrame:
    """People with many orders buy anyway; a message moves those with few."""
    rng = np.random.default_rng(seed)
    orders, treated = rng.integers(0, 12, n), (rng.random(n) < 0.7).astype(int)
    chance = 0.05 + 0.04 * orders + np.where(orders < 5, 0.15, -0.05) * treated
    return pd.DataFrame({
        "plan": "p", "action": "care", "customer": [f"c{i}" for i in range(n)], "treated": treated, "orders": orders,
        "recency_days": 20.0, "revenue": 1_000.0 * (rng.random(n) < chance),
    })  # fmt: skip


def test_the_policy_of_gains_is_found_and_judged_better_than_response() -> None:
    found = judge(drawn(12_000), margin=0.5, cost=10)
    lines = {p.name: p for p in found.policies}
    assert found.code == "better"
    assert lines["next_best"].share == pytest.approx(5 / 12, abs=0.05)
    assert lines["response"].share == pytest.approx(lines["next_best"].share)
    # truth per 1,000: 5/12 of the people gain .15 x 500 - 10
    truth = 1_000 * 5 / 12 * (0.15 * 500 - 10)
    gap = lines["next_best"].value - lines["nothing"].value
    assert gap == pytest.approx(truth, abs=6_000)
    assert found.over_done is not None
    assert found.over_done.value > 0


def test_too_few_people_are_not_judged() -> None:
    assert judge(drawn(300), margin=0.5, cost=10).code == "too_few"
    alone = drawn(1_000).assign(treated=1)
    assert judge(alone, margin=0.5, cost=10).policies == ()
