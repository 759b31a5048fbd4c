from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.measure import kpis


def test_the_worked_examples_of_the_trade() -> None:
    assert kpis.churn_rate(100, 1000) == 0.1
    assert kpis.cac(5000, 10) == 500
    assert kpis.profit_per_new_customer(10_000, 20) == 500
    assert kpis.loyalty_index(5, 10) == 0.5
    assert round(kpis.clv(1000, 5, 0.10), 2) == 3790.79
    assert kpis.mrr(1_200, 12) == 100
    assert kpis.net_revenue_retention(100_000, 15_000, 3_000, 7_000) == 1.05
    assert kpis.payback_months(300, 25) == 12
    assert kpis.ltv_cac(1_500, 500) == 3
    assert kpis.concentration([40, 30, 20, 10]) == pytest.approx(0.3)


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_a_ratio_is_a_number_or_unknown(top: float, bottom: float) -> None:
    found = kpis.ratio(top, bottom)
    if bottom == 0:
        assert found is None
    else:
        assert found is not None
        assert not math.isnan(found)


def test_nothing_over_nothing_is_unknown() -> None:
    for name in ("aov", "cac", "churn_rate", "repeat_rate", "roas", "csat", "referral_rate", "market_coverage"):
        assert getattr(kpis, name)(5, 0) is None
    assert kpis.roi(5, 0) is None
    assert kpis.nps(1, 0, 0) is None


def test_every_figure_is_registered_once_in_both_languages() -> None:
    wanted = {
        "revenue", "orders", "aov", "repeat_rate", "retention_rate", "churn_rate", "new_customers", "cac",
        "profit_per_new_customer", "loyalty_index", "referral_rate", "conversion_rate", "market_coverage", "roi", "clv",
        "csat", "nps", "first_response_s", "resolution_s", "spend", "roas", "mrr", "net_revenue_retention",
        "gross_margin", "payback_months", "ltv_cac", "new_order_share", "new_revenue_share", "channel_concentration",
    }  # fmt: skip
    assert set(kpis.KPIS) == wanted
    for key, kpi in kpis.KPIS.items():
        assert kpi.key == key
        assert kpi.better in ("up", "down")
        assert all((kpi.zh, kpi.en, kpi.zh_definition, kpi.en_definition, kpi.formula))
        assert any("一" <= c <= "鿿" for c in kpi.zh_definition)
