"""What every plan is the best for is chosen on the plan page, kept, and read by the next turn."""

from __future__ import annotations

import pytest
from tests.web.plans import split_body

from regulars.decide.budget_input import OBJECTIVES
from regulars.web.audit.models import Entry
from regulars.web.bridge.deciding import deciding_tables
from regulars.web.plans.models import Aim, Plan
from regulars.web.plans.splits import OBJECTIVES as OFFERED


@pytest.fixture
def plan(company):
    rows = split_body.body()["channels"]
    for r in rows:
        r["weights"] = {"new_customers": 0.001 * (4 if r["channel"] == "email" else 1)}
    split_body.found(objectives=["contribution", "new_customers"], channels=rows)
    return Plan.objects.get(uid="plan-2")


def test_the_choice_is_kept_and_read_by_the_next_turn(owner, plan):
    assert OFFERED == OBJECTIVES
    assert deciding_tables()["aims"].num_rows == 0
    owner.cookies["regulars_language"] = "en"
    page = owner.get("/decide/plan/?tab=budget").content.decode()
    assert 'id="aim"' in page
    assert "revenue (not known yet)" in page
    assert "new customers (not known yet)" not in page
    answer = owner.post("/decide/plan/aim/", {"objective": "new_customers", "risk": "cautious"})
    assert answer.url == "/decide/plan/?tab=budget"
    assert deciding_tables()["aims"].to_pylist() == [{"objective": "new_customers", "risk": 0.2}]
    assert Entry.objects.get(action="aim_keep").detail == {"objective": "new_customers", "cautious": True}
    page = owner.get("/decide/plan/?tab=budget").content.decode()
    assert '<option value="new_customers" selected>' in page
    owner.post("/decide/plan/aim/", {"objective": "contribution", "risk": "mean"})
    assert Aim.objects.count() == 1
    assert deciding_tables()["aims"].to_pylist() == [{"objective": "contribution", "risk": None}]
    assert owner.post("/decide/plan/aim/", {"objective": "fame"}).status_code == 400


def test_what_if_tells_money_as_money_and_people_as_people(owner, plan):
    owner.cookies["regulars_language"] = "en"
    asked = {"total": "5000", "objective": "new_customers", "risk": "mean"}
    page = owner.post("/decide/plan/plan-2/what-if/", asked, headers={"HX-Request": "true"}).content.decode()
    assert "New customers over today, a week:" in page
    assert "times itself" not in page, "a price in new customers is no money"
    asked["objective"] = "contribution"
    page = owner.post("/decide/plan/plan-2/what-if/", asked, headers={"HX-Request": "true"}).content.decode()
    assert "New customers over today" not in page
