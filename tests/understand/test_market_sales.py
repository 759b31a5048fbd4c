from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from regulars.understand import market_table

TODAY = date(2026, 6, 30)


def test_every_figure_by_hand():
    rows = [
        # market, customer, days ago, amount, kind, status
        ("DE", "a", 200, 50, "sale", "paid"), ("DE", "a", 10, 100, "sale", "paid"), ("DE", "b", 20, 60, "sale", "paid"),
        ("DE", "b", 5, -20, "refund", "paid"), ("DE", "c", 100, 70, "sale", "paid"), ("FR", "d", 1, 30, "sale", "paid"),
        ("FR", "e", 1, 0, "sale", "unpaid"), (None, "f", 1, 999, "sale", "paid"), ("FR", "g", -1, 999, "sale", "paid"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["market", "customer", "ago", "amount", "kind", "status"])
    frame["day"] = [TODAY - timedelta(days=d) for d in frame["ago"]]
    out = market_table(frame, until=TODAY, days=90, demand={"DE": 12}).set_index("market")
    de, fr = out.loc["DE"], out.loc["FR"]
    assert (de["revenue"], de["revenue_before"], de["orders"]) == (140, 70, 2)
    assert (de["customers"], de["new_customers"]) == (2, 1)
    assert de["growth"] == pytest.approx(1.0)
    assert de["coverage"] == pytest.approx(3 / 12)
    assert fr["revenue"] == 30
    assert pd.isna(fr["growth"])
    assert pd.isna(fr["coverage"])
    assert out["share"].sum() == pytest.approx(1.0)


def test_revenue_of_all_markets_adds_up_on_real_orders_shape():
    frame = pd.DataFrame({"market": list("abcab"), "customer": list("vwxyz"), "amount": [1, 2, 3, 4, 5],
                          "day": [TODAY] * 5})  # fmt: skip
    assert market_table(frame, until=TODAY)["revenue"].sum() == 15
