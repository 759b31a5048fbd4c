"""Key figures by every cut, counted by hand; days added one after the other give what all of them give at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regulars.measure import Kpis
from regulars.tables import TABLES

START = datetime(2026, 1, 5, 12, tzinfo=UTC)  # a Monday
LAST = 34


def company(seed: int) -> dict[str, pa.Table]:
    """Five weeks of a company with every table a figure reads."""
    rng = np.random.default_rng(seed)

    def some(table: str, rows: int, **own: Any) -> pa.Table:
        days = rng.integers(0, LAST + 1, rows)
        at = [
            START + timedelta(days=int(d), seconds=int(s))
            for d, s in zip(days, rng.integers(0, 40_000, rows), strict=True)
        ]
        columns = {
            "source": "s", "id": [f"{table}{n}" for n in range(rows)], "revision": 0, "recorded_at": START, "at": at,
            "day": [a.date() for a in at], "customer": [f"c{n}" for n in rng.integers(0, 40, rows)],
            "channel": rng.choice(["search", "mail"], rows), "market": rng.choice(["cn", "de"], rows), **own,
        }  # fmt: skip
        return TABLES[table].fill({k: v for k, v in columns.items() if k in TABLES[table].names}, rows)

    money = rng.integers(1, 10**4, 150)
    refund = rng.random(150) < 0.1
    what = rng.choice(["start", "upgrade", "cancel"], 40)
    return {
        "orders": some(
            "orders", 150, kind=np.where(refund, "refund", "sale"), status="paid",
            amount=np.where(refund, -money, money), ordered=money,
            currency=rng.choice(["CNY", "USD"], 150, p=[0.8, 0.2]),
        ),
        "order_lines": some(
            "order_lines", 200, order_id=[f"orders{n}" for n in rng.integers(0, 150, 200)], kind="sale", goods=True,
            product=rng.choice(["tea", "cup", "pot"], 200), quantity=1.0, amount=rng.integers(1, 999, 200),
            currency="CNY",
        ),
        "touches": some("touches", 120, kind=rng.choice(["visit", "referral"], 120)),
        "spend": some("spend", 20, days=rng.integers(1, 9, 20), amount=rng.integers(1, 999, 20), currency="CNY",
                      clicks=rng.integers(1, 99, 20)),
        "subscriptions": some("subscriptions", 40, contract=[f"k{n}" for n in rng.integers(0, 12, 40)], kind=what,
                              months=1, amount=np.where(what == "cancel", 0, 100), currency="CNY"),
        "feedback": some("feedback", 40, kind="nps", score=rng.integers(0, 11, 40).astype(float)),
    }  # fmt: skip


def between(facts: dict[str, pa.Table], first: int, last: int) -> dict[str, pa.Table]:
    low, high = (START.date() + timedelta(days=n) for n in (first, last))
    return {
        name: t.filter(pc.and_(pc.greater_equal(t["day"], pa.scalar(low)), pc.less_equal(t["day"], pa.scalar(high))))
        for name, t in facts.items()
    }


def sorted_table(figures: Kpis) -> pd.DataFrame:
    table: pd.DataFrame = figures.table_.to_pandas()
    keys = ["name", "grain", "day", "channel", "market", "segment", "product", "partner", "currency"]
    return table.sort_values(keys, ignore_index=True)


SCORED = TABLES["scores"].fill(
    {"customer": [f"c{n}" for n in range(30)] * 2, "name": ["segment"] * 30 + ["clv"] * 30,
     "label": ["best", "rest"] * 15 + [None] * 30, "value": [None] * 30 + [float(n) for n in range(30)], "made_by": "t",
     "made_at": START, "lake_version": "1"}, 60,
)  # fmt: skip


@settings(
    max_examples=2, deadline=None, derandomize=True, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
@given(st.integers(0, 99), st.lists(st.integers(0, LAST - 1), min_size=1, max_size=1))
def test_days_added_later_give_what_all_days_give_at_once(seed: int, cuts: list[int]) -> None:
    facts, now = company(seed), START + timedelta(days=LAST)
    made = {"zone": "UTC", "grains": ("week", "all"), "partners": {"mail": "Post"}}
    whole = Kpis(**made).fit(facts, SCORED, now=now)  # type: ignore[arg-type]
    bit, first = Kpis(**made), 0  # type: ignore[arg-type]
    for last in (*sorted(cuts), LAST):
        bit.partial_fit(between(facts, first, last), SCORED, now=START + timedelta(days=last))
        first = last + 1
    pd.testing.assert_frame_equal(sorted_table(bit), sorted_table(whole))
    names = set(sorted_table(whole)["name"])
    assert {"mrr", "net_revenue_retention", "payback_months", "ltv_cac", "nps", "churn_rate", "repeat_rate"} <= names


def test_segments_products_and_partners_counted_by_hand(rows: Any) -> None:
    facts = {
        "orders": rows(
            "orders",
            {"day": 0, "customer": "ann", "amount": 1000, "channel": "mail"},
            {"day": 8, "customer": "ann", "amount": 3000, "channel": "shop"},
            {"day": 9, "customer": "ann", "amount": -500, "kind": "refund", "channel": "shop"},
            {"day": 9, "customer": "bob", "amount": 400, "channel": "mail", "currency": "USD"},
            {"day": 9, "amount": 70, "channel": "mail"},
        ),
        "order_lines": rows(
            "order_lines",
            *({"day": 8, "order_id": "1", "kind": "sale", "goods": g, "product": p, "quantity": 1.0, "amount": a,
               "currency": "CNY"} for g, p, a in ((True, "tea", 900), (True, "tea", 100), (False, "post", 99))),
            {"day": 9, "order_id": "1", "kind": "refund", "goods": True, "product": "tea", "quantity": -1.0,
             "amount": -100, "currency": "CNY"},
        ),
    }  # fmt: skip
    scores = TABLES["scores"].fill(
        {"customer": ["ann", "ann", "bob"], "name": "segment", "label": ["old", "best", "rest"], "made_by": "t",
         "made_at": [START, START + timedelta(days=1), START], "lake_version": "1"}, 3,
    )  # fmt: skip
    figures = Kpis(grains=("month",), partners={"mail": "Post"}).fit(facts, scores, now=START + timedelta(days=20))
    table = figures.table_.to_pandas()

    def values(cut: str, name: str) -> dict[tuple[str, Any], float]:
        own = table[table[cut].notna() & (table["name"] == name)]
        return {
            (k, c if isinstance(c, str) else None): v
            for k, c, v in zip(own[cut], own["currency"], own["value"], strict=True)
        }

    assert values("segment", "revenue") == {("best", "CNY"): 3500, ("rest", "USD"): 400, ("unknown", "CNY"): 70}
    assert values("segment", "orders") == {("best", None): 2, ("rest", None): 1, ("unknown", None): 1}
    assert values("segment", "aov")["best", "CNY"] == 1750
    assert values("product", "revenue") == {("tea", "CNY"): 900}
    assert values("product", "orders") == {("tea", None): 1}  # two lines of one order
    assert values("partner", "revenue") == {("Post", "CNY"): 1070, ("Post", "USD"): 400}
    assert set(table["why"]) == {"period_running"}


def test_by_day_every_figure_is_there(rows: Any) -> None:
    orders = rows("orders", *({"day": d, "customer": f"c{d % 3}", "amount": 100, "channel": "web"} for d in range(6)))
    table = Kpis(grains=("day",)).fit({"orders": orders}, now=START + timedelta(days=6)).table_.to_pandas()
    share = table[(table["name"] == "new_order_share") & table["channel"].isna()].sort_values("day")["value"]
    assert share.tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert {"repeat_rate", "churn_rate", "aov", "gross_margin"} <= set(table["name"])


def test_what_cannot_be_counted_says_so(rows: Any) -> None:
    orders = rows("orders", {"day": 3, "customer": "ann", "amount": 100})
    now = START + timedelta(days=5)
    with pytest.raises(ValueError, match="time zone"):
        Kpis().fit({"orders": orders}, now=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="unknown: year"):
        Kpis(grains=("year",)).fit({"orders": orders}, now=now)
    with pytest.raises(ValueError, match="margin"):
        Kpis(margin=30).fit({"orders": orders}, now=now)
    with pytest.raises(ValueError, match="counted already"):
        Kpis().fit({"orders": orders}, now=now).partial_fit({"orders": orders}, now=now + timedelta(days=1))
    with pytest.raises(AttributeError):
        _ = Kpis().table_


def test_of_nothing_there_is_nothing() -> None:
    figures = Kpis().fit({}, now=START)
    assert len(figures.table_) == 0
    assert figures.until_ == date(2026, 1, 5)
