"""Every change of a plan is a version; going back brings the plan as it stood, save what has left."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from regulars.decide.plan_changes import What
from regulars.web.audit.models import Entry
from regulars.web.bridge.plans import plan_whole
from regulars.web.outbox.models import Message
from regulars.web.plans import services
from regulars.web.plans.models import Plan, PlanRow, PlanVersion, Quota
from regulars.web.plans.rollback import looked_at, plan_rollback
from regulars.web.words.reasons import WORDS


@pytest.fixture
def plan(company):
    return Plan.objects.get(uid="plan-2")


def states() -> dict[str, str]:
    return dict(PlanRow.objects.filter(plan_id="plan-2").values_list("id", "state"))


def message(row: PlanRow, state: str = "queued") -> Message:
    at = row.plan.made_at
    return Message.objects.create(uid=f"m-{row.pk}"[:32], person_id=row.person_id, plan=row.plan, action=row.subject,
                                  language="zh", state=state, created_at=at, updated_at=at)  # fmt: skip


def test_the_first_change_keeps_the_plan_as_it_was_made(plan):
    services.rows_decide("plan-2", "care", "decline", "mei")
    made, first = PlanVersion.objects.filter(plan=plan).order_by("number")
    assert (made.number, made.what, made.by) == (1, "made", "program")
    assert (first.number, first.what, first.by, first.detail) == (
        2,
        "rows_decline",
        "mei",
        {"about": "care", "rows": 4},
    )
    plan.refresh_from_db()
    assert plan.version == 2
    services.rows_decide("plan-2", "care", "decline", "mei")
    assert PlanVersion.objects.filter(plan=plan).count() == 2, "what changes nothing is no version"


def test_single_decisions_of_one_sitting_are_one_version(plan):
    rows = list(PlanRow.objects.filter(plan=plan, kind="next_best")[:3])
    for row in rows:
        services.row_approve(row.pk, "mei")
    services.row_decline(rows[0].pk, "mei")
    services.row_decline(rows[1].pk, "li")
    found = PlanVersion.objects.filter(plan=plan).order_by("number").values_list("number", "by", "detail")
    assert list(found) == [(1, "program", {}), (2, "mei", {"rows": 4}), (3, "li", {"rows": 1})]
    plan_rollback("plan-2", 2, "mei")
    assert [states()[r.pk] for r in rows] == ["declined", "approved", "approved"]


@pytest.mark.parametrize("seed", range(4))
def test_going_back_anywhere_brings_the_plan_as_it_stood(plan, seed):
    """Random decisions; after each the states are written down, and every version is gone back to."""
    rng = random.Random(seed)
    stood = {1: states()}
    ids = list(stood[1])
    for _ in range(8):
        verb = rng.choice(["approve", "decline", "reset"])
        if rng.random() < 0.5:
            services.rows_decide("plan-2", rng.choice(["care", "win_back", "cross_sell"]), verb, f"u{rng.random()}")
        else:
            one = {"approve": services.row_approve, "decline": services.row_decline, "reset": services.row_reset}
            one[verb](rng.choice(ids), f"u{rng.random()}")
        stood[Plan.objects.get(uid="plan-2").version] = states()
    for number in rng.sample(sorted(stood), len(stood)):
        plan_rollback("plan-2", number, "mei")
        assert states() == stood[number]
        was = PlanVersion.objects.get(plan=plan, number=number) if number > 1 else None
        plan.refresh_from_db()
        assert was is None or plan_whole(plan).compare(plan_whole(plan, was)).nothing


def test_going_back_on_an_approved_plan_withdraws_what_waits_and_says_what_has_left(plan):
    services.plan_approve("plan-2", "mei")
    gone, waits, held = PlanRow.objects.filter(plan=plan, subject="care")[:3]
    for row, state in ((gone, "sent"), (waits, "queued"), (held, "holdout")):
        message(row, state)
        PlanRow.objects.filter(pk=row.pk).update(state="done")
    assert (looked_at("plan-2", 1).withdrawn, looked_at("plan-2", 1).gone) == (1, 1)
    assert Message.objects.filter(plan=plan).count() == 3, "looking changes nothing"
    done = plan_rollback("plan-2", 1, "mei")
    assert (done.withdrawn, done.gone) == (1, 1)
    assert set(Message.objects.filter(plan=plan).values_list("state", flat=True)) == {"sent", "holdout"}
    now = states()
    assert (now[gone.pk], now[waits.pk], now[held.pk]) == ("done", "proposed", "proposed")
    assert set(now.values()) == {"done", "proposed"}
    plan.refresh_from_db()
    assert plan.state == "running", "something of it has left"
    assert not Quota.objects.filter(plan=plan, unit="money").exists()
    assert Quota.objects.get(plan=plan, action="care").amount == 1
    assert Entry.objects.get(action="plan_rollback").detail == {"to": 1, "rows": 17, "withdrawn": 1, "gone": 1}
    # And back again: going back is a version like any other.
    plan_rollback("plan-2", 2, "mei")
    assert set(states().values()) == {"done", "approved"}


def test_a_plan_of_which_nothing_left_is_open_again(plan, owner):
    services.plan_approve("plan-2", "mei")
    page = owner.get("/decide/plan/plan-2/versions/?back=1").content.decode()
    assert 'id="going-back"' in page
    answer = owner.post("/decide/plan/plan-2/rollback/", {"to": "1"})
    assert answer.url == "/decide/plan/plan-2/"
    plan.refresh_from_db()
    assert (plan.state, plan.approved_at, plan.version) == ("proposed", None, 3)
    services.plan_approve("plan-2", "mei")
    assert Plan.objects.get(uid="plan-2").state == "approved"
    assert owner.post("/decide/plan/plan-2/rollback/", {"to": "99"}).url == "/decide/plan/plan-2/versions/"
    Plan.objects.filter(uid="plan-2").update(state="measured")
    with pytest.raises(services.PlanProblem, match="measured"):
        plan_rollback("plan-2", 1, "mei")


def test_the_pages_of_versions_and_comparisons(plan, owner, django_assert_max_num_queries):
    services.rows_decide("plan-2", "care", "decline", "mei")
    row = PlanRow.objects.filter(plan=plan, kind="budget").first()
    services.row_decline(row.pk, "mei")
    owner.cookies["regulars_language"] = "en"
    page = owner.get("/decide/plan/plan-2/versions/").content.decode()
    assert "Care before they leave declined: 4." in page
    assert "Made by the turn." in page
    with django_assert_max_num_queries(12):
        page = owner.get("/decide/plan/plan-2/compare/?from=1").content.decode()
    assert "Version 1 and version 3" in page
    assert "is no longer done" in page
    assert "4 people are no longer written to." in page
    assert "0 more, 4 less, 0 otherwise" in page
    page = owner.get("/decide/plan/plan-2/compare/?with=plan-1").content.decode()
    assert "comes in" in page
    assert "Both would do the same" in owner.get("/decide/plan/plan-2/compare/?from=3").content.decode()
    assert owner.get("/decide/plan/plan-2/compare/?with=nothing").status_code == 404


def test_nothing_of_a_version_names_a_person(plan):
    """A person who is erased takes the rows along; no version may still hold the key."""
    who = PlanRow.objects.filter(plan=plan, kind="next_best").first().person
    call = PlanRow.objects.create(id=f"plan-2#s#{who.pk}", plan=plan, kind="schedule", person=who, subject="call")
    services.row_approve(call.pk, "mei")
    assert not any(who.pk in str(v.body) + str(v.detail) for v in PlanVersion.objects.all())
    plan_rollback("plan-2", 1, "mei")
    call.refresh_from_db()
    assert call.state == "proposed"


def test_every_code_of_a_comparison_has_words():
    codes = [f"plan_{w}" for w in get_args(What)] + [f"plan_people_{w}" for w in ("joined", "left", "switched")]
    assert [c for c in [*codes, "plan_value", "plan_same"] if c not in WORDS] == []


def test_the_memo_prints_in_both_languages(plan, owner):
    for language, word in (("en", "What changes and why"), ("zh-hans", "plan-memo")):
        owner.cookies["regulars_language"] = language
        assert word in owner.get("/decide/plan/plan-2/memo/").content.decode()
