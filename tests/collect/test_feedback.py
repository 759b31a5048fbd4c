# ruff: noqa: E501
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.collect import collect

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def test_nps_keeps_scores_in_facts_and_texts_apart() -> None:
    got = collect(
        b"Response ID,Submitted At,Email,NPS Score,Comment\n1,2024-03-05 10:00,a@x.org,9,great\n2,2024-03-05,b@x.org,3,\n",
        now=NOW,
    )
    rows = got.facts["feedback"].rows.to_pylist()
    assert [(r["id"], r["kind"], r["score"]) for r in rows] == [("1", "nps", 9.0), ("2", "nps", 3.0)]
    assert got.texts.select(["id", "text", "person"]).to_pylist() == [{"id": "1", "text": "great", "person": 0}]
    assert "great" not in str(got.facts["feedback"].rows.to_pylist())


def test_tickets_measure_their_times() -> None:
    text = (
        "Ticket ID,Created at,Subject,Status,First response at,Solved at,Requester email\n"
        "1,2024-03-05 10:00,Help,solved,2024-03-05 10:05,2024-03-05 12:00,a@x.org\n2,2024-03-06 10:00,Again,open,,,a@x.org\n"
    )
    got = collect(text.encode(), now=NOW)
    rows = got.facts["feedback"].rows.to_pylist()
    assert (rows[0]["kind"], rows[0]["first_response_s"], rows[0]["resolution_s"]) == ("ticket", 300.0, 7200.0)
    assert rows[1]["resolution_s"] is None
    assert got.texts["subject"].to_pylist() == ["Help", "Again"]


def test_stars_and_words_become_scores() -> None:
    got = collect(
        "评价时间,买家昵称,评价等级,评价内容\n2024-03-05,甲,★★★★☆,好\n2024-03-05,乙,好评,\n2024-03-05,丙,差评,坏了\n".encode(),
        now=NOW,
    )
    assert got.facts["feedback"].rows["score"].to_pylist() == [4.0, 5.0, 1.0]


def test_nothing_said_is_set_aside() -> None:
    got = collect(b"date,rating,review\n2024-03-05,5,ok\n2024-03-05,,\n2024-03-05,banana,\n", now=NOW)
    assert got.rejects["reason"].to_pylist() == ["score_missing", "score_unreadable"]


@pytest.mark.shared_data
def test_reviews_without_dates_keep_their_texts(shared_data: Path) -> None:
    got = collect(shared_data / "reviews_zh/hotel_reviews.csv.gz", now=NOW)
    assert got.kind == "feedback"
    assert (got.totals.read, got.texts.num_rows, got.totals.aside) == (
        5445,
        5444,
        {"date_missing": 1},
    )  # one review is empty
    assert "feedback" not in got.facts
