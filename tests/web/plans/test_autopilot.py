"""What runs by itself runs within its limits: people, money, and only where the gain is sure."""

from __future__ import annotations

import pytest

from regulars.home import Settings, SettingsProblem
from regulars.web.plans.models import Plan, PlanRow, PlanVersion, Quota
from regulars.web.plans.services import Autopilot, autopilot_approve, autopilot_used


@pytest.fixture
def rows(company):
    Plan.objects.filter(uid="plan-2").update(budget={"gain": {"value": 9.0, "low": 1.0, "high": 20.0}})
    return PlanRow.objects.filter(plan_id="plan-2")


def approved(rows, kind: str) -> list[str]:
    return list(rows.filter(kind=kind, state="approved").order_by("-value").values_list("id", flat=True))


def test_at_most_so_many_people_a_week_the_best_first(rows):
    best = list(rows.filter(subject="care").order_by("-value").values_list("id", flat=True))
    assert autopilot_approve("plan-2", ("care",), Autopilot(people=3)) == 3
    assert approved(rows, "next_best") == best[:3]
    assert autopilot_approve("plan-2", ("care", "win_back"), Autopilot(people=3)) == 0, "the week is used up"
    assert autopilot_approve("plan-2", ("care", "win_back"), Autopilot(people=4)) == 1
    assert autopilot_used() == (4, 0)
    assert set(PlanVersion.objects.filter(what="autopilot").values_list("by", flat=True)) == {"autopilot"}
    assert sum(Quota.objects.filter(plan_id="plan-2").values_list("amount", flat=True)) == 4


def test_only_where_the_low_end_is_above_nothing(rows):
    rows.filter(subject="care").update(low=-1)
    assert autopilot_approve("plan-2", ("care",), Autopilot(sure=True)) == 0
    assert autopilot_approve("plan-2", ("care",), Autopilot()) == 4


def test_money_moves_whole_or_not_at_all(rows):
    # 90,000 to 122,000 against 100,000 each: 10,000 and 2,000 leave, 6,000 + 14,000 + 22,000 come.
    assert autopilot_approve("plan-2", (), Autopilot(money=41_999)) == 0
    assert approved(rows, "budget") == []
    assert autopilot_approve("plan-2", (), Autopilot(money=42_000)) == 5
    assert autopilot_used() == (0, 42_000)
    assert Plan.objects.get(uid="plan-2").state == "proposed", "the rest waits for the owner"
    assert autopilot_approve("plan-2", (), Autopilot(money=80_000)) == 0, "it has moved already"


def test_money_waits_for_a_sure_gain_and_for_what_the_owner_touched(rows):
    Plan.objects.filter(uid="plan-2").update(budget={"gain": {"value": 9.0, "low": -1.0, "high": 20.0}})
    assert autopilot_approve("plan-2", (), Autopilot(money=10**6, sure=True)) == 0
    Plan.objects.filter(uid="plan-2").update(budget={"gain": {"value": 9.0, "low": 1.0, "high": 20.0}})
    rows.filter(kind="budget", subject="social").update(state="declined")
    assert autopilot_approve("plan-2", (), Autopilot(money=10**6, sure=True)) == 0


def test_the_settings_say_what_they_take():
    known = Settings.parse(
        {"autopilot": ["care"], "autopilot_people": 50, "autopilot_money": 10, "autopilot_sure": True}
    )
    assert (known.autopilot_people, known.autopilot_money, known.autopilot_sure) == (50, 10, True)
    with pytest.raises(SettingsProblem, match="autopilot_people"):
        Settings.parse({"autopilot_people": -1})
