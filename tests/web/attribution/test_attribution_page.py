"""Who gets the credit: the page in both languages, what it counts out and warns of, and what it costs."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import resolve

from regulars.web.findings.models import Finding
from regulars.web.people.models import PersonScore

PAGE = "/measure/attribution/"


def get(client, language="zh-hans", query=""):
    client.cookies["regulars_language"] = language
    return client.get(PAGE + query).content.decode()


def credit(method, money, low, high):
    return {"method": method, "orders": money / 1_000, "money": money, "low": low, "high": high,
            "share": money / 1_000_000, "removal_effect": 0.5 if method == "markov" else None}  # fmt: skip


def body(**own):
    search = {
        "channel": "search", "spend": 200_000, "least": "last", "most": "first", "spread": 0.5, "clear": True,
        "pays": 1,
        "credits": [credit("first", 700_000, 650_000, 750_000), credit("last", 200_000, 150_000, 250_000),
                    credit("markov", 500_000, 450_000, 560_000)],
    }  # fmt: skip
    mail = {
        "channel": "email", "spend": 0, "least": "first", "most": "last", "spread": 0.02, "clear": False, "pays": None,
        "credits": [credit("first", 300_000, 250_000, 350_000), credit("last", 800_000, 750_000, 850_000),
                    credit("markov", 500_000, 440_000, 550_000)],
    }  # fmt: skip
    return {
        "days": 365, "lookback_days": 90, "half_life_days": 7.0, "orders": 1_000, "money": 1_000_000, "lost": 321,
        "unknown": 600, "contacts": 1.7, "methods": ["first", "last", "markov"], "rows": [search, mail],
        "test": {"channel": "search", "spend_week": 12_300, "least": "last", "most": "first", "roas_low": 0.4,
                 "roas_high": 1.4, "flips": True},
        "paths": [{"path": ["search", "email"], "orders": 210, "money": 300_000, "lost": 12}],
        "lengths": [{"low": n, "high": n if n < 6 else None, "orders": 100 // n, "money": 100} for n in range(1, 7)],
        "waits": [{"low": 0, "high": 1, "orders": 50, "money": 10}, {"low": 1, "high": 3, "orders": 9, "money": 10}],
        "auc": None, "limits": ["few_contacts_known"], "made_by": "attribution/1",
    } | own  # fmt: skip


@pytest.fixture
def made_at(company):
    return PersonScore.objects.first().made_at


@pytest.fixture
def found(made_at):
    return Finding.objects.create(topic="attribution", body=body(), made_at=made_at)


def test_methods_stand_side_by_side_with_ranges_and_the_test_to_run(owner, found):
    page = get(owner, "en")
    for text in (
        "Who gets the credit?", "First contact", "Last contact", "Lost without it", "65.0–75.0", "1 of 3",
        "Credit is not cause: test Search ads", "Some methods say its profit covers",
        "It opens sales that others close", "For 600 of 1,000 orders no contact is known",
        "321 journeys ended without an order", "On one channel the methods differ by luck",
    ):  # fmt: skip
        assert text in page, text
    assert "Why?" in page
    assert "/measure/channels/" in page
    page = get(owner)
    for text in ("功劳归谁？", "缺它则失", "归功不等于因果"):
        assert text in page, text


def test_the_next_step_leads_to_experiments_as_soon_as_they_exist(owner, found):
    page = get(owner, "en")
    try:
        resolve("/measure/experiments/")
    except Exception:
        assert "What more spend would bring" in page
    else:
        assert "Plan this test" in page


def test_the_table_as_a_file_has_every_method_of_every_channel(owner, found):
    owner.cookies["regulars_language"] = "en"
    answer = owner.get(PAGE + "?csv=1")
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert len(rows) == 1 + 6
    assert rows[1][:2] == ["Search ads", "First contact"]
    assert float(rows[1][3]) == 7_000


@pytest.mark.parametrize(("most", "least", "words"), [
    ("first", "last", "opens sales"), ("last", "first", "closes sales"), ("markov", "first", "Many ways lead through"),
    ("last", "markov", "ways without other channels"), ("logistic", "linear", "at another rate"),
    ("linear", "shapley", "between the first and the last"),
])  # fmt: skip
def test_a_dispute_is_said_in_words(owner, made_at, most, least, words):
    money = {"first": 5, "last": 6, "markov": 7} | {most: 9, least: 3}
    row = body()["rows"][0] | {"most": most, "least": least,
                               "credits": [credit(m, v, v - 1, v + 1) for m, v in money.items()]}  # fmt: skip
    Finding.objects.create(topic="attribution", body=body(rows=[row], methods=list(money)), made_at=made_at)
    assert words in get(owner, "en")


def test_what_tests_proved_stands_beside_the_credit(owner, made_at):
    proof = {"channel": "search", "start": "2026-05-01", "end": "2026-05-28", "roas": 0.25, "low": 0.2, "high": 0.3,
             "least": 0.8, "most": 2.0, "closest": "first", "code": "credit_too_high"}  # fmt: skip
    Finding.objects.create(topic="attribution", body=body(proofs=[proof]), made_at=made_at)
    page = get(owner, "en")
    assert "What your tests proved" in page
    assert "0.25" in page
    assert "Every method credits more than the channel causes" in page
    assert "您的测试证明了什么" in get(owner)


def test_without_spend_there_is_no_test_to_name(owner, made_at):
    Finding.objects.create(topic="attribution", body=body(test=None), made_at=made_at)
    page = get(owner, "en")
    assert "Once spend per channel is in" in page
    assert "test Search ads" not in page


def test_the_empty_page_says_what_it_needs(owner, company):
    assert "Once orders are in and the wheel has turned" in get(owner, "en")
    assert "功劳归谁？" in get(owner)


def test_the_page_costs_a_fixed_number_of_queries(owner, found, django_assert_max_num_queries):
    get(owner)
    # session, user; finding; frame: job, turn, plan, its sums, imports, alarms
    with django_assert_max_num_queries(9):
        get(owner)


def test_credit_is_in_the_rail_and_linked_from_channels(owner, found):
    assert PAGE in owner.get("/understand/segments/").content.decode()
