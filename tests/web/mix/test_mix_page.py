"""The page of the mix: what it says in both languages, what it asks to test, and what it costs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from regulars.web.findings.models import Finding
from regulars.web.mix import figures

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
ADDRESS = "/measure/mix/"


def channel(name, **more):
    return {
        "channel": name, "spend": 500_000.0, "total": 40_000_000.0, "share": 0.5, "roas": 1.5, "low": 0.9, "high": 2.2,
        "prior_low": 0.1, "prior_high": 3.0, "overlap": 0.4, "identified": True, "reason": "", "proven": False,
        "capture": False, "tested": None, "brings": [700_000.0, 400_000.0, 900_000.0], "next_unit": [0.8, 0.6, 0.95],
        "curve": [[x * 1e5, x * 1.2e5, x * 0.8e5, x * 1.6e5] for x in range(11)],
    } | more  # fmt: skip


def trial(name, net):
    return {"channel": name, "low": 0.0, "high": 1_000_000.0, "weeks": 4, "value": net + 200_000.0, "cost": 200_000.0,
            "net": net, "chance": 0.23, "perfect": 9_000.0}  # fmt: skip


BODY = {
    "currency": "CNY", "profit": 0.5, "weeks": 104, "first": "2024-03-04", "last": "2026-02-23", "markets": 0,
    "country": "CN", "horizon_weeks": 52, "experiments": 1, "limits": [], "joined": [], "made_by": "mix/1",
    "channels": [
        channel("search", proven=True, next_unit=[3.0, 2.4, 3.6]),
        channel("douyin", identified=False, reason="data_did_not_decide", overlap=0.8, next_unit=[2.0, 0.4, 5.0]),
        channel("brand search", capture=True),
    ],
    "contributions": {"weeks": ["2026-02-16", "2026-02-23"], "base": [1e7, 1.1e7],
                      "series": {"search": [1e6, 2e6], "douyin": [5e5, 4e5], "brand search": [1e5, 1e5]}},
    "holdout": {"weeks": 13, "wmape": 0.08, "naive": 0.3, "coverage": 0.92},
    "diagnostics": {"sampler": "hmc", "r_hat": 1.004, "ess": 900.0, "divergences": 0.0},
    "tests": [trial("douyin", 3_000_000.0), trial("search", -50_000.0)],
}  # fmt: skip


@pytest.fixture
def board(db):
    return Finding.objects.create(topic="mix", made_at=NOW, body=BODY)


def get(client, language="en"):
    client.cookies["regulars_language"] = language
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_there_is_anything_it_says_what_will_be_here(owner):
    assert "/collect/imports/" in get(owner)
    assert "导入花费" in get(owner, "zh-hans")
    Finding.objects.create(topic="mix", made_at=NOW, body=BODY | {"channels": [], "weeks": 12, "contributions": None})
    assert "12 weeks" in get(owner)


def test_it_says_what_is_open_and_which_test_comes_first(owner, board):
    page = get(owner)
    assert "For 1 of 3 channels the weeks did not decide" in page
    assert "/measure/experiments/new/?channel=douyin&amp;weeks=4" in page
    assert "4 weeks without it" in page
    assert page.count("Set up the test") == 1
    assert "Demand capture" in page
    assert "proven by experiment" in page
    assert "more than it costs" in page
    assert "less than it costs" in page
    assert "whether that pays is open" in page
    assert "It was off by 8" in page
    assert "Why?" in page
    page = get(owner, "zh-hans")
    assert "数据看不清" in page
    assert "实验已证明" in page
    assert "设置测试" in page


def test_green_only_where_an_experiment_has_proven_it(owner, board):
    page = get(owner)
    data = json.loads(re.search(r'<script id="mix-roas-data"[^>]*>(.*?)</script>', page, re.S)[1])
    colours = [d.get("itemStyle", {}).get("color") for d in data["option"]["series"][0]["data"]]
    assert colours == [figures.PROVEN, figures.UNDECIDED, None]
    assert data["option"]["series"][0]["markLine"]["data"][0]["yAxis"] == 2.0
    assert [r[2:] for r in data["rows"]] == [[0.9, 2.2]] * 3


def test_parts_are_the_same_figures_as_the_table(board):
    chart = figures.parts_chart(BODY)
    assert chart.rows[0] == ["2026-02-16", 100_000.0, 10_000.0, 5_000.0, 1_000.0]
    stacked = [s["data"][0] for s in chart.option["series"]]
    assert sum(stacked) == 116_000.0


def test_the_channels_page_leads_here(owner, board, company):
    answer = owner.get("/measure/channels/")
    assert answer.status_code == 200


def test_few_questions_to_the_database(owner, board, django_assert_max_num_queries):
    get(owner)
    with django_assert_max_num_queries(12):
        get(owner)
