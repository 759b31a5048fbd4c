"""Where sales come from: cuts of a finding with words, comparisons and a spreadsheet that agrees."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from regulars.web.catalog.models import Product
from regulars.web.findings.models import Finding
from regulars.web.kpis.compare import compared

ROW = {"orders": 4, "share": 0.75, "revenue_before": 20_000, "revenue_year_before": None, "orders_before": 3,
       "orders_year_before": None, "buyers": 3, "again": 0.25, "new": 0.6, "refunded": 0.05,
       "months": [["2026-01-01", 9_000, 1], ["2026-02-01", 21_000, 3], ["2026-03-01", 5, 1]]}  # fmt: skip


@pytest.fixture
def cut(company):
    Product.objects.create(source="shop", sku="T-1", title="明前龙井")
    body = {
        "days": 90, "since": "2025-12-06", "until": "2026-03-05", "currency": "CNY", "others": {"product": 7},
        "limits": ["no_partner_in_orders"],
        "cuts": {"product": [{"key": "T-1", "revenue": 30_000, **ROW}],
                 "segment": [{"key": "unknown", "revenue": 30_000, **ROW}]},
    }  # fmt: skip
    Finding.objects.create(topic="key_figures", body=body, made_at=dt.datetime(2026, 3, 5, tzinfo=dt.UTC))


def page(owner, by, language="zh-hans", **headers):
    owner.cookies["regulars_language"] = language
    return owner.get(f"/measure/kpis/?by={by}", headers=headers).content.decode()


def test_a_product_has_its_title_and_how_it_moved(owner, cut):
    text = page(owner, "product")
    assert "明前龙井" in text
    assert "+50%" in text
    assert "再次购买" in text
    assert "60%" in text
    assert "另有 7 个未显示" in text
    assert "Nobody known" in page(owner, "segment", "en")


def test_a_click_on_a_cut_changes_the_table_only(owner, cut):
    text = page(owner, "product", **{"HX-Request": "true", "HX-Target": "cut"})
    assert 'id="cut"' in text
    assert "<html" not in text


def test_a_cut_that_cannot_be_made_says_why(owner, cut):
    assert "暂时无法按伙伴拆分" in page(owner, "partner")
    assert "no cut by partner yet" in page(owner, "partner", "en")


def test_the_spreadsheet_of_a_cut(owner, cut):
    owner.cookies["regulars_language"] = "en"
    answer = owner.get("/measure/kpis/?by=product&csv=cut")
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["Key"], row["Revenue"], row["Ninety days before"], row["A year ago"]) == ("T-1", "300.00", "200.00", "")


def test_a_period_is_held_beside_the_one_before_and_a_year_ago():
    def row(day, value):
        return {"name": "revenue", "currency": "CNY", "day": day, "value": value}

    months = [row(dt.date(2025, 3, 1), 5.0), row(dt.date(2026, 1, 1), 6.0), row(dt.date(2026, 3, 1), 7.0)]
    found = compared(months, "month")[-1]
    assert (found["previous"], found["last_year"]) == (None, 5.0)  # February is not known, January is not before
    weeks = [row(dt.date(2025, 3, 3), 1.0), row(dt.date(2026, 2, 23), 2.0), row(dt.date(2026, 3, 2), 3.0)]
    found = compared(weeks, "week")[-1]
    assert (found["previous"], found["last_year"]) == (2.0, 1.0)
