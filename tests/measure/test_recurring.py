"""Recurring revenue against a count by hand, a published example, and brute force over every contract and day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from regulars.measure.cubes import first_day
from regulars.measure.recurring import movements, recurring
from regulars.measure.sales import fact

START = date(2026, 1, 5)


def found(subscriptions: Any, grain: str, by: tuple[str, ...], today: date) -> tuple[pd.Series, pd.Series]:
    return recurring(movements(fact({"subscriptions": subscriptions}, "subscriptions")), grain, by, today, first_day)


def test_a_year_of_one_company_counted_by_hand(rows: Any) -> None:
    given = rows(
        "subscriptions",
        {"day": 0, "contract": "a", "customer": "ann", "kind": "start", "amount": 1200, "months": 12, "channel": "web"},
        {"day": 1, "contract": "b", "customer": "bob", "kind": "start", "amount": 300, "months": 3, "channel": "mail"},
        {
            "day": 30,
            "contract": "a",
            "customer": "ann",
            "kind": "upgrade",
            "amount": 1800,
            "months": 12,
            "channel": "x",
        },
        {"day": 31, "contract": "b", "customer": "bob", "kind": "cancel", "amount": 0, "channel": "mail"},
        {"day": 32, "contract": "c", "customer": "cat", "kind": "start", "amount": 50, "months": 1, "channel": "web"},
        {"day": 40, "contract": "c", "customer": "cat", "kind": "upgrade", "amount": 80, "months": 1, "channel": "web"},
        {"day": 60, "contract": "c", "customer": "cat", "kind": "renewal", "amount": 80, "months": 1},
    )
    level, kept = found(given, "month", (), date(2026, 3, 20))
    assert level.tolist() == [200.0, 230.0, 230.0]
    # Of January's 200, ann brings 150 in February and bob nothing; cat came in February and does not count.
    assert kept.tolist()[1:] == [0.75, 1.0]
    by_channel, kept = found(given, "month", ("channel",), date(2026, 3, 20))
    assert by_channel.xs("web", level="channel").tolist() == [100.0, 230.0, 230.0]  # channel of the beginning
    assert by_channel.xs("mail", level="channel").tolist() == [100.0, 0.0, 0.0]
    assert kept.xs("web", level="channel").tolist()[1] == 1.5


def test_a_contract_that_changes_its_money_leaves_one_and_joins_the_other(rows: Any) -> None:
    moves = movements(fact({"subscriptions": rows(
        "subscriptions",
        {"day": 0, "contract": "a", "kind": "start", "amount": 100, "months": 1},
        {"day": 9, "contract": "a", "kind": "renewal", "amount": 20, "months": 1, "currency": "USD"},
        {"day": 12, "contract": "a", "kind": "cancel", "currency": "CNY"},
    )}, "subscriptions"))  # fmt: skip
    assert moves.groupby("currency")["delta"].sum().to_dict() == {"CNY": 0.0, "USD": 0.0}
    assert moves["holder"].unique().tolist() == ["test/a"]


def test_no_contract_no_figure(rows: Any) -> None:
    for by in ((), ("channel",)):
        level, kept = found(rows("subscriptions"), "week", by, START)
        assert level.empty
        assert kept.empty


@pytest.mark.parametrize("grain", ["week", "month"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_against_brute_force(rows: Any, grain: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    given = []
    for contract in range(60):
        days = np.sort(rng.choice(120, rng.integers(1, 5), replace=False))
        for place, day in enumerate(days):
            kind = "start" if not place else str(rng.choice(["renewal", "upgrade", "downgrade", "cancel"]))
            amount = 0 if kind == "cancel" else int(rng.integers(1, 900))
            own = {"contract": f"k{contract}", "customer": f"c{contract % 40}", "channel": f"h{contract % 3}"}
            given.append({"day": int(day), **own, "kind": kind, "amount": amount, "months": int(rng.integers(1, 13))})
    today = START + timedelta(days=125)
    level, kept = found(rows("subscriptions", *given), grain, (), today)

    def brings(until: date) -> dict[str, float]:
        state: dict[str, tuple[str, float]] = {}
        for row in sorted(given, key=lambda r: r["day"]):
            if START + timedelta(days=row["day"]) <= until:
                price = 0.0 if row["kind"] == "cancel" else row["amount"] / row["months"]
                state[row["contract"]] = (row["customer"], price)
        people: dict[str, float] = {}
        for customer, price in state.values():
            people[customer] = people.get(customer, 0.0) + price
        return people

    starts = [s.date() for s in level.index]
    for start, stop, value, share in zip(starts, [*starts[1:], today + timedelta(days=1)], level, kept, strict=True):
        end, before = brings(stop - timedelta(days=1)), brings(start - timedelta(days=1))
        assert value == pytest.approx(sum(end.values()), abs=1e-6)
        if sum(before.values()) > 0:
            assert share == pytest.approx(sum(end[c] for c, v in before.items() if v > 0) / sum(before.values()))
        else:
            assert np.isnan(share)
