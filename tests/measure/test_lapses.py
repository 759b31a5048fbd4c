from __future__ import annotations

from typing import Any

import numpy as np

from regulars.measure.lapses import NEVER, lapses, lost_and_at_start, usual_gap_days
from regulars.measure.sales import acquired, credited, fact, numbered
from regulars.tables import ACTIVITY


def spells(orders: Any, subscriptions: Any = None, gap: float = 14.0) -> Any:
    facts = {"orders": orders, "subscriptions": subscriptions}
    table = fact(facts, "orders")
    won = acquired(credited(table, fact(facts, "touches")))
    return lapses(numbered(table), fact(facts, "subscriptions"), won, gap)


def test_the_usual_gap_is_the_median(rows: Any) -> None:
    days = {"a": [0, 10, 30], "b": [0, 40, 90], "c": [5]}
    orders = rows("orders", *({"day": d, "customer": c, "amount": 1} for c, own in days.items() for d in own))
    assert usual_gap_days(numbered(fact({"orders": orders}, "orders"))) == np.median([10, 20, 40, 50])


def test_against_walking_through_every_day(rows: Any) -> None:
    rng = np.random.default_rng(3)
    bought = {f"c{i}": sorted(rng.integers(0, 900, rng.integers(1, 6)).tolist()) for i in range(60)}
    orders = rows("orders", *({"day": d, "customer": c, "amount": 1} for c, own in bought.items() for d in own))
    found = spells(orders)
    patience = ACTIVITY.dormant_gaps * 14
    origin = int(found["since"].min()) - min(min(v) for v in bought.values())

    def alive(own: list[int], day: float) -> bool:
        past = [d for d in own if d < day]
        return bool(past) and day - max(past) <= patience

    starts = np.arange(20, 880, 30)
    ends = starts + 30
    lost, base = lost_and_at_start(found, starts + origin, ends + origin)
    for i, (s, e) in enumerate(zip(starts, ends, strict=True)):
        at_start = [own for own in bought.values() if alive(own, s)]
        assert base[i] == len(at_start)
        assert lost[i] == sum(not alive(own, e) for own in at_start)


def test_a_contract_keeps_its_holder_until_it_ends(rows: Any) -> None:
    orders = rows("orders", {"day": 0, "customer": "a", "amount": 1}, {"day": 0, "customer": "b", "amount": 1})
    subs = rows(
        "subscriptions",
        {"day": 0, "customer": "a", "contract": "k1"},
        {"day": 0, "customer": "b", "contract": "k2"},
        {"day": 50, "customer": "b", "contract": "k2", "kind": "cancel"},
    )
    found = spells(orders, subs).sort_values("lost")
    first = int(found["since"].min())
    assert found["lost"].tolist()[0] == first + 51  # cancelled while the last purchase was still fresh
    assert found["lost"].tolist()[1] == NEVER
