"""The page of what comes next: what it says in both languages, its choices, its record, its cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
from datetime import UTC, datetime

import pytest

from regulars import tables
from regulars.web.bridge.lake import lake
from regulars.web.findings.models import Finding

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
END = dt.date(2026, 2, 23)
ADDRESS = "/measure/forecast/"


def series(figure="revenue", cut="", member="", size=100_000.0, grain="week", **more):
    steps = 13 if grain == "week" else 28
    lift = tuple(1.2 if i == 3 else 0.9 if i == 7 else 1.0 for i in range(steps))
    return {
        "figure": figure, "cut": cut, "member": member, "grain": grain, "end": END.isoformat(), "past": [size] * 60,
        "value": [size] * steps, "low": [size * 0.8] * steps, "high": [size * 1.2] * steps,
        "total": [size * steps * 0.9, size * steps, size * steps * 1.1], "before": size * steps * 0.8, "year_ago": None,
        "lift": lift, "told": [size * 1.1] * steps, "method": "combined",
        "why": "method=combined;error_over_last=0.8;season_52", "mae": 1.0, "mae_naive": 2.0, "smape": 0.1,
        "limits": [], **more,
    }  # fmt: skip


def get(client, query="", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(ADDRESS + query)


@pytest.fixture
def board(company):
    lines = [series(), series(cut="channel", member="search", size=60_000.0),
             series(cut="channel", member="other", size=40_000.0),
             series(cut="product", member="=SUM(A1)", method="similar", limits=["new_from_similar"]),
             series("orders", size=40.0)]  # fmt: skip
    Finding.objects.create(topic="forecast", made_at=NOW, body={
        "currency": "CNY", "weeks": 13, "lines": lines, "days": [series(grain="day", size=9_000.0)],
        "occasions": [{"name": "qingming", "day": "2026-04-05", "lift": 0.93, "times": 2},
                      {"name": "labour_day", "day": "2026-05-01", "lift": None, "times": 0, "told": 0.5}],
        "trials": [["combined", 0.8], ["naive", 1.1]], "coverage": 0.91, "covered": 520, "made_by": "forecast/1",
    })  # fmt: skip


def test_before_there_is_enough_it_says_what_will_be_here(owner, company):
    assert "twelve full weeks" in get(owner, language="en").content.decode()
    assert "满十二周" in get(owner).content.decode()


def test_it_says_how_much_why_and_how_sure(owner, board):
    page = get(owner, language="en").content.decode()
    for words in ("in the next 13 weeks", "Why?", "average of five methods", "0.8", "91%", "Qingming", "not seen yet",
                  "Methods compared", "2 years", "What would have been said"):  # fmt: skip
        assert words in page, words
    page = get(owner).content.decode()
    for words in ("未来 13 周约", "五种方法的平均", "清明节", "方法比较", "区间命中率"):
        assert words in page


def test_a_channel_a_figure_and_days_can_be_chosen(owner, board):
    page = get(owner, "?of=revenue|channel|search", "en").content.decode()
    assert 'value="revenue|channel|search" selected' in page
    assert "in the next 28 days" in get(owner, "?grain=day&figure=revenue", "en").content.decode()
    assert (
        'id="figure-orders" value="orders" data-submit-on-change checked'
        in get(owner, "?figure=orders").content.decode()
    )
    # Choosing another figure while a part is chosen goes to that figure's total.
    page = get(owner, "?of=revenue|channel|search&figure=orders", "en").content.decode()
    assert "Orders, Everything" in page
    assert get(owner, "?of=nobody|knows|this&figure=x&grain=year&cut=y").status_code == 200


def test_every_step_of_every_series_for_a_spreadsheet(owner, board):
    text = b"".join(get(owner, "?csv=1", "en").streaming_content).decode().removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + 5 * 13 + 28
    assert rows[1][:6] == ["revenue", "", "", "week", "2026-03-02", "1000.0"]
    assert {r[2] for r in rows[1:]} == {"", "search", "other", "'=SUM(A1)"}


def test_what_earlier_turns_said_is_laid_beside_what_came(owner, board):
    made = datetime(2026, 2, 1, tzinfo=UTC)
    weeks = [END - dt.timedelta(weeks=1), END, END + dt.timedelta(weeks=1)]
    for at, values in ((made, (90_000.0, 200_000.0, 1.0)), (NOW, (1.0, 1.0, 1.0))):
        rows = tables.KPIS.fill({
            "name": ["revenue_forecast"] * 3, "day": weeks, "grain": ["week"] * 3, "value": list(values),
            "low": [v * 0.8 for v in values], "high": [v * 1.2 for v in values], "currency": ["CNY"] * 3,
            "made_by": "measure/1", "made_at": at, "lake_version": "1",
        }, 3)  # fmt: skip
        lake().append("kpis", rows, source="loop", seq=int(at.timestamp()))
    page = get(owner, language="en").content.decode()
    assert "What earlier forecasts said" in page
    # Of the two weeks that are over one lay in its range; what was said after a week began does not count.
    assert "1 of 2 values lay in the range" in page


def test_the_page_costs_a_fixed_number_of_queries(owner, board, django_assert_max_num_queries):
    get(owner)
    # session, user; the board; the turn and what waits in the frame
    with django_assert_max_num_queries(9):
        get(owner)


def test_nobody_reads_without_logging_in(client, db, home):
    assert client.get(ADDRESS)["Location"].startswith("/login/")
