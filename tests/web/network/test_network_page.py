"""Who brings whom: the page in both languages, names from the book only, and what it costs."""

from __future__ import annotations

import pytest

from regulars.web.findings.models import Finding
from regulars.web.people.models import Person, PersonScore

PAGE = "/understand/network/"


def get(client, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(PAGE).content.decode()


def body(first, second):
    bringer = {"customer": first, "brought": 2, "cascade": 3, "worth_direct": 90_000, "worth_cascade": 95_000,
               "credit": 123_400, "own": 50_000, "pagerank": 0.1}  # fmt: skip
    month = {"month": "2026-01", "joined": 50, "brought": 10, "value": 0.2, "low": 0.1, "high": 0.3, "complete": True}
    viral = {"value": 0.18, "low": 0.15, "high": 0.21, "horizon_days": 180.0, "cycle_days": 51.0, "customers": 400,
             "referrals": 60, "growth_year": 1.2}  # fmt: skip
    compared = {"brought": 0.1, "brought_low": 0.05, "brought_high": 0.2, "others": 0.18, "others_low": 0.1,
                "others_high": 0.25, "code": "cannot_tell"}  # fmt: skip
    return {
        "customers": 400, "referrals": 60, "share": 0.15, "families": 40, "largest": 4, "deepest": 2, "ignored": 1,
        "bringers": 45, "half_by": 7, "credit": 900_000, "viral": viral,
        "months": [month, month | {"month": "2026-02"}],
        "again": compared, "worth": compared | {"brought": 90_000.0, "code": "brought_more"},
        "top": [bringer, bringer | {"customer": "gone"}],
        "trees": [[{"customer": first, "referrer": None, "worth": 50_000},
                   {"customer": second, "referrer": first, "worth": 70_000},
                   {"customer": "gone", "referrer": first, "worth": 1}]],
        "asks": [{"customer": second, "expected": 0.5, "value": 43_200, "brought": 1}],
        "limits": ["few_referrals"], "made_by": "referral_network/1",
    }  # fmt: skip


@pytest.fixture
def found(company):
    keys = list(Person.objects.exclude(name="").values_list("pk", flat=True)[:2])
    Finding.objects.create(topic="network", body=body(*keys), made_at=PersonScore.objects.first().made_at)
    return keys


def test_bringers_have_their_names_and_links_and_the_erased_are_left_out(owner, found):
    page = get(owner)
    name = Person.objects.get(pk=found[0]).name
    assert name in page
    assert f"/understand/people/{found[0]}/" in page
    assert "谁带来最多" in page
    assert "目前推荐还少" in page
    assert "gone" not in page
    page = get(owner, "en")
    assert "erased" in page  # in the drawn family
    assert "15% of your customers were brought by another" in page
    assert "Word of mouth adds to what you win elsewhere" in page
    assert "cannot be told from luck" in page
    assert "are worth more than the others" in page
    assert "1,234" in page
    assert page.count("Why?") >= 4


def test_the_empty_page_says_what_it_needs(owner, company):
    assert "谁带来了谁" in get(owner)
    assert "Once touches name who brought a customer" in get(owner, "en")


def test_the_page_costs_a_fixed_number_of_queries(owner, found, django_assert_max_num_queries):
    get(owner)
    # session, user; finding, names; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(9):
        get(owner)


def test_word_of_mouth_is_in_the_rail(owner, company):
    assert PAGE in owner.get("/understand/segments/").content.decode()
