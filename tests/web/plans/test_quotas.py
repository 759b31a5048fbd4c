"""What an approved plan allows is what the gate lets by: counted per action, lowered by the owner, never exceeded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from regulars.home import Home
from regulars.lake import Lake
from regulars.web.bridge.deciding import deciding_tables
from regulars.web.bridge.sending import queue_approved
from regulars.web.consents.models import Consent
from regulars.web.outbox.models import Message
from regulars.web.outbox.store import DjangoOutbox
from regulars.web.plans import quotas, services, splits
from regulars.web.plans.models import Plan, PlanRow, Quota
from regulars.web.plans.wishes import Wish, Wishes

NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)


@pytest.fixture
def plan(company, home):
    home.change(holdout_share=0.0, quiet_from="00:00", quiet_to="00:00")
    Consent.objects.update(state="granted")
    return Plan.objects.get(uid="plan-2")


def queued(home: Home) -> dict[str, int]:
    return dict(queue_approved(home, Lake(home.lake_path), NOON))


def allowed() -> dict[tuple[str, str, str], int]:
    return {(q.unit, q.channel, q.action): q.amount for q in Quota.objects.filter(plan_id="plan-2")}


def test_approving_puts_what_was_approved_in_force(plan):
    services.rows_decide("plan-2", "care", "decline", "mei")
    services.plan_approve("plan-2", "mei")
    wanted = {("contacts", "email", "win_back"): 4, ("contacts", "email", "cross_sell"): 4}
    money = PlanRow.objects.filter(plan=plan, kind="budget").values_list("subject", "proposed")
    assert allowed() == wanted | {("money", c, ""): p for c, p in money}
    row = PlanRow.objects.filter(plan=plan, subject="win_back").first()
    services.row_decline(row.pk, "mei")
    assert allowed()["contacts", "email", "win_back"] == 3


def test_the_gate_stops_at_the_quota_and_the_most_valuable_go_first(plan, home):
    services.plan_approve("plan-2", "mei")
    quota = Quota.objects.get(plan=plan, action="win_back")
    quotas.quota_set(quota.pk, 2, "mei")
    assert queued(home) == {"queued": 10, "denied": 2}
    best = PlanRow.objects.filter(plan=plan, subject="win_back").order_by("-value").values_list("person_id", flat=True)
    got = Message.objects.filter(plan=plan, action="win_back", state="queued").values_list("person_id", flat=True)
    assert set(got) == set(best[:2])
    assert set(Message.objects.filter(state="denied", plan=plan).values_list("reason", flat=True)) == {"quota_used"}
    shown = {(q.channel, q.action): (q.amount, q.used, q.left) for q in quotas.in_force(plan, NOON)}
    assert shown["email", "win_back"] == (2, 2, 0)
    assert shown["email", "care"] == (4, 4, 0)
    assert shown["social", ""][1] is None, "nobody has told what was spent"


def test_a_limit_of_the_owner_holds_over_all_plans(plan, home):
    splits.contacts_limit("email", 5, "mei")
    services.plan_approve("plan-2", "mei")
    assert queued(home) == {"queued": 5, "denied": 7}
    assert quotas.left("plan-2", NOON)["email"] == 0
    assert quotas.left("plan-1", NOON)["email"] == 0, "another plan finds the week used up"
    later = NOON + timedelta(days=7, hours=1)
    assert quotas.left("plan-1", later)["email"] == 5
    splits.contacts_limit("email", None, "mei")
    assert quotas.left("plan-1", NOON) == {}


def test_lowering_a_quota_stops_what_waits_in_line(plan, home):
    services.plan_approve("plan-2", "mei")
    assert queued(home)["queued"] == 12
    quotas.quota_set(Quota.objects.get(plan=plan, action="care").pk, 1, "mei")
    batch = DjangoOutbox(home).claim(50, "w", NOON, timedelta(minutes=5))
    left = [c.send.quota_left for c in batch if c.send.flow == "plan-2/care"]
    assert sorted(left) == [0, 0, 0, 1]
    assert all(c.send.quota_left > 0 for c in batch if c.send.flow != "plan-2/care")


def test_money_of_a_channel_we_write_on_pays_for_its_messages(plan, home):
    home.change(message_cost=10_000)
    services.plan_approve("plan-2", "mei")
    assert allowed()["money", "email", ""] == 122_000
    assert queued(home) == {"queued": 12}
    Quota.objects.filter(plan=plan, channel="email", unit="money").update(amount=135_000)
    assert quotas.left("plan-2", NOON)["email"] == 1


def test_the_page_shows_what_is_in_force_and_takes_another_amount(plan, owner, home):
    assert 'id="in-force"' not in owner.get("/decide/plan/plan-2/").content.decode()
    services.plan_approve("plan-2", "mei")
    owner.cookies["regulars_language"] = "en"
    assert "In force this week" in owner.get("/decide/plan/plan-2/").content.decode()
    quota = Quota.objects.get(plan=plan, action="care")
    answer = owner.post("/decide/plan/quota/", {"quota": quota.pk, "amount": "2"}, headers={"HX-Request": "true"})
    assert 'value="2"' in answer.content.decode()
    quota.refresh_from_db()
    assert (quota.amount, quota.kept) == (2, True)
    services.row_decline(PlanRow.objects.filter(plan=plan, subject="care").first().pk, "mei")
    quota.refresh_from_db()
    assert quota.amount == 2, "what the owner set stays as set"
    for bad in ({"quota": quota.pk, "amount": "-1"}, {"quota": "x", "amount": "1"}):
        assert owner.post("/decide/plan/quota/", bad).status_code == 400
    assert owner.post("/decide/plan/quota/", {"quota": 10**8, "amount": "1"}).status_code == 404
    owner.post("/decide/plan/contacts/", {"plan": "plan-2", "channel": "email", "most": "9"})
    assert quotas.caps(timezone.now()) == {"email": 9}


def test_kept_limits_reach_the_next_turn(company):
    asked = {"a": Wish(100, held=True), "b": Wish(70, held=True), "c": Wish(1, low=5, high=9), "d": Wish(2)}
    wishes = Wishes(500, asked, today={"a": 100, "b": 100, "c": 1, "d": 2})
    assert splits.limits_keep(wishes, "mei") == 3
    splits.contacts_limit("email", 40, "mei")
    tables = deciding_tables()
    assert tables["limits"].to_pylist() == [
        {"channel": "a", "low": None, "high": None, "frozen": True},
        {"channel": "b", "low": 70.0, "high": 70.0, "frozen": False},
        {"channel": "c", "low": 5.0, "high": 9.0, "frozen": False},
    ]
    assert tables["contacts"].to_pylist() == [{"channel": "email", "most": 40}]
    splits.limits_keep(Wishes(500, {"a": Wish(100)}, today={"a": 100}), "mei")
    assert [r["channel"] for r in deciding_tables()["limits"].to_pylist()] == ["b", "c"]
