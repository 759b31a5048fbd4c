"""Whom a message moves: the page in both languages, proven, harmful and unknown, and what it costs."""

from __future__ import annotations

import pytest

from regulars.web.findings.models import Finding
from regulars.web.people.models import PersonScore

PAGE = "/understand/uplift/"


def get(client, language="zh-hans", query=""):
    client.cookies["regulars_language"] = language
    return client.get(PAGE + query).content.decode()


def action(**other):
    line = {"name": "s_linear", "area": 0.01, "low": 0.004, "high": 0.016, "top": 0.2, "among_best": True}
    group = {"by": "recency", "group": "0-30", "people": 300, "effect": -0.08, "low": -0.12, "high": -0.04,
             "code": "sleeping_dog"}  # fmt: skip
    return {
        "action": "win_back", "treated": 800, "held": 200, "buy_treated": 0.2, "buy_held": 0.1, "effect": 0.1,
        "low": 0.06, "high": 0.14, "needed": 300, "needed_who": 1_200, "planned_effect": 0.1, "measured": True,
        "code": "cannot_tell_apart", "chosen": "s_linear", "area": 0.01, "area_low": 0.004, "area_high": 0.016,
        "lines": [line, line | {"name": "response", "among_best": False}],
        "curve": [{"share": s, "value": s / 10, "low": s / 10 - 0.02, "high": s / 10 + 0.02} for s in (0.0, 0.5, 1.0)],
        "steps": [{"share": s, "gain": 1e5 * s, "low": 0.0, "high": 2e5} for s in (0.5, 1.0)],
        "best_share": 0.5, "best_code": "some", "groups": [group], **other,
    }  # fmt: skip


def keep(*actions):
    body = {"actions": list(actions), "gain": 29_400.0, "cost": 5.0, "days": 28, "people": 1_000, "held": 200,
            "made_by": "uplift/1"}  # fmt: skip
    Finding.objects.update_or_create(
        topic="uplift", defaults={"body": body, "made_at": PersonScore.objects.first().made_at}
    )


@pytest.fixture
def found(company):
    keep(action(), action(action="cross_sell", effect=-0.05, low=-0.08, high=-0.02, best_code="none"))
    return company


def test_the_decision_the_curve_and_sleeping_dogs_are_told(owner, found):
    page = get(owner)
    assert "只发给最值得的一部分" in page
    assert "最好别打扰" in page
    assert "采用最简单的一个" in page
    page = get(owner, "en")
    assert "Write to the best part only" in page
    assert "The models cannot be told apart; the simplest is used." in page
    assert "better left alone" in page
    assert "About 200 more people are needed to see who is moved more" in page
    assert "¥294" in page


def test_harm_is_said_and_red(owner, found):
    page = get(owner, "en", "?action=cross_sell")
    assert "keeps people from buying: stop it" in page
    assert "text-red" in page
    assert "text-green" not in page


def test_too_few_people_are_told_how_many_it_takes(owner, company):
    keep(action(code="too_few", chosen=None, curve=[], steps=[], lines=[], groups=[], treated=30, held=5, low=-0.1,
                needed=2_000, needed_who=8_000, measured=False, planned_effect=0.02))  # fmt: skip
    page = get(owner, "en")
    assert "1,965 more people are needed to see an effect of +2.0%" in page
    assert "two more buyers in a hundred are assumed" in page
    assert "Too few people were written to" in page
    assert "还需要 1,965 人" in get(owner)


def test_the_empty_page_says_what_it_needs(owner, company):
    assert "28 天后" in get(owner)
    assert "held others back for 28 days" in get(owner, "en")


def test_the_page_costs_a_fixed_number_of_queries(owner, found, django_assert_max_num_queries):
    get(owner)
    # session, user; finding; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(8):
        get(owner)
