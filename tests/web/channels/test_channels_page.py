"""Channels: what each cost and earned, credit by three methods, curves with the flag of the undecided."""

from __future__ import annotations

import csv
import datetime as dt
import io

import numpy as np
import pytest

from regulars import tables
from regulars.lake import Lake
from regulars.web.channels import curves, figures

MONDAY = dt.date(2026, 3, 2)
NOW = dt.date(2026, 3, 5)


def get(client, address="/measure/channels/", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def channels(company, home):
    """Two channels over all time, one month and ten weeks; the curve of the second is undecided."""
    rows = []

    def add(name, value, channel, grain="all", day=dt.date(2025, 1, 6), low=None, high=None, why=None, currency=None):
        rows.append((name, value, channel, grain, day, low, high, why, currency))

    for channel, size in (("social", 1.0), ("paid_search", 2.0)):
        add("revenue", 500_000.0 * size, channel, currency="CNY")
        add("revenue", 99.0, channel, currency="USD")
        add("spend", 250_000.0, channel, currency="CNY")
        add("roas", 2.0 * size, channel, currency="CNY")
        add("new_customers", 50.0 * size, channel)
        add("profit_per_new_customer", -1_200.0 * size, channel, currency="CNY")
        add("revenue", 70_000.0 / size, channel, "month", dt.date(2026, 2, 1), currency="CNY")
        add("revenue", 1.0, channel, "month", dt.date(2026, 3, 1), currency="CNY")
        for method, share in (("first", 1.2), ("linear", 1.0), ("last", 0.8)):
            add(f"attributed_{method}_revenue", 500_000.0 * size * share, channel, currency="CNY")
        for week in range(11):
            add("spend", 20_000.0 if week else 9e9, channel, "week", MONDAY - dt.timedelta(weeks=week), currency="CNY")
            add("new_customers", 5.0, channel, "week", MONDAY - dt.timedelta(weeks=week))
        why = "counted=new_customers;weeks=40" + (";data_did_not_decide" if channel == "social" else "")
        last = MONDAY - dt.timedelta(weeks=1)
        add("response_ceiling", 10.0, channel, "week", last, 6.0, 16.0, why)
        add("response_half", 20_000.0, channel, "week", last, 9_000.0, 45_000.0, why, "CNY")
        add("response_baseline", 1.0, channel, "week", last, 0.2, 2.0, why)
        add("response_value", 8_000.0, channel, "week", last, 7_000.0, 9_000.0, "value=order_margin", "CNY")
    columns = dict(zip(("name", "value", "channel", "grain", "day", "low", "high", "why", "currency"),
                       map(list, zip(*rows, strict=True)), strict=True))  # fmt: skip
    made = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)
    Lake(home.lake_path).append("kpis", tables.TABLES["kpis"].fill({
        **columns, "made_by": "measure/1", "made_at": made, "lake_version": "2",
    }, len(rows)), "loop", 2)  # fmt: skip


def test_channels_by_revenue_in_the_companys_currency(channels):
    found = figures.rows()
    assert [(r["channel"], r["revenue"]) for r in found] == [("paid_search", 1_000_000.0), ("social", 500_000.0)]
    assert [r["channel"] for r in figures.sorted_rows(found, "roas")] == ["social", "paid_search"]
    assert figures.sorted_rows(found, "password") == found


def test_only_whole_months_can_be_chosen(channels):
    assert figures.months(NOW) == [dt.date(2026, 2, 1)]
    assert [r["revenue"] for r in figures.rows(dt.date(2026, 2, 1))] == [70_000.0, 35_000.0]


def test_usual_spend_is_of_the_last_eight_whole_weeks(channels):
    weeks = curves.weekly(NOW)["social"]
    assert max(weeks) == MONDAY - dt.timedelta(weeks=1)
    assert curves.usual_spend(weeks) == 20_000.0
    del weeks[MONDAY - dt.timedelta(weeks=3)]
    assert curves.usual_spend(weeks) == 20_000.0 * 7 / 8


def test_the_curve_is_the_formula_and_its_band_holds_it(channels):
    one = next(r for r in curves.responses(NOW) if r.channel == "social")
    assert one.brings == pytest.approx(1 + 10 / 2, abs=0.02)
    # d/dx of 10 x / (x + h) at x = h is 10 / (4 h); a conversion is worth 8,000.
    assert one.next_unit == pytest.approx(10 / (4 * 20_000) * 8_000, rel=0.02)
    assert one.next_low < one.next_unit < one.next_high
    for spend, middle, low, high in one.chart.rows:
        assert middle == pytest.approx(1 + 10 * spend / (spend + 200), abs=0.01)
        assert low - 1e-9 <= middle <= high + 0.01
    assert np.all(np.diff([r[1] for r in one.chart.rows]) > 0)


def test_the_undecided_curve_says_run_a_test(owner, channels):
    assert {r.channel: r.undecided for r in curves.responses(NOW)} == {"social": True, "paid_search": False}
    page = get(owner)
    assert page.count("怎么测") == 1
    assert "数据判断不了：请做一次测试。" in page


def test_three_methods_side_by_side(channels):
    chart = figures.attribution(figures.rows())
    assert [s["data"] for s in chart.option["series"]] == [[12_000.0, 6_000.0], [10_000.0, 5_000.0], [8_000.0, 4_000.0]]


def test_the_page_speaks_both_languages_and_shows_losses_in_red(owner, channels):
    page = get(owner)
    assert "各渠道的花费与产出" in page
    assert "社交" in page
    assert '<span class="text-red">' in page
    page = get(owner, "/measure/channels/?sort=channel", "en")
    assert "What more spend would bring" in page
    assert page.index("Search ads") < page.index("Social")


def test_the_spreadsheet_holds_every_method(owner, channels):
    owner.cookies["regulars_language"] = "en"
    text = b"".join(owner.get("/measure/channels/?csv=1").streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    first = next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert first["Revenue"] == "10000.00"
    assert first["attributed_first_revenue"] == "12000.00"
    assert first["Profit per new customer"] == "-24.00"


def test_a_channel_named_like_a_formula_is_defused():
    assert "'=1+1" in list(figures.csv_lines([{"channel": "=1+1"}]))[-1]


def test_the_page_costs_three_queries_beside_the_frame(owner, channels, django_assert_max_num_queries):
    get(owner)
    with django_assert_max_num_queries(9):
        get(owner)


def test_nobody_reads_without_logging_in(client, db, home):
    assert client.get("/measure/channels/")["Location"].startswith("/login/")


def test_an_empty_home_says_how_to_begin(owner, home):
    assert "导入文件" in get(owner)
