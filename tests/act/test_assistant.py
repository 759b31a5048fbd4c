from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.act.assistant import Assistant, Entry, grams

FAQ = [
    Entry("return", "怎么退货？", "七天内可以无理由退货。", ("不想要了能退吗", "退款流程是什么")),
    Entry("ship", "多久发货？", "付款后 24 小时内发货。", ("什么时候能寄出", "发货要几天")),
    Entry("invoice", "可以开发票吗？", "可以，订单页申请电子发票。", ("发票怎么开",)),
    Entry("pay", "支持哪些支付方式？", "微信、支付宝和银行卡。", ("可以用微信付款吗",)),
    Entry("return-en", "How do I return an item?", "Within seven days, no reason needed.", ("Can I get a refund?",)),
    Entry("ship-en", "When will my order ship?", "Within 24 hours of payment.", ("How long does delivery take?",)),
    Entry("invoice-en", "Can I get an invoice?", "Yes, on the order page."),
]
BOT = Assistant(FAQ)


@pytest.mark.parametrize(
    ("asked", "entry"),
    [("请问怎么退货呢", "return"),
     ("我想退货，怎么退？", "return"), ("几天发货啊", "ship"), ("你好，发票怎么开", "invoice"),
     ("可以微信付款吗", "pay"), ("how can i return my item", "return-en"),
     ("Refund please, can I get a refund", "return-en"),
     ("when will you ship my order?", "ship-en"), ("CAN I HAVE AN INVOICE", "invoice-en"),
     ("ｈｏｗ do I return", "return-en")],
)  # fmt: skip
def test_questions_put_differently_find_their_answer(asked: str, entry: str) -> None:
    reply = BOT.reply(asked)
    assert reply.nearest == entry
    assert reply.answer == next(e.answer for e in FAQ if e.id == entry)


@pytest.mark.parametrize(
    "asked",
    ["你们老板是谁", "今天天气怎么样", "我的猫病了很难过", "What is the meaning of life?", "你觉得股票还会涨吗",
     "write me a poem about spring",
     "我上周买的那件衣服袖子开线了而且颜色和照片完全不一样你们打算怎么处理"],
)  # fmt: skip
def test_what_nobody_wrote_an_answer_for_goes_to_a_person(asked: str) -> None:
    reply = BOT.reply(asked)
    assert reply.hand_over
    assert reply.reason == "not_sure"


def test_whoever_asks_for_a_person_gets_one_and_noise_is_no_question() -> None:
    assert BOT.reply("退货，转人工").reason == "asked_for_person"
    assert BOT.reply("I want to talk to a human about a refund").reason == "asked_for_person"
    assert BOT.reply("转人工，怎么退货").nearest == "return"
    assert [BOT.reply(t).reason for t in ("", "？？！", "😀")] == ["empty"] * 3
    assert Assistant([]).reply("退货").reason == "not_sure"


def test_the_scores_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    questions = [q for e in FAQ for q in (e.question, *e.also)]
    model = TfidfVectorizer(analyzer=lambda text: list(grams(text).elements()), smooth_idf=True, norm="l2")
    theirs = model.fit_transform(questions)
    ids = [e.id for e in FAQ for _ in (e.question, *e.also)]
    for asked in questions:
        cosine = (theirs @ model.transform([asked]).T).toarray()[:, 0]
        for score, entry in BOT.scores(asked):
            best = max(c for c, i in zip(cosine, ids, strict=True) if i == entry.id)
            assert math.isclose(score, best, abs_tol=1e-12)
    assert np.allclose([BOT.scores(q)[0][0] for q in questions], 1.0)


@given(st.text(max_size=80))
def test_every_text_gets_a_reply_and_never_an_invented_answer(text: str) -> None:
    reply = BOT.reply(text)
    assert reply.answer is None or reply.answer in {e.answer for e in FAQ}
    assert 0.0 <= reply.score <= 1.0
    assert reply.hand_over == (reply.reason != "answered")
