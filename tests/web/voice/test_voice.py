"""The voice page: real words, filters, the owner's own label."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.web.answers.models import Answer
from regulars.web.findings.models import Finding
from regulars.web.people.models import Person
from regulars.web.voice.queries import chosen, marked

AT = datetime(2026, 6, 1, tzinfo=UTC)


def get(client, address="/understand/voice/", language="zh-hans", **more):
    client.cookies["regulars_language"] = language
    return client.get(address, **more).content.decode()


@pytest.fixture
def voiced(company):
    """Three texts and the board that read them."""
    person = Person.objects.order_by("pk").first()
    texts = ["物流太慢，包装也破了", "Great value, thank you", "登录不上，尽快处理"]
    numbers = [
        Answer.objects.create(source="t", external_id=str(i), person=person, kind="ticket", text=t, at=AT).pk
        for i, t in enumerate(texts)
    ]
    need = {"topic": "zh0", "customers": 9, "texts": 12, "reach": 0.4, "pain": 0.7, "worth": 1.2, "score": 0.3,
            "growth": 0.5, "growth_low": 0.1, "growth_high": 1.2, "first_seen": "2026-01-02",
            "segments": [["loyal", 6, 1.4]]}  # fmt: skip
    topic = {
        "key": "zh0",
        "language": "zh",
        "words": ["物流", "包装", "快递"],
        "size": 12,
        "share": 0.4,
        "examples": [],
    }
    months = [{"month": f"2026-0{m}", "texts": 9, "positive": 0.5, "low": 0.3, "high": 0.7} for m in (4, 5)]
    body = {
        "texts": 3, "read": 3, "aside": {"duplicate": 2}, "languages": {"zh": 2, "en": 1}, "labels": 0,
        "summary": [{"kind": "csat", "channel": None, "n": 20, "value": 0.8, "low": 0.6, "high": 0.9, "off_scale": 0}],
        "trend": [], "months": months,
        "themes": [{"topic": topic, "need": need, "positive": 0.2, "negative": 0.7, "examples": [numbers[0]]}],
        "aspects": [{"aspect": "delivery", "texts": 8, "customers": 6, "tone": -0.4, "low": -0.6, "high": -0.2}],
        "pressing": [{"answer": numbers[2], "urgency": 0.9, "reason": "locked_out"}],
        "left_words": [{"word": "退款", "left": 9, "stayed": 2, "z": 3.1}], "left": 30,
        "listed": [
            {"answer": numbers[0], "positive": 0.1, "strength": 0.5, "topic": "zh0", "aspects": ["delivery"]},
            {"answer": numbers[1], "positive": 0.9, "strength": 0.5, "topic": "", "aspects": ["price"]},
            {"answer": numbers[2], "positive": 0.2, "strength": 0.5, "topic": "", "aspects": ["bugs"]},
        ],
    }  # fmt: skip
    Finding.objects.create(topic="voice", body=body, made_at=AT)
    return numbers


def test_it_says_what_customers_say_in_both_languages(owner, voiced):
    page = get(owner)
    for text in ("他们怎么说", "物流、包装、快递", "付了钱却用不了", "退款", "一字不差的重复", "李梅"):
        assert text in page
    page = get(owner, language="en")
    assert "What they say" in page
    assert "Can not use what was paid for" in page
    assert 'class="text-orange">太慢</strong>' in page


def test_the_filter_leaves_what_fits(owner, voiced):
    page = get(owner, "/understand/voice/?tone=positive", headers={"hx-request": "true"})
    assert "Great" in page
    assert "登录" not in page
    assert "<html" not in page
    assert "没有符合的文字" in get(owner, "/understand/voice/?topic=none")
    assert get(owner, "/understand/voice/?page=x&aspect=delivery")


def test_the_owner_labels_and_takes_back(owner, voiced):
    address = f"/understand/voice/{voiced[1]}/label/"
    page = owner.post(address, {"label": "negative"}).content.decode()
    assert Answer.objects.get(pk=voiced[1]).label == "negative"
    assert f'id="quote-{voiced[1]}"' in page
    owner.post(address, {"label": ""})
    assert Answer.objects.get(pk=voiced[1]).label == ""
    assert owner.post(address, {"label": "rude"}).status_code == 400
    assert owner.post("/understand/voice/999999/label/", {"label": "positive"}).status_code == 404
    assert owner.get(address).status_code == 405


def test_an_erased_text_is_gone_from_the_page(owner, voiced):
    Answer.objects.filter(pk=voiced[2]).delete()
    assert "登录不上" not in get(owner)


def test_before_anything_was_said_it_says_what_to_do(owner, company):
    assert "问卷或工单" in get(owner)


def test_what_is_written_is_never_code(owner, voiced):
    Answer.objects.filter(pk=voiced[0]).update(text="<script>alert(1)</script> 太慢")
    assert "<script>alert" not in get(owner)


def test_the_page_costs_a_fixed_number_of_queries(owner, voiced, django_assert_max_num_queries):
    get(owner)
    # session, user; finding; texts of the list, of what presses, of the examples; frame: job, turn, plan, sums, imports
    with django_assert_max_num_queries(12):
        get(owner)


def test_nobody_reads_without_logging_in(client, db, home):
    assert client.get("/understand/voice/")["Location"].startswith("/login/")
    assert client.post("/understand/voice/1/label/", {"label": "positive"}).status_code == 302


def test_marked_words_join_to_the_text():
    for text in ("味道不错，但是太慢了！", "No problem, GREAT value", "", "ＶＥＲＹ good"):
        assert "".join(words for words, _tone in marked(text)) == text


def test_chosen_by_all_three():
    body = {
        "listed": [
            {"positive": 0.9, "topic": "a", "aspects": ["price"]},
            {"positive": 0.1, "topic": "a", "aspects": []},
        ]
    }
    assert len(chosen(body, "a", "", "")) == 2
    assert len(chosen(body, "a", "negative", "")) == 1
    assert chosen(body, "a", "negative", "price") == []
