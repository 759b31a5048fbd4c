"""What a plan promised stands beside what it earned: the same parts, each with its range."""

from __future__ import annotations

import math

import pytest

from regulars.tables import OUTCOMES
from regulars.web.bridge.outcomes import outcomes_store
from regulars.web.plans import board
from regulars.web.plans.models import Plan


@pytest.fixture
def plan(company):
    Plan.objects.filter(uid="plan-2").update(state="approved")
    return Plan.objects.get(uid="plan-2")


def outcomes(rows: list[tuple], made_at) -> object:
    names = ("subject", "name", "value", "low", "high", "why")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return OUTCOMES.fill({**columns, "plan": "plan-2", "made_by": "t", "made_at": made_at, "lake_version": "v"},
                         len(rows))  # fmt: skip


def test_only_measured_parts_count_on_both_sides(plan, owner):
    rows = [("care", "predicted", 900.0, 400.0, 1500.0, "sum_of_treated"),
            ("care", "realised", 700.0, 300.0, 1100.0, "window_days=28"),
            ("social", "predicted", 500.0, 200.0, 800.0, "weekly"),
            ("social", "realised", 600.0, 300.0, 900.0, "before_after"),
            ("win_back", "predicted", 5000.0, 0.0, 9000.0, "sum_of_treated"),
            ("win_back", "realised", 80.0, None, None, "few_held=1")]  # fmt: skip
    outcomes_store(outcomes(rows, plan.made_at), plan.made_at)
    plan.refresh_from_db()
    assert (plan.promised, plan.realised, plan.state) == (1400, 1300, "measured")
    assert plan.realised_low == round(1300 - math.hypot(400, 300))
    assert plan.promised_high == round(1400 + math.hypot(600, 300))
    parts = {p["subject"]: p for p in plan.parts}
    assert parts["win_back"]["earned"] is None
    assert parts["care"] == {"subject": "care", "promised": [900, 400, 1500], "earned": [700, 300, 1100],
                             "why": "window_days=28"}  # fmt: skip
    owner.cookies["regulars_language"] = "en"
    page = owner.get("/decide/plan/plan-2/?tab=past").content.decode()
    assert "What plans promised and what they earned" in page
    assert "these parts had promised" in owner.get("/decide/plan/plan-2/memo/").content.decode()


def test_the_chart_lays_promise_and_result_of_each_plan_side_by_side(plan):
    Plan.objects.filter(uid="plan-1").update(promised=500_000, promised_low=100_000, promised_high=900_000)
    chart = board.past_chart(list(Plan.objects.all()))
    assert [r[1:] for r in chart.rows] == [[5000.0, 1000.0, 9000.0], [4420.0, 2900.0, 5900.0]]
    assert [d["itemStyle"]["color"] for d in chart.option["series"][0]["data"]] == ["#a4acbb", "#2fb344"]
    Plan.objects.update(realised=None)
    assert board.past_chart(list(Plan.objects.all())) is None
