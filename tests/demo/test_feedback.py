from __future__ import annotations

import numpy as np
import pytest

from regulars.demo import Company
from regulars.demo.phrases import LANGUAGES, SENTIMENTS, TOPICS, tongue


def test_texts_belong_to_feedback_rows_and_speak_the_person_s_language(shop: Company) -> None:
    texts = shop.texts.to_pandas()
    rows = shop.facts["feedback"].to_pandas().set_index("id")
    assert texts["id"].is_unique
    matched = rows.loc[texts["id"]]
    assert (matched["customer"].to_numpy() == texts["customer"].to_numpy()).all()
    assert (matched["kind"].to_numpy() == texts["kind"].to_numpy()).all()
    assert len(texts) == rows["kind"].isin(["ticket", "review"]).sum()
    language = shop.people.to_pandas().set_index("customer")["language"]
    assert (language.loc[texts["customer"]].to_numpy() == texts["language"].to_numpy()).all()
    chinese = texts["text"].str.contains("[一-鿿]")
    assert (chinese == (texts["language"] == "zh")).all()
    assert texts["text"].nunique() > 0.8 * len(texts)
    assert not texts["text"].str.contains(r"[{}]").any()


def test_words_agree_with_the_score(shop: Company) -> None:
    reviews = shop.texts.to_pandas().query("kind == 'review'")
    tone = reviews.groupby("score")["sentiment"].unique().to_dict()
    for score, words in tone.items():
        assert list(words) == ["negative" if score <= 2 else "neutral" if score == 3 else "positive"]


def test_scores_stay_on_their_scales_and_times_make_sense(shop: Company) -> None:
    rows = shop.facts["feedback"].to_pandas()
    for kind, low, high in (("csat", 1, 5), ("nps", 0, 10), ("review", 1, 5)):
        score = rows.loc[rows["kind"] == kind, "score"]
        assert len(score) > 100
        assert score.between(low, high).all()
        assert (score == score.round()).all()
    tickets = rows[rows["kind"] == "ticket"]
    assert (tickets["resolution_s"] > tickets["first_response_s"]).all()
    assert tickets["score"].isna().all()
    middle = shop.truth["feedback"]["first_response_median_s"]
    assert tickets["first_response_s"].median() == pytest.approx(middle, rel=0.15)
    status = shop.texts.to_pandas().query("kind == 'ticket'")["status"]
    assert set(status) <= {"new", "open", "solved", "closed"}


def test_unhappy_customers_leave_sooner(large: Company) -> None:
    cast = large.state.cast
    subs = cast.kind == 2
    order = np.argsort(cast.mood[subs])
    theta = cast.theta[subs][order]
    quarter = len(theta) // 4
    assert theta[:quarter].mean() > 1.5 * theta[-quarter:].mean()


def test_every_topic_and_tone_can_be_said_in_both_languages() -> None:
    for language in LANGUAGES:
        words = tongue(language)
        assert set(words.subjects) == set(words.bodies) == set(TOPICS)
        for tone in SENTIMENTS:
            assert len(words.openers[tone]) >= 8
            assert len(words.closers[tone]) >= 5
            assert all(len(words.bodies[t][tone]) >= 3 for t in TOPICS)
