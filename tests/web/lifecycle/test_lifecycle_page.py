"""The lifecycle: its page in both languages, the strategy map and where it is used."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars.tables import ACTIVITY_STATES
from regulars.understand.strategy import DEFAULTS, GOALS
from regulars.web.audit.models import Entry
from regulars.web.findings.models import Finding
from regulars.web.lifecycle import queries, services, words
from regulars.web.lifecycle.models import Strategy
from regulars.web.people.models import PersonScore
from regulars.web.words.labels import LABELS

PAGE = "/understand/lifecycle/"
NOW = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)


def get(client, address=PAGE, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


def state(key, size):
    return {
        "key": key, "size": size, "share": size / 60, "worth": 123_400.0 * size, "stay": 2.0, "stay_low": 2.0,
        "stay_high": 3.0, "stays_seen": 40, "to_lost": None if key == "lost" else 11.0, "to_lost_low": 10.0,
        "to_lost_high": 12.0,
    }  # fmt: skip


def move(before, after, count, expected):
    return {"before": before, "after": after, "count": count, "chance": 0.13, "low": 0.1, "high": 0.15,
            "expected": expected, "expected_low": expected - 1, "expected_high": expected + 1}  # fmt: skip


def body(customer):
    return {
        "method": "model", "uses": "logit", "limits": [], "customers": 60, "made_by": "lifecycle/1",
        "states": [state(key, 10) for key in ACTIVITY_STATES],
        "months": ["2026-01-31", "2026-02-28"], "sizes": [[9, 9, 9, 9, 9, 9], [10, 10, 10, 10, 10, 10]],
        "flows": [[1, "", "new", 7], [1, "new", "active", 8], [1, "active", "at_risk", 9]],
        "moves": [move("active", "at_risk", 400, 41.0), move("active", "active", 90, 5.0),
                  move("lost", "active", 1, 0.1)],
        "watched": [{"customer": customer, "state": "loyal", "after": "at_risk", "slip": 0.83, "worth": 990_000.0}],
        "stages": [["lead", 30], ["customer", 60]],
        "conversion": [{"days": 30, "share": 0.18, "low": 0.15, "high": 0.21}],
        "test": {"rows": 800.0, "months": 2.0, "logit": 0.31, "matrix": 0.6, "gain": 0.29, "low": 0.2, "high": 0.3,
                 "calibration_error": 0.004},
    }  # fmt: skip


@pytest.fixture
def found(company):
    key = PersonScore.objects.order_by("person_id").first().person_id
    Finding.objects.create(topic="lifecycle", body=body(key), made_at=NOW)
    return key


def test_the_page_says_who_moves_and_what_to_do(owner, found):
    page = get(owner)
    for text in ("最先需要你的人", "83%", "13%", "41", "30 天内", "18.0%", "先问缺了什么"):
        assert text in page
    page = get(owner, language="en")
    for text in ("Who needs you first", "Ask what is missing", "11 mo.", "within 30 days", "400 times counted"):
        assert text in page
    assert "Lost → Active" not in page


def test_a_span_nobody_was_counted_over_is_not_offered(owner, found):
    assert 'href="?span=6"' not in get(owner, PAGE + "?span=6")
    assert owner.get(PAGE + "?span=abc").status_code == 200


def test_before_the_first_turn_the_page_says_how_to_begin(owner, home):
    assert "导入文件" in get(owner)


def test_an_owner_changes_a_rule_and_takes_it_back(owner, found):
    address = PAGE + "strategy/activity/at_risk/"
    owner.cookies["regulars_language"] = "en"
    sent = {"goal": "leave", "advice": "Call them on Fridays", "by_hand_from": "2,000.50"}
    page = owner.post(address, sent, headers={"HX-Request": "true"}).content.decode()
    assert "Call them on Fridays" in page
    kept = queries.strategy_of("activity", "at_risk")
    assert (kept.goal, kept.by_hand_from, kept.own) == ("leave", 200_050, True)
    assert kept.by_hand(200_050)
    assert not kept.by_hand(None)
    assert "Call them on Fridays" in get(owner)
    assert owner.post(address, {"verb": "reset"}).status_code == 302
    assert not queries.strategy_of("activity", "at_risk").own
    actions = list(Entry.objects.order_by("id").values_list("action", "subject"))[-2:]
    assert actions == [("strategy_save", "activity:at_risk"), ("strategy_reset", "activity:at_risk")]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"goal": "shout"}, "目标"),
        ({"goal": "care", "by_hand_from": "viel"}, "数字"),
        ({"goal": "care", "by_hand_from": "inf"}, "数字"),
        ({"goal": "care", "by_hand_from": "-1"}, "零"),
        ({"goal": "care", "advice": "x" * 2001}, "2000"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_what_was_typed_stays(owner, found, sent, says):
    owner.cookies["regulars_language"] = "zh-hans"
    page = owner.post(PAGE + "strategy/activity/lost/", sent, headers={"HX-Request": "true"}).content.decode()
    assert says in page
    assert sent.get("advice", "") in page
    assert not Strategy.objects.exists()
    assert owner.post(PAGE + "strategy/activity/gone/", sent).status_code == 404


def test_the_programs_own_words_are_not_copied(company):
    services.strategy_save("activity", "new", "care", words.advice_of("activity", "new"), None, "owner")
    assert Strategy.objects.get().advice == ""


def test_a_person_and_a_segment_show_what_to_do(owner, company):
    score = PersonScore.objects.exclude(activity="").order_by("person_id").first()
    score.more = {"slip": {"value": 0.42}, "next_state": {"value": 0.6, "label": "dormant"}}
    score.why = {**score.why, "slip": "activity=at_risk;chance_left=0.55;outlasted=0.91;own_rhythm=21;usual_gap=30"}
    score.clv = 900_000
    score.save()
    services.strategy_save("activity", score.activity, "care", "Bring tea", 100_000, "owner")
    page = get(owner, f"/understand/people/{score.person_id}/", "en")
    for text in ("Bring tea", "See to it in person.", "42%", "Dormant (60%)", "longer than 91%"):
        assert text in page
    services.strategy_save("segment", "champions", "referral", "Write a card", None, "owner")
    page = get(owner, "/understand/segments/rules/champions/", "en")
    assert "Write a card" in page


def test_web_and_library_hold_the_same_map():
    assert {rule.state: rule.goal for rule in DEFAULTS} == words.GOALS["activity"]
    assert set(LABELS["goal"]) == set(GOALS)
    assert set(words.GOALS["activity"]) == set(ACTIVITY_STATES) == set(words.ADVICE)
    assert {goal for kind in words.GOALS.values() for goal in kind.values()} <= set(GOALS)
    assert all(words.advice_of(kind, key) for kind, keys in words.GOALS.items() for key in keys)


def test_the_page_costs_a_fixed_number_of_queries(owner, found, django_assert_max_num_queries):
    get(owner)
    # session, user; finding, map, people watched; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(11):
        get(owner)


def test_nobody_reads_or_writes_without_logging_in(client, db, home):
    assert client.get(PAGE)["Location"].startswith("/login/")
    assert client.post(PAGE + "strategy/activity/lost/")["Location"].startswith("/login/")
