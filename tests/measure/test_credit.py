from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from regulars.measure.credit import attribution
from regulars.measure.sales import fact


def test_over_the_lake_against_walking_through_every_order(rows: Any) -> None:
    rng = np.random.default_rng(2)
    orders = [
        {"day": float(d), "customer": None if c > 30 else f"c{c}", "amount": int(a), "channel": k}
        for d, c, a, k in zip(rng.uniform(0, 200, 150), rng.integers(0, 34, 150), rng.integers(1, 9999, 150),
                              rng.choice(["shop", "web", None], 150), strict=True)
    ]  # fmt: skip
    touches = [
        {"day": float(d), "customer": f"c{c}", "channel": f"t{k}"}
        for d, c, k in zip(rng.uniform(-100, 200, 300), rng.integers(0, 20, 300), rng.integers(0, 4, 300), strict=True)
    ]
    given = {"orders": rows("orders", *orders), "touches": rows("touches", *touches)}
    found = attribution(fact(given, "orders"), fact(given, "touches"))
    wanted: dict[tuple[str, str], list[float]] = {}
    for order in orders:
        own = sorted((t for t in touches if t["customer"] == order["customer"] and order["customer"]
                      and order["day"] - 90 <= t["day"] <= order["day"]), key=lambda t: t["day"])  # fmt: skip
        path = [t["channel"] for t in own] or [order["channel"] or "direct"]
        for model, credit in (("first", [path[0]]), ("last", [path[-1]]), ("linear", path)):
            for channel in credit:
                sums = wanted.setdefault((model, channel), [0.0, 0.0])
                sums[0] += 1 / len(credit)
                sums[1] += order["amount"] / len(credit)
    sums = found.groupby(["model", "channel"])[["orders", "revenue"]].sum()
    assert set(sums.index) == set(wanted)
    for key, (n, money) in wanted.items():
        assert sums.loc[key, "orders"] == pytest.approx(n, abs=1e-9)
        # Linear money is rounded to whole units once a month.
        assert sums.loc[key, "revenue"] == pytest.approx(money, abs=0.001 if key[0] != "linear" else 8)
    totals = found.groupby("model")["revenue"].sum()
    assert set(totals) == {sum(o["amount"] for o in orders)}
