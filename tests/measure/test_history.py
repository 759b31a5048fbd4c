from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.measure.history import history, spread_spend
from regulars.tables import SCORES, TABLES

TODAY = date(2026, 2, 20)
FEW: list[pd.DataFrame] = []


def figures(facts: dict[str, Any], scores: pa.Table | None = None, **given: Any) -> pd.DataFrame:
    given = {"today": TODAY, "currency": "CNY", "margin": 0.5, **given}
    return history(facts, SCORES.empty() if scores is None else scores, **given)


def one(frame: pd.DataFrame, name: str, grain: str = "all", **where: Any) -> float | None:
    rows = frame[(frame["name"] == name) & (frame["grain"] == grain)]
    for column in ("channel", "market"):
        wanted = where.get(column)
        rows = rows[rows[column].isna() if wanted is None else rows[column] == wanted]
    for column in ("currency", "day"):
        if column in where:
            rows = rows[rows[column] == (pd.Timestamp(where[column]) if column == "day" else where[column])]
    assert len(rows) == 1, rows
    value = rows["value"].iloc[0]
    return None if pd.isna(value) else float(value)


@pytest.fixture
def facts(rows: Any) -> dict[str, pa.Table]:
    """Ann buys three times (one refunded in part), Bob once, somebody unknown once; Cat never pays."""
    return {
        "orders": rows(
            "orders",
            {"day": 0, "customer": "ann", "amount": 1000, "channel": "shop", "market": "cn"},
            {"day": 8, "customer": "ann", "amount": 3000, "channel": "shop", "market": "cn"},
            {"day": 9, "customer": "ann", "amount": -500, "kind": "refund", "channel": "shop", "market": "cn"},
            {"day": 30, "customer": "ann", "amount": 2000, "channel": "web", "market": "cn"},
            {"day": 10, "customer": "bob", "amount": 4000, "channel": "web", "market": "de"},
            {"day": 11, "customer": None, "amount": 700, "channel": "shop", "market": "cn"},
            {"day": 12, "customer": "cat", "amount": 0, "ordered": 900, "status": "unpaid", "channel": "web"},
            {"day": 13, "customer": "bob", "amount": 100, "currency": "USD", "channel": "web", "market": "de"},
        ),
        "spend": rows(
            "spend",
            {"day": 0, "channel": "web", "amount": 701, "days": 7},
            {"day": 8, "channel": "shop", "amount": 299},
        ),
    }


@pytest.fixture
def f(facts: dict[str, pa.Table]) -> pd.DataFrame:
    """The figures of the few facts, counted once for all that ask."""
    if not FEW:
        FEW.append(figures(facts))
    return FEW[0]


def test_counted_by_hand(f: pd.DataFrame) -> None:
    assert one(f, "revenue", currency="CNY") == 10_200
    assert one(f, "revenue", currency="USD") == 100
    assert one(f, "orders") == 6  # the unpaid one is not an order, the anonymous one is
    assert one(f, "new_customers") == 2  # ann and bob; nobody knows who the third was
    assert one(f, "aov", currency="CNY") == 10_200 / 5
    assert one(f, "repeat_rate") == 1.0  # bob's second order is in dollars and counts
    assert one(f, "loyalty_index") == 3 / 5
    assert one(f, "spend") == 1000
    assert one(f, "cac", currency="CNY") == 500
    assert one(f, "profit_per_new_customer", currency="CNY") == (0.5 * 10_200 - 1000) / 2
    assert one(f, "roas", channel="web", currency="CNY") == pytest.approx(6000 / 701)
    assert one(f, "roi", channel="web", currency="CNY") == pytest.approx((3000 - 701) / 701)
    assert one(f, "market_coverage") == 1.0
    assert one(f, "market_coverage", channel="shop") == 0.5
    assert one(f, "revenue", channel="shop", currency="CNY") == 4200
    assert one(f, "revenue", market="de", currency="CNY") == 4000
    assert one(f, "new_customers", channel="shop") == 1
    assert one(f, "repeat_rate", "week", day="2026-01-05") == 0.0
    assert one(f, "repeat_rate", "week", day="2026-01-12") == 1.0


def test_grains_add_up_and_currencies_never_do(f: pd.DataFrame) -> None:
    for name in ("revenue", "orders", "new_customers", "spend"):
        own = f[(f["name"] == name) & (f["currency"].isna() | (f["currency"] == "CNY"))]
        total = own[own["channel"].isna() & own["market"].isna()].groupby("grain")["value"].sum()
        assert len(set(total.round(6))) == 1, (name, total)
        by_channel = own[own["channel"].notna()].groupby("grain")["value"].sum()
        assert by_channel.to_dict() == total.to_dict()
    assert not f.duplicated(["name", "day", "grain", "channel", "market", "currency"]).any()
    assert np.isfinite(f["value"].dropna()).all()


def test_a_day_has_only_what_adds_up(f: pd.DataFrame) -> None:
    assert set(f.loc[f["grain"] == "day", "name"]) == {"revenue", "orders", "new_customers", "spend"}


def test_the_running_week_is_marked(facts: dict[str, pa.Table]) -> None:
    f = figures(facts, today=date(2026, 1, 14))
    marked = f[f["why"] == "period_running"]
    assert set(marked["day"]) == {pd.Timestamp("2026-01-12"), pd.Timestamp("2026-01-01")}


def test_what_lies_ahead_does_not_count(facts: dict[str, pa.Table]) -> None:
    assert one(figures(facts, today=date(2026, 1, 14)), "orders") == 2


def test_a_void_takes_its_order_back(rows: Any) -> None:
    orders = rows(
        "orders",
        {"day": 0, "id": "x", "customer": "ann", "amount": 1000},
        {"day": 0, "id": "x", "customer": "ann", "amount": -1000, "kind": "void"},
        {"day": 1, "id": "y", "customer": "ann", "amount": 300},
    )
    f = figures({"orders": orders})
    assert (one(f, "revenue"), one(f, "orders")) == (300, 1)


def test_no_spend_is_unknown_cost_not_free(rows: Any) -> None:
    f = figures({"orders": rows("orders", {"day": 0, "customer": "a", "amount": 5})})
    assert f[f["name"].isin(["cac", "roas", "roi"])]["value"].notna().sum() == 0


def test_first_touch_wins_the_customer_and_last_touch_the_order(rows: Any) -> None:
    facts = {
        "orders": rows("orders", {"day": 50, "customer": "ann", "amount": 100, "channel": "shop"}),
        "touches": rows(
            "touches",
            {"day": -45, "customer": "ann", "channel": "old"},
            {"day": 20, "customer": "ann", "channel": "search", "kind": "referral"},
            {"day": 30, "customer": "ann", "channel": "email"},
            {"day": 51, "customer": "ann", "channel": "late"},
            {"day": 20, "customer": "eve", "channel": "search"},
        ),
        "spend": rows("spend", {"day": 1, "channel": "email", "amount": 50}),
    }
    f = figures(facts, today=date(2026, 3, 31))
    assert one(f, "new_customers", channel="search") == 1
    assert one(f, "roas", channel="email", currency="CNY") == 2.0
    assert one(f, "referral_rate") == 1.0
    assert one(f, "conversion_rate") == 0.5
    assert one(f, "conversion_rate", channel="search") == 0.5


def test_answers_and_times(rows: Any) -> None:
    feedback = rows(
        "feedback",
        *({"day": 0, "score": s} for s in (5, 4, 3, None)),
        *({"day": 1, "kind": "nps", "score": s} for s in (10, 9, 8, 6, 0, 9, 9, 9)),
        *({"day": 2, "kind": "ticket", "first_response_s": s, "resolution_s": 10 * s} for s in (60.0, 120.0, 9000.0)),
    )
    f = figures({"feedback": feedback})
    assert one(f, "csat") == pytest.approx(2 / 3)
    assert one(f, "nps") == pytest.approx(100 * (5 - 2) / 8)
    assert one(f, "first_response_s") == 120
    assert one(f, "resolution_s") == 1200


def test_clv_is_the_mean_of_the_scores(facts: dict[str, pa.Table]) -> None:
    now = datetime(2026, 2, 20, tzinfo=UTC)
    scores = TABLES["scores"].fill(
        {"customer": ["ann", "bob", "ann"], "name": ["clv", "clv", "churn"], "value": [9000.0, 1000.0, 0.5],
         "made_by": "t", "made_at": now, "lake_version": "1"}, 3,
    )  # fmt: skip
    f = figures(facts, scores)
    assert one(f, "clv") == 5000
    assert one(f, "clv", channel="shop") == 9000


def test_empty_facts_have_no_figures() -> None:
    assert figures({}).empty


def test_spend_is_spread_to_the_minor_unit() -> None:
    rng = np.random.default_rng(1)
    spend = pd.DataFrame({
        "day": pd.to_datetime("2026-01-01"), "days": rng.integers(1, 32, 200), "amount": rng.integers(-50, 10_000, 200),
        "clicks": rng.integers(0, 900, 200),
    })  # fmt: skip
    spread = spread_spend(spend)
    assert spread["clicks"].sum() == spend["clicks"].sum()
    assert len(spread) == spend["days"].sum()
    assert spread["amount"].sum() == spend["amount"].sum()


def brute(frame: pd.DataFrame) -> dict[str, float]:
    own = frame.sort_values("day", kind="stable")
    n = own.groupby("customer").size()
    return {"repeat_rate": float((n >= 2).mean()), "loyalty_index": float((n - 1).sum() / n.sum())}


def test_against_brute_force_on_many_orders(rows: Any) -> None:
    rng = np.random.default_rng(5)
    given = [
        {"day": float(d), "customer": f"c{c}", "amount": int(a), "channel": f"k{k}"}
        for d, c, a, k in zip(rng.uniform(0, 40, 600), rng.integers(0, 200, 600), rng.integers(1, 999, 600),
                              rng.integers(0, 3, 600), strict=True)
    ]  # fmt: skip
    f = figures({"orders": rows("orders", *given)})
    for name, wanted in brute(pd.DataFrame(given)).items():
        assert one(f, name) == pytest.approx(wanted)


def test_the_newer_figures_counted_by_hand(f: pd.DataFrame) -> None:
    assert one(f, "gross_margin", currency="CNY") == 5_100
    assert one(f, "new_order_share") == 2 / 5
    # first purchases in yuan: 1,000 and 4,000 of 10,000 before the refund; the anonymous sale is nobody's first
    assert one(f, "new_revenue_share", currency="CNY") == 5_000 / 10_000
    # credit without touches is the order's own channel: shop 1,000 + 3,000 + 700, web 2,000 + 4,000
    assert one(f, "channel_concentration", currency="CNY") == pytest.approx((4_700**2 + 6_000**2) / 10_700**2)
    assert one(f, "channel_concentration", market="de", currency="CNY") == 1.0
    # ann was one for 47 days and bob for 37 (day 0 and day 10 up to today); they brought 9,500 in yuan
    a_month = 0.5 * 9_500 / (47 + 37) * 365.25 / 12
    assert one(f, "payback_months", currency="CNY") == pytest.approx(500 / a_month)


def test_ltv_over_cac_counts_what_was_earned_and_what_will_be(facts: dict[str, pa.Table]) -> None:
    now = datetime(2026, 2, 20, tzinfo=UTC)
    scores = TABLES["scores"].fill(
        {"customer": ["ann", "bob"], "name": ["clv", "clv"], "value": [9000.0, 1000.0], "made_by": "t", "made_at": now,
         "lake_version": "1"}, 2,
    )  # fmt: skip
    f = figures(facts, scores)
    assert one(f, "ltv_cac", currency="CNY") == pytest.approx((0.5 * 9_500 / 2 + 5_000) / 500)
    assert one(f, "ltv_cac", channel="shop", currency="CNY") == pytest.approx((0.5 * 5_500 + 9_000) / 299)


def test_every_new_figure_against_brute_force(rows: Any) -> None:
    rng = np.random.default_rng(12)
    given = [
        {"day": int(d), "customer": f"c{c}", "amount": int(a), "channel": f"k{k}", "market": f"m{m}"}
        for d, c, a, k, m in zip(np.sort(rng.integers(0, 40, 500)), rng.integers(0, 150, 500),
                                 rng.integers(1, 999, 500), rng.integers(0, 4, 500), rng.integers(0, 2, 500),
                                 strict=True)
    ]  # fmt: skip
    frame = pd.DataFrame(given)
    spend = [{"day": d, "channel": "k1", "amount": 100} for d in range(40)]
    f = figures({"orders": rows("orders", *given), "spend": rows("spend", *spend)}, today=date(2026, 2, 13))
    order = [f"orders{i}" for i in range(500)]
    frame = frame.assign(id=order).sort_values(["day", "id"])
    frame["first"] = ~frame.duplicated("customer")
    week = frame[(frame["day"] >= 14) & (frame["day"] < 21)]
    monday = "2026-01-19"
    assert one(f, "new_order_share", "week", day=monday) == pytest.approx(week["first"].mean())
    amount = week["amount"] * week["first"]
    assert one(f, "new_revenue_share", "week", day=monday) == pytest.approx(amount.sum() / week["amount"].sum())
    shares = week.groupby("channel")["amount"].sum() / week["amount"].sum()
    assert one(f, "channel_concentration", "week", day=monday) == pytest.approx((shares**2).sum())
    won = frame[frame["first"]].set_index("customer")["day"]
    days = sum(max(0, 21 - max(14, d)) for d in won)  # nobody can be lost within 40 days
    a_month = 0.5 * week["amount"].sum() / days * 365.25 / 12
    assert one(f, "payback_months", "week", day=monday) == pytest.approx(700 / week["first"].sum() / a_month)
