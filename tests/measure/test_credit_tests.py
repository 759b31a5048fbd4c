from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from regulars.measure.credit_tests import proofs

TODAY = date(2026, 6, 30)
CREDITED = {"search": {"first": 0.8, "last": 2.0}, "mail": {"first": 1.0, "last": 1.2}}


def ran(**own: Any) -> dict[str, Any]:
    return {"id": "1", "channel": "search", "metric": "revenue", "unit": "total", "start": "2026-05-01",
            "end": "2026-05-28", "spend": 10_000.0, "delta": 5_000.0, "se": 500.0, "currency": "CNY"} | own  # fmt: skip


def found(*tests: dict[str, Any], spend: pd.DataFrame | None = None) -> Any:
    days = pd.DataFrame({"day": pd.to_datetime([]), "channel": [], "amount": []}) if spend is None else spend
    return proofs(pd.DataFrame(list(tests)), CREDITED, days, order_value=100.0, margin=0.5, currency="CNY",
                  today=TODAY)  # fmt: skip


def test_a_test_below_every_method_says_the_credit_is_too_high() -> None:
    [proof] = found(ran())
    assert proof.roas == pytest.approx(0.25)
    assert proof.high == pytest.approx(0.25 + 1.645 * 0.025)
    assert (proof.code, proof.closest, proof.least, proof.most) == ("credit_too_high", "first", 0.8, 2.0)


def test_orders_count_as_money_and_a_cut_like_a_raise() -> None:
    [more] = found(ran(metric="orders", delta=400.0, se=10.0))
    [less] = found(ran(metric="orders", delta=-400.0, se=10.0, spend=-10_000.0))
    assert more == less
    assert more.roas == pytest.approx(2.0)
    assert (more.code, more.closest) == ("credit_fits", "last")


def test_without_its_own_spend_a_test_is_of_all_that_was_spent() -> None:
    spend = pd.DataFrame({"day": pd.to_datetime(["2026-04-30", "2026-05-01", "2026-05-28"]), "channel": "search",
                          "amount": [7, 600, 400]})  # fmt: skip
    [proof] = found(ran(spend=None, delta=9_000.0), spend=spend)
    assert proof.roas == pytest.approx(4.5)
    assert proof.code == "credit_too_low"
    assert found(ran(spend=None)) == ()


def test_old_tests_other_channels_and_unfinished_ones_do_not_count() -> None:
    assert found(ran(end="2025-05-28", start="2025-05-01"), ran(channel="radio"), ran(delta=None), ran(se=0)) == ()
    newest = found(ran(), ran(id="2", channel="mail", end="2026-06-20"))
    assert [p.channel for p in newest] == ["mail", "search"]
    assert proofs(None, CREDITED, pd.DataFrame(), order_value=1, margin=1, currency="CNY", today=TODAY) == ()
