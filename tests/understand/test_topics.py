"""Topics: known mixtures, real support requests, and nothing private in a name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import normalized_mutual_info_score as nmi

from regulars.understand import Topics
from regulars.understand.topic_words import chinese_words, found_words, masked

SUBJECTS = {
    "bill": ("发票", "账单", "金额", "税号"),
    "courier": ("快递", "物流", "包裹", "签收"),
    "login": ("登录", "密码", "账号", "验证码"),
    "taste": ("口味", "食材", "调料", "厨师"),
}


def mixture(n, seed=0):
    """Texts made of one subject's words and of words all subjects share."""
    rng = np.random.default_rng(seed)
    names = list(SUBJECTS)
    truth = rng.integers(0, len(names), n)
    filler = ["昨天", "想问", "帮我看", "怎么", "为何", "再次", "仍然", "又", "还", "但"]
    texts = []
    for t in truth:
        own = rng.permutation(SUBJECTS[names[t]])[:2]
        texts.append("".join(f"{rng.choice(filler)}{w}{rng.choice(filler)}" for w in own))
    return texts, truth


def test_known_subjects_are_found_and_counted():
    texts, truth = mixture(600)
    model = Topics().fit(texts)
    assert nmi(truth, model.labels_) > 0.9
    assert len(model.topics_) in (4, 5)
    named = {next((s for s, own in SUBJECTS.items() if t.words[0] in own), "") for t in model.topics_}
    assert named == set(SUBJECTS)
    assert sum(t.size for t in model.topics_) + int((model.labels_ < 0).sum()) == 600


def test_new_texts_go_where_the_old_ones_went():
    texts, _ = mixture(400)
    model = Topics(topics=4).fit(texts)
    assert (model.predict(texts) == model.labels_).mean() > 0.98
    assert model.predict(["Guten Tag"]).tolist() == [-1]


def test_words_are_found_where_characters_keep_together():
    words = found_words(mixture(300)[0])
    assert {"发票", "物流", "密码"} <= words
    assert chinese_words("帮我看发票", frozenset({"发票"})) == ["发票"]


@pytest.mark.parametrize(
    "text", ["call 13800138000", "a.b+c@shop.example.com", "my name is John Smith", "我叫王小明", "see https://x.y/z"]
)
def test_private_things_are_masked(text):
    left = masked(text)
    for private in ("13800138000", "shop.example", "John", "Smith", "王小明", "x.y"):
        assert private not in left


def test_no_topic_is_named_by_an_address_or_a_number():
    texts = [f"invoice {i} wrong, write to anna{i % 3}@mail.example or 1390000000{i % 3}" for i in range(60)]
    texts += [f"parcel {i} late, courier lost it" for i in range(60)]
    words = " ".join(w for t in Topics().fit(texts).topics_ for w in t.words)
    assert "mail" not in words
    assert not any(c.isdigit() for c in words)


@pytest.mark.parametrize("texts", [[], ["hello"], ["", None], ["same words here"] * 50, [f"w{i}" for i in range(40)]])
def test_little_or_nothing_to_say(texts):
    model = Topics().fit(texts)
    assert len(model.labels_) == len(texts)


def test_support_requests_against_plain_clusters(shared_data):
    """Draws of CLINC150 intents, number given: on a par with k-means on tf-idf, which names nothing.

    The rival keeps small words ("how many", "what is"), which here give the intent away.
    """
    rows = pd.read_csv(shared_data / "support_intents_en/clinc150_full.csv.gz")
    rng = np.random.default_rng(7)
    names = np.array(sorted(set(rows.intent) - {"oos"}))
    ours, plain = [], []
    for _ in range(6):
        some = rows[rows.intent.isin(rng.choice(names, 6, replace=False))]
        ours.append(nmi(some.intent, Topics(topics=6).fit(some.text).labels_))
        matrix = TfidfVectorizer().fit_transform(some.text)
        plain.append(nmi(some.intent, KMeans(6, n_init=3, random_state=0).fit_predict(matrix)))
    assert np.mean(ours) > 0.8
    assert np.mean(ours) > np.mean(plain) - 0.02


def test_questions_of_one_meaning_share_a_topic(shared_data):
    rows = pd.read_csv(shared_data / "support_questions_zh/bq_pairs_dev.csv.gz").head(3000)
    model = Topics(topics=8).fit([*rows.sentence1, *rows.sentence2])
    one, two = model.labels_[: len(rows)], model.labels_[len(rows) :]
    known = (one >= 0) & (two >= 0)
    same = (one == two)[known]
    assert same[rows.label[known] == 1].mean() > same[rows.label[known] == 0].mean() + 0.08
