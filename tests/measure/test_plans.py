from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from regulars.measure.plans import plans
from regulars.measure.sales import fact
from regulars.tables import TABLES, why_codes

START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def decisions(promised: dict[str, float]) -> Any:
    rows = TABLES["decisions"].fill(
        {"id": list(promised), "plan": "p", "kind": "next_best", "customer": list(promised), "subject": "win_back",
         "value": list(promised.values()), "made_by": "t", "made_at": START, "lake_version": "1"}, len(promised),
    )  # fmt: skip
    return ibis.memtable(rows)


def outcome(messages: Any, orders: Any, promised: dict[str, float], days: float = 60.0) -> pd.DataFrame:
    facts = {"messages": messages, "orders": orders}
    found = plans(
        (fact(facts, "messages"), fact(facts, "orders")), decisions(promised), now=START + timedelta(days=days),
        currency="CNY", margin=0.5, holdout_share=0.2, message_cost=5,
    )  # fmt: skip
    return found.set_index("name")


@pytest.fixture
def campaign(rows: Any) -> tuple[Any, Any]:
    """1,000 people drawn, 200 held back; 10 more failed and count; 30 of 810 treated and 2 held buy for 100."""
    drawn = [{"day": 0, "customer": f"t{i}", "message": f"m{i}"} for i in range(790)]
    drawn += [{"day": 0, "customer": f"t{i}", "message": f"m{i}", "state": "failed"} for i in range(790, 800)]
    drawn += [{"day": 0, "customer": f"t{i}", "message": f"m{i}", "state": "denied", "reason": "frequency_cap"}
              for i in range(800, 810)]  # fmt: skip
    drawn += [{"day": 1, "customer": "t0", "message": "m0", "state": "bounced"}]
    drawn += [{"day": 0, "customer": f"d{i}", "message": f"d{i}", "state": "denied", "reason": "consent_missing"}
              for i in range(50)]  # fmt: skip
    drawn += [{"day": 0, "customer": f"h{i}", "message": f"h{i}", "state": "holdout"} for i in range(200)]
    bought = [{"day": 2, "customer": f"t{i}", "amount": 100} for i in range(30)]
    bought += [{"day": 3, "customer": f"h{i}", "amount": 100} for i in range(2)]
    bought += [{"day": -1, "customer": "t40", "amount": 999}, {"day": 29, "customer": "t41", "amount": 999}]
    bought += [
        {"day": 4, "customer": "d1", "amount": 999},
        {"day": 4, "customer": "t0", "amount": 7, "currency": "USD"},
    ]
    return rows("messages", *drawn), rows("orders", *bought)


def test_counted_by_hand(campaign: tuple[Any, Any]) -> None:
    found = outcome(*campaign, {"t1": 3.0, "t2": 4.0, "h1": 100.0})
    assert set(found["treated"]) == {810}
    assert set(found["held"]) == {200}
    assert found.loc["lift_orders", "value"] == pytest.approx(30 / 810 - 2 / 200)
    assert found.loc["lift_revenue", "value"] == pytest.approx(3000 / 810 - 200 / 200)
    # 800 messages went out or were tried, at 5 each.
    assert found.loc["realised", "value"] == pytest.approx((3000 / 810 - 1) * 0.5 * 810 - 800 * 5)
    assert found.loc["predicted", "value"] == 7.0
    assert found.loc["lift_orders", "low"] < found.loc["lift_orders", "value"] < found.loc["lift_orders", "high"]
    assert "window_open" not in why_codes(found.loc["lift_orders", "why"])


def test_an_open_window_uses_the_interval_that_allows_peeking(campaign: tuple[Any, Any]) -> None:
    early, late = (outcome(*campaign, {}, days=d).loc["lift_orders"] for d in (10.0, 60.0))
    assert why_codes(early["why"])["method"] == "always_valid_always_valid"
    assert why_codes(late["why"])["method"] == "newcombe_welch"
    assert early["high"] - early["low"] > late["high"] - late["low"]


def test_a_broken_draw_and_a_small_holdout_are_said(rows: Any) -> None:
    drawn = [{"day": 0, "customer": f"t{i}"} for i in range(400)]
    drawn += [{"day": 0, "customer": f"h{i}", "state": "holdout"} for i in range(10)]
    given = rows("messages", *drawn), rows("orders")
    assert {"sample_ratio_off", "few_held"} <= set(why_codes(outcome(*given, {"t1": 1.0}).loc["lift_orders", "why"]))
    # A campaign that was not planned here may have held back any share.
    assert "sample_ratio_off" not in why_codes(outcome(*given, {}).loc["lift_orders", "why"])


def test_the_sandbox_is_read_only_in_the_simulated_company(rows: Any) -> None:
    drawn = [{"day": 0, "customer": f"t{i}", "state": "sandboxed"} for i in range(80)]
    drawn += [{"day": 0, "customer": f"h{i}", "state": "holdout"} for i in range(20)]
    bought = {"day": 1, "customer": "t1", "amount": 100}
    real = outcome(rows("messages", *drawn), rows("orders", bought), {})
    assert real.empty
    simulated = outcome(rows("messages", *drawn), rows("orders", {**bought, "source": "demo"}), {})
    assert simulated.loc["lift_orders", "treated"] == 80


def test_a_known_effect_is_found(rows: Any) -> None:
    rng = np.random.default_rng(9)
    hits = 0
    for _ in range(10):
        held = rng.random(2000) < 0.2
        buys = rng.random(2000) < np.where(held, 0.10, 0.16)
        drawn = [{"day": 0, "customer": f"c{i}", "state": "holdout" if h else "sent"} for i, h in enumerate(held)]
        bought = [{"day": 5, "customer": f"c{i}", "amount": 1000} for i in np.flatnonzero(buys)]
        row = outcome(rows("messages", *drawn), rows("orders", *bought), {}).loc["lift_orders"]
        hits += bool(row["low"] <= 0.06 <= row["high"])
    assert hits >= 8


def test_nobody_reached_means_no_rows(rows: Any) -> None:
    assert outcome(rows("messages"), rows("orders"), {}).empty
