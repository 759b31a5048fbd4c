"""What runs by itself runs within its limits: people, money, and only where the gain is sure."""

from __future__ import annotations

from collections import Counter

import pytest

from regulars.home import Settings, SettingsProblem
from regulars.web.plans.history import said
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
    assert autopilot_used() == Counter(people=4)
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
    assert autopilot_used() == Counter(moved=42_000)
    assert Plan.objects.get(uid="plan-2").state == "proposed", "the rest waits for the owner"
    assert autopilot_approve("plan-2", (), Autopilot(money=80_000)) == 0, "it has moved already"


def test_money_waits_for_a_sure_gain_and_for_what_the_owner_touched(rows):
    Plan.objects.filter(uid="plan-2").update(budget={"gain": {"value": 9.0, "low": -1.0, "high": 20.0}})
    assert autopilot_approve("plan-2", (), Autopilot(money=10**6, sure=True)) == 0
    Plan.objects.filter(uid="plan-2").update(budget={"gain": {"value": 9.0, "low": 1.0, "high": 20.0}})
    rows.filter(kind="budget", subject="social").update(state="declined")
    assert autopilot_approve("plan-2", (), Autopilot(money=10**6, sure=True)) == 0


def added(kind: str, subject: str, channel: str = "", **more) -> str:
    row = PlanRow.objects.create(id=f"plan-2#{kind}#{subject}", plan_id="plan-2", kind=kind, subject=subject,
                                 channel=channel, **more)  # fmt: skip
    return row.pk


def test_so_many_markets_a_week_change_how_they_are_sold_to_the_surest_first(rows):
    added("mode", "north", "agent", why="mode_share=0.700;mode_robust=6")
    surest = added("mode", "south", "reseller", why="mode_share=0.950;mode_robust=9;mode_every_rule")
    assert autopilot_approve("plan-2", (), Autopilot()) == 0, "no kind runs by itself unasked"
    assert autopilot_approve("plan-2", (), Autopilot(modes=1)) == 1
    assert approved(rows, "mode") == [surest]
    assert autopilot_approve("plan-2", (), Autopilot(modes=1)) == 0, "the week is used up"
    assert autopilot_approve("plan-2", (), Autopilot(modes=2, sure=True)) == 0, "six of nine is not sure"
    assert autopilot_approve("plan-2", (), Autopilot(modes=2)) == 1
    assert autopilot_used() == Counter(modes=2)
    newest = PlanVersion.objects.filter(plan_id="plan-2").first()
    assert said(newest, "CNY").endswith("1; new contracts: ¥0 a week.")


def test_partners_are_signed_as_a_whole_set_within_the_money_and_never_ended(rows):
    added("partner", "a", "sign", today=0, proposed=3_000)
    added("partner", "b", "sign", today=0, proposed=2_000)
    assert autopilot_approve("plan-2", (), Autopilot(contracts=4_999)) == 0
    assert autopilot_approve("plan-2", (), Autopilot(contracts=5_000, sure=True)) == 0, "a promise is not sure"
    ends = added("partner", "c", "end", today=1_000, proposed=0)
    assert autopilot_approve("plan-2", (), Autopilot(contracts=5_000)) == 0
    rows.filter(id=ends).delete()
    assert autopilot_approve("plan-2", (), Autopilot(contracts=5_000)) == 2
    assert len(approved(rows, "partner")) == 2
    assert autopilot_used() == Counter(signed=5_000)
    assert Plan.objects.get(uid="plan-2").state == "proposed", "the rest waits for the owner"
    rows.filter(kind="partner").delete()
    added("partner", "d", "sign", today=0, proposed=1_000)
    assert autopilot_approve("plan-2", (), Autopilot(contracts=5_999)) == 0, "the week is used up"
    assert autopilot_approve("plan-2", (), Autopilot(contracts=6_000)) == 1


def test_the_settings_say_what_they_take():
    known = Settings.parse(
        {"autopilot": ["care"], "autopilot_people": 50, "autopilot_money": 10, "autopilot_sure": True}
    )
    assert (known.autopilot_people, known.autopilot_money, known.autopilot_sure) == (50, 10, True)
    assert Settings.parse({"autopilot_modes": 2, "autopilot_contracts": 5_000}).autopilot_contracts == 5_000
    with pytest.raises(SettingsProblem, match="autopilot_modes"):
        Settings.parse({"autopilot_modes": -1})
    with pytest.raises(SettingsProblem, match="autopilot_people"):
        Settings.parse({"autopilot_people": -1})
