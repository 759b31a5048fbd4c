"""New customers' revenue: by hand, with refunds and nameless orders, and told apart only where names are known."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from regulars.measure.newcomers import newcomers

TODAY = pd.Timestamp("2026-04-01")


def cube(customers: int = 300, nameless: int = 0, refunds: float = 0.0) -> Any:
    """Everybody buys for 100 on a day of January, for 50 after 30 days and for 70 after 70 days."""
    rng = np.random.default_rng(1)
    first = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 14, customers), unit="D")
    parts = [pd.DataFrame({"customer": [f"c{i}" for i in range(customers)], "day": first + pd.Timedelta(days=after),
                           "amount": amount, "number": n, "market": "north", "channel": None, "currency": "CNY"})
             for n, (after, amount) in enumerate(((0, 100), (30, 50), (70, 70)), 1)]  # fmt: skip
    bought = pd.concat(parts, ignore_index=True)
    strangers = bought.head(nameless).assign(customer=None, amount=100)
    credit = pd.concat([bought, strangers], ignore_index=True)
    for frame in (bought, credit):
        frame["day"] = frame["day"].dt.date
    total = float(credit["amount"].sum()) * (1 - refunds)
    money = pd.DataFrame({"day": [TODAY], "currency": "CNY", "revenue": [total]})
    tables = {"bought": ibis.memtable(bought), "credit": ibis.memtable(credit)}
    return SimpleNamespace(expressions=tables, money=money)


def test_eight_weeks_of_a_customer_are_booked_to_the_first_order() -> None:
    found = newcomers(cube(), "CNY", TODAY)
    assert found is not None
    assert found.factor == pytest.approx(1.5)
    assert found.revenue["revenue"].sum() == pytest.approx(300 * 150)
    assert found.revenue["day"].max() <= pd.Timestamp(date(2026, 1, 14))
    assert found.share == pytest.approx(150 / 220)


def test_refunds_and_nameless_orders_count_for_what_they_are() -> None:
    found = newcomers(cube(refunds=0.1), "CNY", TODAY)
    assert found is not None
    assert found.factor == pytest.approx(1.35)
    some = newcomers(cube(nameless=100), "CNY", TODAY)
    assert some is not None
    assert some.revenue["revenue"].sum() == pytest.approx(300 * 150 + 100 * 100)


def test_without_names_or_with_few_customers_nothing_is_told_apart() -> None:
    assert newcomers(cube(nameless=300), "CNY", TODAY) is None
    assert newcomers(cube(customers=100), "CNY", TODAY) is None
    assert newcomers(cube(), "USD", TODAY) is None
    assert newcomers(SimpleNamespace(expressions={}), "CNY", TODAY) is None
