from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.decide.actions import ACTIONS
from regulars.decide.next_actions_board import next_actions_board
from regulars.decide.next_best import NextBestAction, NextBestDecision
from regulars.decide.next_best_least import decide_what_can
from regulars.decide.uplift import read_uplifts
from regulars.decide.view import View
from regulars.tables import DECIDING, OUTCOMES

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)


def people(n: int = 60) -> pa.Table:
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "customer": [f"c{i}" for i in range(n)], "activity": ["at_risk"] * n, "email_ok": [True] * n,
            "phone_ok": [True] * n, "aov": rng.lognormal(11, 0.5, n), "clv": rng.lognormal(11, 0.5, n),
            "p_alive": rng.uniform(0.3, 0.9, n),
        }
    )  # fmt: skip


def measured(subject: str, value: float) -> pd.DataFrame:
    """Two plans of an action that both found the same uplift, give or take a point."""
    rows = [
        {"plan": f"p{i}", "subject": subject, "name": "lift_orders", "value": value, "low": value - 0.01,
         "high": value + 0.01, "made_at": NOW - timedelta(days=30 * i), "why": ""}
        for i in range(2)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def board(best: NextBestDecision, facts: dict[str, object] | None = None) -> object:
    empty = pa.table({})
    book = {name: shape.empty_table() for name, shape in DECIDING.items()}
    settings = SimpleNamespace(margin=0.6, message_cost=2, currency="CNY")
    return next_actions_board(
        View(facts or {}, people(), empty, empty, OUTCOMES.empty(), {}, book, None, best, NOW, settings, "1", "p9")
    )


PRIORS = {a.key: a.prior for a in ACTIONS}
RULE = NextBestAction(channel_cost={"email": 2, "phone": 1_500}, channel_quota={"phone": 10})


def test_calls_are_assumed_until_outcomes_measure_them_and_then_the_measured_figure_decides() -> None:
    assumed = RULE.decide(people(), uplifts=read_uplifts(None, PRIORS))
    basis = {(g.action, g.channel): g.basis for g in board(assumed).groups}  # type: ignore[attr-defined]
    assert basis["care", "phone"] == "prior_uplift=0.02"
    uplifts = read_uplifts(measured("care@phone", 0.06), PRIORS)
    assert 0.02 < uplifts["care@phone"].mean < 0.06
    assert uplifts["care"].mean == PRIORS["care"].mean
    told = RULE.decide(people(), uplifts=uplifts)
    basis = {(g.action, g.channel): g.basis for g in board(told).groups}  # type: ignore[attr-defined]
    assert basis["care", "phone"].startswith("measured_uplift=0.05")
    calls = [r for r in told.solution.to_pylist() if r["channel"] == "phone"]
    assert all("measured_uplift" in r["why"] for r in calls)
    assert told.value > assumed.value
    useless = RULE.decide(people(), uplifts=read_uplifts(measured("care@phone", 0.0), PRIORS))
    worth = [sum(r["value"] for r in p.solution.to_pylist() if (r["action"], r["channel"]) == ("care", "phone"))
             for p in (useless, assumed)]  # fmt: skip
    assert worth[0] < 0.5 * worth[1]


def test_minimums_stand_among_the_limits_with_what_they_cost_and_what_cannot_be_had_is_said() -> None:
    rule = replace(RULE, least={"channel:phone": 10, "action:win_back": 25, "segment:lost": 2})
    made = board(decide_what_can(rule, people()))
    found = {b.code: b for b in made.limits}  # type: ignore[attr-defined]
    assert found["least:action:win_back"].used >= 25
    assert found["least:action:win_back"].more <= found["least:action:win_back"].less < 0
    assert "least:segment:lost" not in found
    assert made.unmet == ("segment:lost",)  # type: ignore[attr-defined]


def test_a_company_without_messages_has_no_reading_of_the_lot() -> None:
    made = board(RULE.decide(people()))
    assert made.policies is None  # type: ignore[attr-defined]
    assert made.lot is None  # type: ignore[attr-defined]
