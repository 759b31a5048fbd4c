"""The plan says where money moves, what binds and who hears from us, and takes a yes or a no to each part."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

from regulars.web.audit.models import Entry
from regulars.web.plans import board, curves
from regulars.web.plans.models import Plan, PlanRow

BUDGET = {
    "rows": [
        {"channel": "paid_search", "today": 100_000, "proposed": 150_000, "worth": 400_000.0, "half": 100_000.0,
         "form": "hyperbolic", "next_unit": 0.64, "why": ["raise"]},
        {"channel": "social", "today": 100_000, "proposed": 50_000, "worth": 100_000.0, "half": 50_000.0,
         "form": "exponential", "next_unit": 0.6, "why": ["cut"]},
    ],
    "binding": ["total", "at_most:social"], "shadow_prices": {"total": {"more": 0.62, "less": 0.63}},
    "gain": {"value": 46_000.0, "low": -2_000.0, "high": 92_000.0}, "sure": 0.94, "why": ["same_total"],
    "extra": 100_000, "extra_earns": 61_500.4, "worthwhile": 120_000,
}  # fmt: skip


def get(client, address="/decide/plan/", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def plan(company):
    Plan.objects.filter(uid="plan-2").update(
        budget=BUDGET, memo=["draws=400", "people=12", "prior_uplift=0.005", "gain=46000", "uplifts_assumed"]
    )
    return Plan.objects.get(uid="plan-2")


def test_an_empty_home_offers_to_turn_the_wheel(owner, home):
    page = get(owner)
    assert "转动飞轮" in page
    assert "/jobs/turn/" in page


def test_what_more_money_would_earn_is_said_with_its_price(owner, plan):
    page = get(owner)
    assert "¥615" in page
    assert "低于成本" in page
    assert "再多一单位会赚回自身的 0.62 倍。" in page
    assert "+¥460" in page
    assert "优于当前的概率为 94%" in page
    page = get(owner, language="en")
    assert "One more would earn 0.62 times itself." in page
    assert "less than it costs" in page


def test_the_memo_begins_with_the_moves_and_leaves_out_what_stands_elsewhere(plan):
    said = board.memo(plan, board.budget_rows(plan))
    assert "organic" not in said[0]
    assert [i for i, text in enumerate(said) if "460" in text] < [i for i, text in enumerate(said) if "12" in text]
    assert not any("400" in text for text in said)


def test_curves_pass_through_their_points(plan):
    """Closed forms: worth x / (x + half), and worth (1 - exp(-x ln 2 / half)); half the worth at half."""
    found = {c["half"]: c["chart"].option["series"] for c in curves.curve_charts(plan, [])}
    today, proposed = found[100_000][1]["data"][0], found[100_000][2]["data"][0]
    assert today == [1000.0, 2000.0]
    assert proposed == [1500.0, 2400.0]
    assert found[50_000][2]["data"][0] == [500.0, 500.0]
    assert found[50_000][1]["data"][0] == [1000.0, 750.0]
    line = found[100_000][0]["data"]
    assert line[0] == [0.0, 0.0]
    assert all(b[1] >= a[1] for a, b in pairwise(line))


def test_the_split_chart_carries_the_rows(owner, plan):
    found = re.search(r'id="split-data"[^>]*>(.*?)</script>', get(owner), re.S)
    rows = json.loads(found.group(1))["rows"]
    assert len(rows) == 5
    assert all(r[1] == 1000.0 for r in rows)


def test_actions_count_people_and_sum_what_they_earn(owner, plan):
    one = board.actions(plan)[0]
    rows = PlanRow.objects.filter(plan=plan, kind="next_best", subject=one.key)
    assert one.people == rows.count() == one.open
    assert one.value == sum(rows.values_list("value", flat=True))
    assert "stake=" not in one.why
    assert "prior_uplift" in one.why
    page = get(owner, "/decide/plan/?tab=people")
    assert "挽回" in page
    page = get(owner, f"/decide/plan/plan-2/people/?sample=1&action={one.key}")
    assert page.count('name="row"') == 4


def test_yes_and_no_to_one_channel(owner, plan):
    row = PlanRow.objects.filter(plan=plan, kind="budget").first()
    for verb, state in (("decline", "declined"), ("reset", "proposed"), ("approve", "approved")):
        answer = owner.post("/decide/plan/row/", {"row": row.pk, "verb": verb}, headers={"HX-Request": "true"})
        row.refresh_from_db()
        assert row.state == state
        assert "<tr" in answer.content.decode()
    assert owner.post("/decide/plan/row/", {"row": row.pk, "verb": "explode"}).status_code == 400
    assert owner.post("/decide/plan/row/", {"row": "nothing", "verb": "approve"}).status_code == 404


def test_yes_and_no_to_everybody_of_one_action(owner, plan):
    rows = PlanRow.objects.filter(plan=plan, subject="care")
    single = rows.first()
    PlanRow.objects.filter(pk=single.pk).update(state="declined")
    owner.post("/decide/plan/plan-2/action/", {"action": "care", "verb": "approve"})
    assert set(rows.exclude(pk=single.pk).values_list("state", flat=True)) == {"approved"}
    single.refresh_from_db()
    assert single.state == "declined", "a no to one person outlives a yes to all"
    owner.post("/decide/plan/plan-2/action/", {"action": "care", "verb": "reset"})
    assert set(rows.values_list("state", flat=True)) == {"proposed"}
    assert Entry.objects.get(action="plan_rows_approve").detail == {"kind": "care", "rows": 3}


def test_approving_opens_the_way_to_send(owner, plan):
    PlanRow.objects.filter(plan=plan, subject="care").update(state="declined")
    assert owner.post("/decide/plan/plan-2/decide/", {"verb": "approve"}).url == "/decide/plan/plan-2/"
    plan.refresh_from_db()
    assert plan.state == "approved"
    assert plan.approved_by is not None
    assert not PlanRow.objects.filter(plan=plan, subject="care", state="approved").exists()
    page = get(owner, "/decide/plan/plan-2/")
    assert "/act/messages/send/" in page
    assert "什么都不会离开这台电脑" in page
    owner.cookies["regulars_language"] = "en"
    again = owner.post("/decide/plan/plan-2/decide/", {"verb": "reject"}, follow=True)
    assert "decided on already" in again.content.decode()


def test_rejecting_leaves_nothing_to_do(owner, plan):
    owner.post("/decide/plan/plan-2/decide/", {"verb": "reject"})
    assert Plan.objects.get(uid="plan-2").state == "rejected"
    row = PlanRow.objects.filter(plan=plan).first()
    owner.post("/decide/plan/row/", {"row": row.pk, "verb": "approve"})
    row.refresh_from_db()
    assert row.state == "proposed", "a rejected plan takes no yes"
    assert owner.post("/decide/plan/plan-2/decide/", {"verb": "explode"}).status_code == 400


def test_green_only_when_the_whole_range_is_above_zero(owner, plan):
    assert "text-green" in get(owner, "/decide/plan/?tab=past")
    Plan.objects.filter(uid="plan-1").update(realised_low=-1)
    page = get(owner, "/decide/plan/?tab=past")
    assert "+¥4,420" in page
    assert "text-green" not in page


def test_strangers_and_unknown_plans(client, owner, plan):
    assert owner.get("/decide/plan/nothing/").status_code == 404
    client.logout()
    assert client.get("/decide/plan/").url.startswith("/login/")
    assert client.post("/decide/plan/plan-2/decide/", {"verb": "approve"}).url.startswith("/login/")


def test_the_page_costs_a_fixed_number_of_queries(owner, plan, django_assert_max_num_queries):
    get(owner)
    # session, user, plan, its rows, actions, a sample reason for each of 3, sending, the finding to solve anew; frame:
    # job, turn, plan, its sums, imports
    with django_assert_max_num_queries(15):
        get(owner)
    with django_assert_max_num_queries(10):
        get(owner, "/decide/plan/plan-2/people/")


def test_what_was_declined_no_longer_counts_as_earned(owner, plan):
    rows = PlanRow.objects.filter(plan=plan, kind="next_best")
    rows.filter(subject="care").update(state="declined")
    kept = sum(a.kept[0] for a in board.actions(plan))
    assert kept == sum(rows.exclude(subject="care").values_list("value", flat=True))
    assert ">8<" in get(owner, "/decide/plan/?tab=people").replace(" ms-1", "") or "8 人" in get(owner)
