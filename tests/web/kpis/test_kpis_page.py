"""Key figures: the newest whole period, the one before, and a spreadsheet that agrees with the page."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from regulars import tables
from regulars.lake import Lake
from regulars.web.kpis import figures

TURN = dt.date(2026, 3, 5)  # a Thursday, as in company_rows
MONDAY = dt.date(2026, 3, 2)


def get(client, address="/measure/kpis/", language="zh-hans", **headers):
    client.cookies["regulars_language"] = language
    return client.get(address, headers=headers).content.decode()


@pytest.fixture
def figures_of(company, home):
    """Replace the figures by few known ones: two whole weeks and the running one, for all, a channel and a market."""
    rows = []
    for weeks, value in ((0, 1.0), (1, 30_000.0), (2, 20_000.0)):
        day = MONDAY - dt.timedelta(weeks=weeks)
        rows += [
            ("revenue", day, None, None, value, "CNY"),
            ("revenue", day, "social", None, value / 10, "CNY"),
            ("revenue", day, None, "CN", value / 2, "CNY"),
            ("revenue", day, None, None, 7_700.0, "USD"),
            ("churn_rate", day, None, None, 0.02 + weeks / 100, None),
            ("resolution_s", day, None, None, 7200.0 * weeks, None),
        ]
    names, day, channel, market, value, currency = zip(*rows, strict=True)
    made = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)
    ahead = tables.TABLES["kpis"].fill({
        "name": "revenue_forecast", "day": [MONDAY, MONDAY + dt.timedelta(weeks=1)], "grain": "week",
        "value": [31_000.0, 32_000.0], "low": [25_000.0, 24_000.0], "high": [40_000.0, 41_000.0], "currency": "CNY",
        "made_by": "theta/1", "made_at": made, "lake_version": "2", "why": "method=theta;error_over_naive=0.77",
    }, 2)  # fmt: skip
    lake = Lake(home.lake_path)
    lake.append("kpis", tables.TABLES["kpis"].fill({
        "name": list(names), "day": list(day), "grain": "week", "channel": list(channel), "market": list(market),
        "value": list(value), "currency": list(currency), "made_by": "kpis/1", "made_at": made, "lake_version": "2",
    }, len(rows)), "loop", 2)  # fmt: skip
    lake.append("kpis", ahead, "loop", 3)


def test_the_running_week_is_never_the_value(figures_of):
    found = {(t.name, t.currency): t for t in figures.tiles("week")}
    revenue = found["revenue", "CNY"]
    assert (revenue.value, revenue.before) == (30_000.0, 20_000.0)
    assert revenue.day == MONDAY - dt.timedelta(weeks=1)
    assert revenue.moved == "+50%"
    assert len(revenue.points) == 2


def test_other_currencies_stand_apart_and_are_never_added(figures_of):
    own = [t for _title, tiles in figures.grouped(figures.tiles("week")) for t in tiles]
    assert [t.currency for t in own if t.name == "revenue"] == ["CNY"]
    assert [t.value for t in figures.tiles("week") if t.name == "revenue"] == [30_000.0, 7_700.0]


def test_a_share_moves_in_points_and_time_in_hours(figures_of):
    found = {t.name: t for t in figures.tiles("week")}
    assert found["churn_rate"].moved in ("−1.0 points", "−1.0 个百分点")
    assert figures.owner_unit(found["resolution_s"], 7200.0) == 2.0


def test_a_channel_or_a_market_narrows(figures_of):
    assert {t.value for t in figures.tiles("week", "channel:social")} == {3_000.0}
    assert {t.value for t in figures.tiles("week", "market:CN")} == {15_000.0}
    assert figures.slices()["channel"][0][0] == "channel:social"


def test_the_forecast_goes_on_where_the_past_ends(figures_of):
    tile = figures.tiles("week")[0]
    drawn = figures.figure(tile, "week")
    assert drawn.why.startswith("method=theta")
    last, first = drawn.chart.rows[1], drawn.chart.rows[2]
    assert last[1:] == [300.0, 300.0, 300.0, 300.0]
    assert first[1:] == [None, 250.0, 400.0, 310.0]
    assert figures.figure(tile, "week", "channel:social").why == ""


def test_the_page_speaks_both_languages(owner, figures_of):
    page = get(owner)
    assert "收入" in page
    assert "¥300" in page
    assert "上期 ¥200" in page
    page = get(owner, language="en")
    assert "Last whole week" in page
    assert "Money received" in page


def test_a_click_draws_one_figure_only(owner, figures_of):
    part = get(owner, "/measure/kpis/?kpi=churn_rate", **{"HX-Request": "true"})
    assert "figure-data" in part
    assert "<html" not in part
    again = get(owner, "/measure/kpis/?kpi=churn_rate", **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in again


def test_the_spreadsheet_says_what_the_page_says(owner, figures_of):
    owner.cookies["regulars_language"] = "en"
    answer = owner.get("/measure/kpis/?csv=1")
    text = b"".join(answer.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    revenue = [r for r in rows if r["Key"] == "revenue" and r["Unit"] == "CNY"]
    assert [(r["Period from"], r["Value"], r["Ended"]) for r in revenue] == [
        ("2026-02-16", "200.00", "yes"), ("2026-02-23", "300.00", "yes"), ("2026-03-02", "0.01", "no"),
    ]  # fmt: skip


def test_the_page_costs_five_queries_beside_the_frame(owner, figures_of, django_assert_max_num_queries):
    get(owner)
    # session, user; last turn, targets, cuts; frame: job, turn, plan, its sums, alarms, imports
    with django_assert_max_num_queries(11):
        get(owner)


def test_nobody_reads_without_logging_in(client, db, home):
    for address in ("/measure/kpis/", "/measure/kpis/?csv=1", "/measure/report/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")


def test_an_empty_home_says_how_to_begin(owner, home):
    assert "导入文件" in get(owner)


def test_nonsense_in_the_address_is_ignored(owner, figures_of):
    assert "¥300" in get(owner, "/measure/kpis/?grain=century&of=channel:'--&kpi=nothing")


def test_the_report_allows_its_own_styles_and_nothing_else(owner, figures_of, home):
    (home.path / "report.html").write_text("<!doctype html><p>这是报告</p>", "utf-8")
    owner.cookies["regulars_language"] = "zh-hans"
    answer = owner.get("/measure/report/")
    assert "这是报告" in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert owner.get("/measure/kpis/")["Content-Security-Policy"].count("script-src 'self'") == 1


def test_a_reader_of_the_other_language_gets_the_report_in_it(owner, figures_of, home):
    (home.path / "report.html").write_text("<p>旧</p>", "utf-8")
    owner.cookies["regulars_language"] = "en"
    assert "Key figures" in owner.get("/measure/report/").content.decode()
