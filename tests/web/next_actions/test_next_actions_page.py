"""The page of next best actions: what it says in both languages, its rules, its list, what it costs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.web.bridge.deciding import deciding_tables
from regulars.web.findings.models import Finding
from regulars.web.next_actions.models import ContactRule
from regulars.web.plans.models import PlanRow

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
ADDRESS = "/decide/people/"


def policy(name, share, value, limits=()):
    return {"name": name, "share": share, "value": value, "low": value - 90_000, "high": value + 90_000,
            "effective": 900.0, "limits": list(limits)}  # fmt: skip


def lot_line(name, value, limits=()):
    three = [value, value - 70_000, value + 70_000]
    return {"name": name, "ips": three, "snips": three, "dr": three, "effective": 300.0, "tried": 120,
            "limits": list(limits)}  # fmt: skip


def body(plan):
    gap = {"value": 40_000.0, "low": 9_000.0, "high": 70_000.0, "limits": []}
    return {
        "plan": plan, "people": 900, "chosen": 410, "value": 920_000.0, "low": 100_000.0, "high": 1_700_000.0,
        "gap": 3e-7, "explored": 9, "share": 0.02, "costs": [["email", 5.0], ["phone", 1500.0]],
        "made_by": "next_best/2",
        "groups": [{"action": "win_back", "channel": "email", "people": 400, "value": 800_000.0, "low": 90_000.0,
                    "high": 1_500_000.0, "basis": "measured_uplift=0.004"},
                   {"action": "care", "channel": "phone", "people": 10, "value": 120_000.0, "low": 10_000.0,
                    "high": 200_000.0, "basis": "prior_uplift=0.02"}],
        "left": [["nothing_better", 300], ["no_consent", 150], ["harm", 30], ["cap", 10]],
        "unreached": [["phone", 222]],
        "limits": [{"code": "quota:phone", "most": 10.0, "used": 10.0, "more": 7_700.0, "less": 7_900.0},
                   {"code": "least:segment:loyal", "most": 30.0, "used": 30.0, "more": -450.0, "less": -450.0},
                   {"code": "least:channel:phone", "most": 10.0, "used": 10.0, "more": None, "less": -9.0,
                    "tight": True},
                   {"code": "contact_budget", "most": 50_000.0, "used": 17_000.0, "more": None, "less": None}],
        "sample": [], "unmet": ["action:care|quota:phone", "segment:lost"],
        "lot": {"people": 640, "drawn": 190, "held": 120, "days": 28, "code": "best_pays", "over": gap,
                "policies": [lot_line("nothing", 8e6), lot_line("best", 9e6),
                             lot_line("other", 7e6, ["too_little_overlap"])]},
        "policies": {"people": 1_268, "held": 252, "days": 28, "code": "better", "over_response": gap, "over_done": gap,
                     "policies": [policy("nothing", 0.0, 9e6), policy("as_done", 0.8, 9.4e6),
                                  policy("response", 0.4, 9.3e6, ["too_little_overlap"]),
                                  policy("next_best", 0.4, 9.5e6)]},
    }  # fmt: skip


def get(client, address=ADDRESS, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def told(company):
    row = PlanRow.objects.filter(kind="next_best").order_by("-value").first()
    row.why = (
        "prior_uplift=0.01;stake=90000;cost=5;alternative=care@phone;alternative_value=61200;propensity=0.99;explored"
        ";due=2026-03-06T02:00:00+00:00;own_hour"
    )
    row.save()
    Finding.objects.create(topic="next_actions", made_at=NOW, body=body(row.plan_id))
    return row


def test_the_page_says_who_who_not_and_why_in_both_languages(owner, told):
    zh, en = get(owner), get(owner, language="en")
    for text in ("该联系谁", "不做更好", "电话", "再多一个能赚", "最可能买的人", "222", "10 / 10"):
        assert text in zh
    for text in ("Who should hear from us?", "Nothing is better", "One more earns", "leaves out 0", "does not bind",
                 "Too few people were treated like that", "whom something suits have not agreed"):  # fmt: skip
        assert text in en


def test_the_list_shows_the_next_best_and_leaves_as_a_file(owner, told):
    en = get(owner, language="en")
    assert "Care before they leave · Phone" in en
    assert "612" in en
    lot = get(owner, f"{ADDRESS}?lot=1", "en")
    assert told.person.name in lot
    owner.cookies["regulars_language"] = "en"
    file = b"".join(owner.get(f"{ADDRESS}?csv&cols=name&cols=next&cols=why").streaming_content).decode()
    assert told.person.name in file
    assert "Drawn by lot" in file


def test_the_hour_of_each_action_is_shown_and_leaves_with_the_file(owner, told):
    en = get(owner, language="en")
    assert "2026-03-06 " in en
    owner.cookies["regulars_language"] = "en"
    file = b"".join(owner.get(f"{ADDRESS}?csv&cols=name&cols=due&cols=why").streaming_content).decode()
    assert "2026-03-06 " in file
    assert "own habit" in file


def test_calls_are_said_to_be_assumed_and_what_the_lot_tells_is_shown_or_too_little(owner, told):
    en = get(owner, language="en")
    assert en.count(">assumed<") == 1
    assert "Nobody has measured yet what a call changes" in en
    assert "Always doing the best action earns more" in en
    assert "Doubly robust (DR)" in en
    assert en.count("too little to say") == 1
    assert "假定" in get(owner)
    found = Finding.objects.get(topic="next_actions")
    found.body["lot"] |= {"code": "too_few", "policies": [], "over": None}
    found.save()
    assert "Too few people were moved by lot" in get(owner, language="en")


def test_minimums_are_kept_priced_and_those_that_cannot_hold_are_said(owner, told):
    en = get(owner, language="en")
    for text in ("At least: Loyal", "no more can be had", "Care before they leave: cannot hold together with Phone.",
                 "Lost: there are not so many people"):  # fmt: skip
        assert text in en
    for name, kept in (("care", "action:care"), ("channel:phone", "channel:phone"), ("segment:loyal", "segment:loyal")):
        assert owner.post(f"{ADDRESS}rules/", {"kind": "least", "name": name, "amount": "30"}).status_code == 302
        assert ContactRule.objects.get(kind="least", name=kept).amount == 30
    rows = {r["name"] for r in deciding_tables()["contact_rules"].to_pylist() if r["kind"] == "least"}
    assert rows == {"action:care", "channel:phone", "segment:loyal"}
    assert "Loyal" in get(owner, language="en")


def test_rules_are_kept_reach_the_turn_and_can_be_taken_back(owner, told):
    for kind, name, amount in (("action", "win_back", "25"), ("explore", "", "5"), ("cost", "", "12.5")):
        said = owner.post(f"{ADDRESS}rules/", {"kind": kind, "name": name, "amount": amount})
        assert said.status_code == 302
    kept = {(r["kind"], r["name"]): r["amount"] for r in deciding_tables()["contact_rules"].to_pylist()}
    assert kept == {("action", "win_back"): 25.0, ("explore", None): 0.05, ("cost", "phone"): 1_250.0}
    assert "5.0%" in get(owner, language="en")
    row = ContactRule.objects.get(kind="action")
    assert owner.post(f"{ADDRESS}rules/remove/", {"rule": row.pk}).status_code == 302
    assert not ContactRule.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("said", "words"),
    [({"kind": "total", "amount": "many"}, "Write a number."), ({"kind": "action", "amount": "3"}, "Choose the action"),
     ({"kind": "least", "name": "moon", "amount": "3"}, "Choose the action, the channel"),
     ({"kind": "explore", "amount": "80"}, "At most half"), ({"kind": "total", "amount": "-1"}, "0 or more"),
     ({"kind": "magic", "amount": "1"}, "Choose what to limit"), ({"kind": "total", "amount": "nan"}, "0 or more")],
)  # fmt: skip
def test_what_cannot_be_kept_is_said(owner, told, said, words):
    owner.cookies["regulars_language"] = "en"
    answer = owner.post(f"{ADDRESS}rules/", said)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not ContactRule.objects.exists()


def test_an_empty_company_is_told_what_will_stand_here(owner, company):
    assert "该联系谁" in get(owner)
    assert "Import a file" in get(owner, language="en")


def test_the_page_asks_the_book_a_few_times(owner, told, django_assert_max_num_queries):
    get(owner)
    with django_assert_max_num_queries(13):
        get(owner)
