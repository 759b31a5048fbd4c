"""Language, copies and spam, parts of the offer, strength and urgency."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.demo import phrases
from regulars.demo.feedback import write
from regulars.understand.aspects import learn_words, mentions, seeds
from regulars.understand.emotion import strength, urgency
from regulars.understand.language import LANGUAGES, language_of, languages
from regulars.understand.spam import REASONS, set_aside


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("iPhone 很好用", "zh"), ("The 微信 login of this app fails", "en"), ("これはとても良いです", "other"),
        ("Очень хорошо", "other"), ("très bon produit, je recommande vivement", "other"), ("ok", "en"), ("", "other"),
        ("👍", "other"),
    ],
)  # fmt: skip
def test_language(text, tongue):
    assert language_of(text) == tongue


def test_the_language_of_demo_texts():
    rng = np.random.default_rng(0)
    tongue = rng.integers(0, 2, 400)
    texts, _ = write(rng, tongue, rng.integers(0, len(phrases.TOPICS), 400), rng.integers(0, 3, 400))
    assert (languages(texts) == np.array(phrases.LANGUAGES)[tongue]).mean() > 0.99


def test_copies_are_set_aside_once():
    long = "物流太慢了，等了整整一个星期才收到货，包装也破了，客服一直没有人回复，打电话也打不通，实在让人失望"
    texts = [long, long + "！", long.replace("一个星期", "一个礼拜"), "物流很快"]
    assert set_aside(texts).tolist() == ["", "duplicate", "near_duplicate", ""]


def test_short_praise_of_many_people_is_no_copy():
    assert set_aside(["很好", "很好", "很好"], ["a", "b", "a"]).tolist() == ["", "", "duplicate"]


def test_near_copies_are_found_as_brute_force_finds_them():
    """Pairs of random texts that share about nine tenths of their letters, among strangers."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    originals = ["".join(rng.choice(letters, 120)) for _ in range(60)]
    copies = [t[:60] + "##" + t[62:] for t in originals]
    found = set_aside(originals + copies)
    assert (found[:60] == "").all()
    assert (found[60:] == "near_duplicate").mean() > 0.95


@pytest.mark.parametrize(
    ("text", "reason"),
    [("兼职刷单日赚300，加微信abc", "advertisement"), ("Earn $500 from home, click here www.x.com", "advertisement"),
     ("哈哈哈哈哈哈哈哈哈哈", "gibberish"), ("  ", "empty"), ("加微信客服不回复", "")],
)  # fmt: skip
def test_spam(text, reason):
    assert set_aside([text])[0] == reason


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=40) | st.none(), max_size=8))
def test_every_reading_of_any_text(texts):
    assert set(set_aside(texts)) <= set(REASONS)
    said = [t or "" for t in texts]
    assert set(languages(said)) <= set(LANGUAGES)
    score, why = urgency(said)
    assert ((score >= 0) & (score <= 1)).all()
    assert ((why == "") == (score == 0)).all()
    heat = strength(said)
    assert ((heat >= 0) & (heat <= 1)).all()
    assert all(-1 <= m.tone <= 1 for m in mentions(said))


def test_aspects_of_demo_texts_are_what_they_were_written_about():
    about = {"speed": "speed", "billing": "price", "docs": "onboarding", "bug": "bugs", "service": "service"}
    rng = np.random.default_rng(0)
    for topic, aspect in about.items():
        texts, _ = write(rng, rng.integers(0, 2, 80), np.full(80, phrases.TOPICS.index(topic)), rng.choice([0, 2], 80))
        found = {m.row for m in mentions(texts) if m.aspect == aspect}
        assert len(found) / 80 > 0.55, topic


def test_each_part_has_its_own_tone():
    found = {m.aspect: m.tone for m in mentions(["The food was delicious but delivery was terribly late"])}
    assert found["quality"] > 0
    assert found["delivery"] < 0


def test_words_of_the_trade_are_learned():
    texts = ["显存价格太贵", "显存费用高", "显存收费贵", "显存账单多"] * 5 + ["物流送货很快", "快递到了包裹"] * 20
    assert "显存" in learn_words(texts)["price"]["zh"]
    assert set(learn_words([])) == set(seeds())


@pytest.mark.parametrize(
    ("text", "reason"),
    [("吃了拉肚子进医院了", "harm"), ("再不退款我就打12315", "authority"), ("升级后登录不上", "locked_out"),
     ("I want my money back", "refund"), ("we may cancel our plan", "leaving"), ("催了三次没人回", "asked_before"),
     ("Thanks, all good", "")],
)  # fmt: skip
def test_what_can_not_wait(text, reason):
    score, why = urgency([text])
    assert why[0] == reason
    assert (score[0] >= 0.5) == bool(reason)
