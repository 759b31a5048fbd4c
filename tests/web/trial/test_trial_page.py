"""The page of the trial: both languages, with and without a published result; honest where a target was missed."""

from __future__ import annotations

import pytest

from regulars.demo.trial_score import result
from regulars.web.trial import figures, published

PAGE = "/decide/trial/"


def get(client, language="zh-hans", query=""):
    client.cookies["regulars_language"] = language
    return client.get(PAGE + query).content.decode()


def weeks(money):
    return {"money": [money] * 5, "messages": [10.0] * 5, "booked": [money + 10.0] * 5}


def runs(loop):
    return {"last_quarter": weeks(100.0), "equal": weeks(130.0), "last_click": weeks(120.0), "response": weeks(101.0),
            "last_click_response": weeks(140.0), "loop": weeks(loop), "oracle": weeks(200.0)}  # fmt: skip


@pytest.fixture
def result_file(tmp_path, monkeypatch):
    monkeypatch.setattr(published, "PLACE", tmp_path / "result.json")
    made = {("seasonal", 1): runs(192.0), ("seasonal", 2): runs(196.0), ("shock", 1): runs(97.0),
            ("shock", 2): runs(135.0)}  # fmt: skip
    published.write(
        result(made, weeks=5, people=2_000, seeds=[1, 2], version="9.9", made_at="2026-03-05T08:00:00+00:00")
    )


def test_without_a_result_the_page_says_how_to_get_one(owner, home, tmp_path, monkeypatch):
    monkeypatch.setattr(published, "PLACE", tmp_path / "none.json")
    assert "regulars trial --publish" in get(owner)
    assert "No trial has been published" in get(owner, "en")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ("看不到真相的循环", "按公司类型", "未达目标", "第 13 周突变", "版本 9.9")),
        ("en", ("earns 55%", "By kind of company", "below the target", "A shock in week 13", "version 9.9")),
    ],
)
def test_the_result_in_both_languages(owner, home, result_file, language, said):
    page = get(owner, language)
    for words in said:
        assert words in page
    assert "2026-03-05" in page


def test_a_kind_is_shown_by_itself_and_an_unknown_one_is_all(owner, home, result_file):
    assert '<h2 class="card-title">Seasonal' in get(owner, "en", "?kind=seasonal")
    assert '<h2 class="card-title">All kinds together' in get(owner, "en", "?kind=<script>")


def test_what_was_missed_is_marked(result_file):
    kinds = {k["key"]: k for k in figures.kinds(published.read())}
    assert kinds["seasonal"]["reached"]
    assert kinds["seasonal"]["ahead"]
    assert kinds["seasonal"]["safe"]
    shock = kinds["shock"]
    assert (shock["reached"], shock["ahead"], shock["safe"]) == (False, False, False)
    assert shock["habit_late"] == pytest.approx(0.4)


def test_the_page_asks_the_database_for_no_more_than_a_frame(owner, home, result_file, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        owner.get(PAGE)


def test_the_published_result_is_whole():
    found = published.read()
    if found is None:
        pytest.skip("nothing was published yet")
    assert set(found["kinds"]) <= set(figures.KINDS)
    assert {"loop", "oracle", *figures.DRAWN} <= set(found["all"])
    assert found["all"]["oracle"]["share"]["value"] == pytest.approx(1.0)
    assert len(found["all"]["loop"]["weekly"]) == found["weeks"]
