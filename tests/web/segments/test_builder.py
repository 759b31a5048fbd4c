"""The segment builder: count while you type, save, change, delete and undo, and members that follow what happens."""

from __future__ import annotations

import json
from datetime import timedelta

import pyarrow as pa
import pytest
from django.utils import timezone, translation

from regulars import tables
from regulars.understand.segment_facts import ATTRIBUTES, FACTS, SCORES
from regulars.understand.segment_parser import PROBLEMS, RuleProblem, parse
from regulars.understand.segment_rules import to_json
from regulars.web.bridge import segment_news, segment_rules
from regulars.web.bridge.lake import lake
from regulars.web.intake.services import inbox_accept
from regulars.web.people.models import Person
from regulars.web.segments import services
from regulars.web.segments.models import SegmentDefinition, SegmentMember
from regulars.web.segments.sentences import problem_text, sentence
from regulars.web.segments.vocabulary import title, vocabulary

BUILDER = "/understand/segments/builder/"
BERLIN = {"all": [{"person": "city", "op": "is", "value": "Berlin"}]}
RICH = {"all": [{"score": "clv", "op": "more_than", "value": 100_000}, {"not": BERLIN}]}
VISITED = {"fact": "touches", "where": {"kind": "visit"}, "op": "at_least", "value": 1, "window": {"days": 30}}


@pytest.fixture(autouse=True)
def in_english(client):
    client.cookies["regulars_language"] = "en"
    segment_rules.people_lately.cache_clear()


def saved(name="Berlin", rule=None):
    uid = services.definition_save(None, name, rule or BERLIN, "owner")
    segment_rules.definition_renew(uid, timezone.now())
    return uid


def members(uid):
    return set(SegmentMember.objects.filter(definition=uid).values_list("person_id", flat=True))


def those(**known):
    return set(Person.objects.filter(**known).values_list("key", flat=True))


def visit(customer, number=1, days_ago=0):
    at = timezone.now() - timedelta(days=days_ago)
    return {"id": f"v{number}", "customer": customer, "at": at, "day": at.date(), "kind": "visit"}


# --- the page --------------------------------------------------------------------------


def test_the_count_says_how_many_what_they_are_worth_and_who(owner, company):
    page = owner.post(f"{BUILDER}count/", {"rule": json.dumps(RICH)}).content.decode()
    wanted = those(score__clv__gt=100_000, city="上海")
    assert f"{len(wanted)} <span" in page
    assert "李梅" in page
    assert "Customer value is more than ¥1,000" in page
    assert "not (City is Berlin)" in page


def test_a_rule_is_kept_under_a_name_changed_and_its_people_listed(owner, company):
    answer = owner.post(BUILDER, {"name": " Berliners ", "rule": json.dumps(BERLIN)})
    kept = SegmentDefinition.objects.get()
    assert answer["Location"] == f"/understand/segments/own/{kept.uid}/"
    assert kept.name == "Berliners"
    assert members(kept.uid) == those(city="Berlin")
    page = owner.get(answer["Location"]).content.decode()
    assert "City is Berlin" in page
    shown = {k for k in those() if f"/people/{k}/" in page}
    assert shown == those(city="Berlin")
    page = owner.get("/understand/segments/?by=own").content.decode()
    assert "Berliners" in page
    owner.post(f"{BUILDER}{kept.uid}/", {"name": "The rich", "rule": json.dumps(RICH)})
    assert SegmentDefinition.objects.get().name == "The rich"
    assert members(kept.uid) == those(score__clv__gt=100_000, city="上海")


def test_a_deleted_segment_can_be_brought_back(owner, company):
    uid = saved()
    answer = owner.post(f"/understand/segments/own/{uid}/delete/")
    assert "Undo" in owner.get(answer["Location"]).content.decode()
    assert owner.get(f"/understand/segments/own/{uid}/").status_code == 404
    assert owner.get(f"{BUILDER}{uid}/").status_code == 404
    owner.post(f"/understand/segments/own/{uid}/restore/")
    assert members(uid) == those(city="Berlin")
    assert owner.get(f"/understand/segments/own/{uid}/").status_code == 200


def test_own_segments_narrow_the_list_of_people_and_download(owner, company):
    uid = saved()
    page = owner.get(f"/understand/people/?own={uid}").content.decode()
    assert {k for k in those() if f"/people/{k}/" in page} <= those(city="Berlin")
    lines = b"".join(owner.get(f"/understand/segments/own/{uid}/?csv=1").streaming_content).decode().splitlines()
    assert len(lines) == 1 + len(those(city="Berlin"))


def test_hand_crafted_rules_get_a_clear_answer(owner, company):
    for given, words in (
        ("nonsense", "this is not a rule"), ("[" * 5000, "this is not a rule"), ("[]", "this is not a rule"),
        ('{"fact": "orders; DROP TABLE x", "op": "is", "value": 1}', "there is no fact"),
        ('{"score": "clv", "op": "more_than", "value": "many"}', "a number is missing"),
        ('{"all": []}', "at least one condition"),
    ):  # fmt: skip
        assert words in owner.post(f"{BUILDER}count/", {"rule": given}).content.decode()
        answer = owner.post(BUILDER, {"name": "x", "rule": given})
        assert answer.status_code == 400
        assert words in answer.content.decode()
    answer = owner.post(BUILDER, {"name": "  ", "rule": json.dumps(BERLIN)})
    assert "Give the segment a name" in answer.content.decode()
    assert not SegmentDefinition.objects.exists()
    assert owner.get(f"{BUILDER}count/").status_code == 405
    assert owner.post(f"{BUILDER}nobody/", {"name": "x", "rule": "{}"}).status_code == 404


def test_values_to_choose_from(owner, company):
    def asked(of):
        return [v for v, _word in owner.get(f"{BUILDER}values/", {"of": of}).json()["values"]]

    Person.objects.filter(city="Berlin").update(tags=["vip"], fields={"size": "10"})
    lake().append("touches", facts("touches", [visit("p00000000001") | {"campaign": "spring"}]), "t", 1)
    assert asked("person.city") == ["Berlin", "上海"]
    assert asked("person.tags") == ["vip"]
    assert asked("person.fields.size") == ["10"]
    assert asked("touches.campaign") == ["spring"]
    assert asked("person.note") == asked("orders.customer") == asked("x") == []


def test_nobody_reads_without_logging_in(client, db, home):
    for address in (BUILDER, f"{BUILDER}count/", f"{BUILDER}values/", "/understand/segments/of/p1/"):
        assert client.get(address)["Location"].startswith("/login/")


def test_an_empty_home_says_how_to_begin(owner, home):
    page = owner.get("/understand/segments/?by=own").content.decode()
    assert BUILDER in page
    answer = owner.post(f"{BUILDER}count/", {"rule": json.dumps({"not": VISITED})})
    assert "Nobody fits" in answer.content.decode()


def test_the_pages_cost_a_fixed_number_of_queries(owner, company, django_assert_max_num_queries):
    uid = saved()
    for address, most in ((BUILDER, 9), ("/understand/segments/?by=own", 9), (f"/understand/segments/own/{uid}/", 18)):
        owner.get(address)
        with django_assert_max_num_queries(most):
            owner.get(address)


# --- members follow ----------------------------------------------------------------------


def facts(table, rows):
    rest = {"source": "t", "revision": 0, "recorded_at": timezone.now()}
    return pa.Table.from_pylist([{**rest, **r} for r in rows], schema=tables.TABLES[table].schema)


def test_a_visit_in_the_inbox_counts_for_its_person_at_once(owner, company):
    uid = saved("Visited", VISITED)
    assert members(uid) == set()
    page = "/understand/segments/of/p00000000003/"
    assert owner.get(page).content == b""
    inbox_accept("touches", "site", [visit("p00000000003")])
    assert "Visited" in owner.get(page).content.decode()
    assert members(uid) == {"p00000000003"}
    assert owner.get("/understand/segments/of/p00000000004/").content == b""


def test_a_fact_that_is_in_lake_and_inbox_counts_once(owner, company):
    uid = saved("Twice", {**VISITED, "value": 2})
    inbox_accept("touches", "site", [visit("p00000000003", 7)])
    lake().append("touches", facts("touches", [visit("p00000000003", 7) | {"source": "site"}]), "t", 1)
    assert segment_news.segments_of("p00000000003", timezone.now()) == []
    inbox_accept("touches", "site", [visit("p00000000003", 8)])
    assert segment_news.segments_of("p00000000003", timezone.now()) == [(uid, "Twice")]


def test_news_between_two_turns_reach_the_members_in_one_go(company, django_assert_max_num_queries):
    uid, quiet = saved("Visited", VISITED), saved("Quiet", {"not": VISITED})
    assert segment_news.news_renew(timezone.now()) == 0
    lake().append("touches", facts("touches", [visit("p00000000005", 5) | {"source": "site"}]), "t", 1)
    inbox_accept(
        "touches", "site", [visit(f"p{i:011d}", i) for i in (3, 4, 5)] + [visit(None, 9), visit("stranger", 8)]
    )
    with django_assert_max_num_queries(30):
        assert segment_news.news_renew(timezone.now()) == 4
    wanted = {f"p{i:011d}" for i in (3, 4, 5)}
    assert members(uid) == wanted
    assert members(quiet) == those() - wanted
    assert SegmentDefinition.objects.get(uid=uid).size == 3
    late = services.definition_save(None, "Late", VISITED, "owner")
    segment_news.definition_find(late, timezone.now())
    assert members(late) == wanted


def test_every_turn_looks_again_because_windows_move(company):
    uid = saved("Visited", VISITED)
    lake().append("touches", facts("touches", [visit("p00000000003", 1, days_ago=20)]), "t", 1)
    now = timezone.now()
    segment_rules.definitions_renew(now)
    assert members(uid) == {"p00000000003"}
    segment_rules.definitions_renew(now + timedelta(days=11))
    assert members(uid) == set()


def test_a_rule_nobody_can_read_any_more_says_so_and_keeps_its_people(owner, company):
    uid = saved()
    SegmentDefinition.objects.filter(uid=uid).update(rule={"person": "shoe_size", "op": "is", "value": "9"})
    segment_rules.definitions_renew(timezone.now())
    assert members(uid) == those(city="Berlin")
    assert "cannot be used any more" in owner.get(f"/understand/segments/own/{uid}/").content.decode()
    assert owner.get("/understand/segments/?by=own").status_code == 200


def test_what_was_deleted_a_month_ago_is_gone(company):
    uid = saved()
    services.definition_delete(uid, "owner")
    segment_rules.definitions_renew(timezone.now() + timedelta(days=31))
    assert not SegmentDefinition.objects.exists()
    assert not SegmentMember.objects.exists()


# --- words -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everything_that_can_be_asked_has_words_and_makes_a_rule(language, settings, home):
    with translation.override(language):
        said = vocabulary(["size"])
        assert {f["id"] for f in said["fields"]} == {
            *(f"person.{a}" for a in ATTRIBUTES), "person.fields.size", *(f"score.{s}" for s in SCORES),
            *(f"{name}.{m}" for name, fact in FACTS.items() for m in fact.measures),
        }  # fmt: skip
        titles = [title(f["id"]) for f in said["fields"]]
        assert all(titles)
        assert len(set(titles)) == len(titles)
        rule = parse({"any": [{"all": [VISITED, {"score": "churn", "op": "between", "value": [0.25, 0.5]}]},
                              {"fact": "orders", "measure": "sum", "op": "more_than", "value": 200_000}]})  # fmt: skip
        text = sentence(rule)
    assert text == {
        "en": "(Number of visits and contacts (Kind: Visit) in the last 30 days is at least 1 and Risk of leaving "
              "is between 25% and 50%) or Total: money from orders is more than ¥2,000",
        "zh-hans": "（最近 30 天内来访或接触次数（类型：来访）不少于 1，且流失风险介于 25% 和 50% 之间）"
                   "，或订单金额合计大于 ¥2,000",
    }[language]  # fmt: skip
    assert parse(to_json(rule)) == rule


def test_every_problem_of_a_rule_has_words():
    for language, start in (("en", "Condition 1.2: "), ("zh-hans", "第 1.2 个条件：")):
        with translation.override(language):
            for code in PROBLEMS:
                assert problem_text(RuleProblem("all[0].any[1].value[0]", code, "kind")).startswith(start)


def test_every_attribute_and_score_can_be_asked_of_the_book(company):
    Person.objects.filter(city="Berlin").update(tags=["vip"], fields={"size": "10"})
    asked = {
        "tags": ("has", "vip", those(city="Berlin")), "fields.size": ("at_least", 9, those(city="Berlin")),
        "stage": ("is", "lead", those(stage="lead")), "company": ("is", "海风贸易", those(company__name="海风贸易")),
        "created": ("at_least", 0, those()), "region": ("unknown", None, those()), "source": ("is", "shop", those()),
        "email_ok": ("is", True, those(consents__channel="email", consents__state="granted")),
    }  # fmt: skip
    for name in (*ATTRIBUTES, "fields.size"):
        op, value, wanted = asked.get(name, ("known", None, None))
        given = {"person": name, "op": op} | ({} if value is None else {"value": value})
        size, everybody, _worth, _best = segment_rules.preview(parse(given), timezone.now())
        assert everybody == len(those())
        assert wanted is None or size == len(wanted), name
    assert segment_rules.people_columns(["email_ok"], ["p00000000001"]).column("email_ok").to_pylist() == [True]
    for name, kind in SCORES.items():
        given = {"score": name, "op": "known"} if kind == "text" else {"score": name, "op": "at_least", "value": 0}
        size = segment_rules.preview(parse(given), timezone.now())[0]
        assert size <= len(those(score__isnull=False))
