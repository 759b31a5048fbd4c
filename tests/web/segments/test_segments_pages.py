"""Segments: in words and figures, with the people in them."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from regulars.understand.segments import SEGMENTS
from regulars.web.people.models import PersonScore
from regulars.web.segments import figures, words
from regulars.web.segments.models import Segment

FEATURES = [
    {"name": "orders", "mean": 9.4, "everybody": 3.1, "difference": 1.7},
    {"name": "days_since_last", "mean": 12.0, "everybody": 90.0, "difference": -0.9},
    {"name": "spent", "mean": 520_000.0, "everybody": 500_000.0, "difference": 0.05},
]


def get(client, address="/understand/segments/", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def segments(company):
    Segment.objects.filter(key="champions").update(profile={"features": FEATURES, "limits": []})
    one = Segment.objects.get(key="champions")
    Segment.objects.create(
        method="clusters", key="k0", size=40, share=0.4, worth=1_000_000, spent=2, made_by="kmeans/1",
        made_at=one.made_at, profile={"features": FEATURES, "limits": ["groups_not_stable"]},
    )  # fmt: skip
    PersonScore.objects.filter(segment="promising").update(cluster="k0")
    return one


def test_the_list_says_size_worth_and_what_sets_apart(owner, segments):
    page = get(owner)
    assert "灯塔客户" in page
    assert "买得更勤（人均 9.4 单，全体 3.1 单）" in page
    assert "的客户贡献了一半的预期价值" in page
    page = get(owner, language="en")
    assert "order more often (9.4 each, all 3.1)" in page
    assert "bought more recently (12 days ago, all 90)" in page


def test_a_small_difference_sets_nobody_apart(segments):
    row = {"profile": {"features": FEATURES[2:]}}
    with translation.override("en"):
        assert words.apart(row) == ["Much like everybody else."]
        assert words.apart({"profile": {}}) == []


def test_one_segment_shows_its_people_only(owner, segments):
    page = get(owner, "/understand/segments/rules/champions/")
    assert "李梅" in page
    assert "亲自致谢" in page
    assert "?segment=champions" in page
    keys = set(PersonScore.objects.filter(segment="champions").values_list("person_id", flat=True))
    shown = {k for k in PersonScore.objects.values_list("person_id", flat=True) if f"/people/{k}/" in page}
    assert shown == keys


def test_groups_by_behaviour_warn_when_they_do_not_hold(owner, segments):
    page = get(owner, "/understand/segments/?by=clusters", "en")
    assert "Group 1" in page
    assert "These groups change with the sample" in page
    keys = set(PersonScore.objects.filter(cluster="k0").values_list("person_id", flat=True))
    page = get(owner, "/understand/segments/clusters/k0/")
    assert {k for k in PersonScore.objects.values_list("person_id", flat=True) if f"/people/{k}/" in page} == keys


def test_every_rule_segment_has_advice_in_both_languages():
    assert set(words.STRATEGIES) == set(SEGMENTS)
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said[language] = {k: str(v) for k, v in words.STRATEGIES.items()}
    assert all(said["en"][k] != said["zh-hans"][k] for k in SEGMENTS)


@given(st.lists(st.integers(-10_000, 10_000_000), max_size=200))
def test_the_share_that_holds_half_against_counting(values):
    values = sorted(values, reverse=True)
    found = figures.spread(values)
    total = sum(max(v, 0) for v in values)
    if total == 0:
        assert found is None
        return
    n = round(found.half * len(values))
    assert sum(max(v, 0) for v in values[:n]) * 2 >= total
    assert sum(max(v, 0) for v in values[: n - 1]) * 2 < total
    held = [h for _share, h in found.points]
    assert held == sorted(held)
    assert held[-1] == 1.0


def test_the_pages_cost_a_fixed_number_of_queries(owner, segments, django_assert_max_num_queries):
    get(owner)
    # session, user; segments; frame: job, turn, plan, its sums, imports (the spread is kept until the next turn)
    with django_assert_max_num_queries(9):
        get(owner)
    # beside them people with a value, people without, one step of the index a channel for the filter, what to do,
    # and the persona
    with django_assert_max_num_queries(18):
        get(owner, "/understand/segments/rules/champions/")


def test_unknown_segments_and_methods_are_missing(owner, segments):
    for address in ("rules/nothing/", "magic/champions/"):
        assert owner.get(f"/understand/segments/{address}").status_code == 404
    assert "灯塔客户" in get(owner, "/understand/segments/?by=magic")


def test_nobody_reads_without_logging_in(client, db, home):
    for address in ("/understand/segments/", "/understand/segments/rules/champions/"):
        assert client.get(address)["Location"].startswith("/login/")


def test_an_empty_home_says_how_to_begin(owner, home):
    assert "导入文件" in get(owner)


def test_a_segment_is_shown_as_a_person(owner, segments):
    from regulars.web.findings.models import Finding

    who = PersonScore.objects.order_by("person_id").first().person_id
    lift = {"attribute": "channel", "value": "social", "count": 30, "share": 0.5, "everybody": 0.2, "lift": 2.5,
            "low": 2.0, "high": 3.0}  # fmt: skip
    one = {
        "key": "champions", "lifts": [lift, lift | {"attribute": "market", "value": "CN", "lift": 0.5}],
        "channels": [["social", 0.5]], "states": [["loyal", 0.9]],
        "products": [{"product": "T-1", "share": 0.4, "everybody": 0.1, "lift": 4.0}],
        "voice": [{"kind": "csat", "marks": 31, "mean": 4.6, "low": 4.5, "high": 4.7, "everybody": 4.1}],
        "typical": who, "limits": ["few_people"],
    }  # fmt: skip
    body = {"personas": {"rules": [one], "clusters": [one | {"key": "k0"}]}, "titles": {"T-1": "Oolong"},
            "made_by": "personas/1"}  # fmt: skip
    Finding.objects.create(topic="personas", body=body, made_at=segments.made_at)
    page = get(owner, "/understand/segments/rules/champions/", "en")
    for text in ("came by Social more often: 50% (all 20%)", "fewer in the market China", "Oolong", "31 marks",
                 "Few people", f"/people/{who}/"):  # fmt: skip
        assert text in page
    page = get(owner, "/understand/segments/clusters/k0/")
    assert "更多来自" in page
    # A group found by behaviour takes the advice of the state most of them are in.
    assert "请他们带朋友来" in page
    assert "Oolong" not in get(owner, "/understand/segments/rules/new/")
