"""The page of worth: both languages, with and without findings, contracts and tests; queries counted."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars.web.findings.models import Finding

PAGE = "/understand/worth/"
NOW = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)


def get(client, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(PAGE).content.decode()


def row(key, equity):
    return {"key": key, "customers": 50, "share": 0.5, "equity": equity, "low": equity * 0.8, "high": equity * 1.3,
            "each": equity / 50, "historic": equity * 2, "orders": 90.0, "p_alive": 0.6}  # fmt: skip


def trial(model, days, score):
    return {"model": model, "cut": 20_000, "days": days, "customers": 100, "forecast": 80.0, "actual": 90.0,
            "bias": -0.111, "mae": 0.5, "log_score": score}  # fmt: skip


def body(**other):
    return {
        "customers": 100, "total": 12_345_600.0, "historic": 23_456_700.0, "orders": 180.0, "horizon_days": 365,
        "margin": 0.6, "discount_rate": 0.1,
        "spread": {"customers": 100, "half": 0.08, "points": [[0.1, 0.55], [1.0, 1.0]], "gini": 0.7},
        "bins": [[0.0, 100_000.0, 90], [100_000.0, 900_000.0, 10]],
        "cohort_step": "quarter", "cohorts": [row("2025-Q4", 5e6), row("2026-Q1", 7e6)],
        "channels": [row("wechat", 9e6), row("", 3e6)], "model": "pareto_nbd",
        "trials": [trial("mbg_nbd", 90, -1.2), trial("pareto_nbd", 90, -1.1), trial("mbg_nbd", 180, -1.6)],
        "tested": {"model": "mbg_nbd", "days": 120, "customers": 100, "forecast": 93.0, "actual": 100.0, "bias": -0.07,
                   "bias_before": -0.12, "mae": 0.8, "likely_mae": 0.6, "naive_mae": 1.4,
                   "deciles": [{"customers": 10, "forecast": 3.0, "actual": 3.2}]},
        "correction": 1.06, "correction_gain": 0.2, "corrected_cohorts": 0,
        "groups": [{"by": "language", "group": "zh", "n": 60, "forecast": 1.0, "actual": 1.4, "gap": -0.4, "low": -0.6,
                    "high": -0.2}],
        "check": {"window": 90, "horizon": 365, "customers": 40, "bias": 0.05, "mae": 9000.0, "naive_mae": 12_000.0,
                  "coefficients": []},
        "contracts": {"model": "sbg", "months": 1, "contracts": 30, "active": 20, "worth": 1e6, "low": 9e5,
                      "high": 1.2e6, "renewals": 100.0, "p_renew": 0.93, "bias": 0.02, "days": 90,
                      "limits": ["too_few_contracts"],
                      "curve": [{"renewals": 0, "seen": 1.0, "model": 1.0, "low": 1.0, "high": 1.0},
                                {"renewals": 1, "seen": None, "model": 0.9, "low": 0.8, "high": 0.95}]},
        "limits": ["weak_fit"], "made_by": "pareto_nbd+gamma_gamma/2",
    } | other  # fmt: skip


@pytest.fixture
def found(db):
    return Finding.objects.create(topic="worth", body=body(), made_at=NOW)


def test_before_anything_is_known_the_page_says_what_to_do(owner, home):
    assert "/collect/imports/" in get(owner)
    assert "shows what your customers will still" in get(owner, "en")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ("8.0%", "按首次购买时间看客户资产", "合约的留存曲线", "总量偏差", "换个方法核对",
                     "预测订单乘以 1.060")),
        ("en", ("8.0%", "Customer equity by first purchase", "How many contracts go on", "Total off by",
                "A second opinion", "Orders are multiplied by 1.060")),
    ],
)  # fmt: skip
def test_the_page_shows_worth_in_both_languages(owner, home, found, language, said):
    page = get(owner, language)
    assert [text for text in (*said, "Pareto/NBD", "?sort=-clv") if text not in page] == []
    assert page.count("btn-sm p-0 ms-1 why") >= 4
    assert ">nan" not in page.lower()


def test_every_chart_is_drawn_once(owner, home, found):
    page = get(owner, "en")
    for name in ("bins", "spread", "cohorts", "channels", "curve", "deciles"):
        assert page.count(f'id="{name}-data"') == 1


def test_a_young_company_has_no_tests_and_no_contracts(owner, home, db):
    young = body(tested=None, trials=[], contracts=None, check=None, groups=[], spread=None, bins=[], correction=1.0,
                 channels=[row("", 3e6)], limits=["too_few_customers"])  # fmt: skip
    Finding.objects.create(topic="worth", body=young, made_at=NOW)
    page = get(owner, "en")
    assert "too short to test" in page
    assert "curve-data" not in page


def test_the_page_asks_the_database_little(owner, home, found, django_assert_max_num_queries):
    get(owner)
    with django_assert_max_num_queries(12):
        get(owner)
