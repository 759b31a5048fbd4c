"""Outcomes from cumulative sums beside a plain loop over every person and every order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from regulars.measure.experiment_people import BEFORE_DAYS, DAY_S, outcomes
from regulars.tables import TABLES

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_equals_a_plain_loop() -> None:
    rng = np.random.default_rng(4)
    given: list[dict[str, Any]] = []
    for i in range(400):
        kind = ["sale", "sale", "sale", "refund", "void"][int(rng.integers(5))]
        at = NOW - timedelta(days=int(rng.integers(0, 500)), seconds=int(rng.integers(0, 80_000)))
        given.append({"customer": f"c{rng.integers(0, 25)}", "at": at, "kind": kind,
                      "amount": int(rng.integers(1, 900)),
                      "status": "paid" if rng.random() < 0.8 else "unpaid",
                      "currency": "CNY" if rng.random() < 0.9 else "USD", "id": str(i)})  # fmt: skip
    names = TABLES["orders"].names
    table = TABLES["orders"].fill({n: [r.get(n) for r in given] for n in names}, len(given))
    who = [f"c{i}" for i in rng.integers(0, 30, 60)]
    start = rng.integers(int(NOW.timestamp()) - 300 * DAY_S, int(NOW.timestamp()), 60)
    until = start + 28 * DAY_S
    found = outcomes(pa.chunked_array([who]), start, until, ibis.memtable(table), now=NOW, currency="CNY")
    for k, (person, begin, end) in enumerate(zip(who, start, until, strict=True)):
        own = [(int(r["at"].timestamp()), r) for r in given if r["customer"] == person and r["kind"] != "void"]
        paid = [s for s, r in own if r["kind"] == "sale" and r["status"] == "paid"]
        after = [s for s in paid if begin < s <= end]
        assert found["orders"][k] == len(after)
        assert found["bought"][k] == bool(after)
        assert found["first_s"][k] == min(after, default=-1)
        assert found["orders_before"][k] == sum(s <= begin for s in paid)
        assert found["last_before_s"][k] == max((s for s in paid if s <= begin), default=-1)
        money = [(s, r["amount"] if r["currency"] == "CNY" else 0) for s, r in own]
        assert found["revenue"][k] == sum(m for s, m in money if begin < s <= end)
        assert found["x"][k] == sum(m for s, m in money if begin - BEFORE_DAYS * DAY_S < s <= begin)
