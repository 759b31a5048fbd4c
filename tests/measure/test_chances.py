"""Chances told and what came: quiet while they hold, loud when they break, and never twice over one order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from regulars.measure.chances import chances
from regulars.measure.drift import calibration_drift
from regulars.tables import SCORES, TABLES

TODAY = date(2026, 6, 1)


def company(came: dict[int, float], n: int = 600, seed: int = 0) -> dict[str, pa.Table]:
    """Turns ``ago`` days back tell everybody a chance; people buy with ``came`` times it in the 30 days after."""
    rng = np.random.default_rng(seed)
    told, sold = [], []
    for ago, factor in came.items():
        day = TODAY - timedelta(days=ago)
        at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        p = rng.uniform(0.1, 0.4, n)
        buys = rng.random(n) < factor * p
        told += [{"customer": f"c{i}", "name": "buy_30", "value": float(p[i]), "made_at": at, "made_by": "m/1",
                  "lake_version": "1"} for i in range(n)]  # fmt: skip
        for i in np.flatnonzero(buys):
            on = day + timedelta(days=int(rng.integers(1, 29)))
            sold += [{"source": "s", "id": f"{ago}/{i}/{k}", "revision": 0, "recorded_at": at, "at": at, "day": on,
                      "kind": "sale", "status": "paid", "customer": f"c{i}", "amount": 100, "ordered": 100,
                      "currency": "CNY"} for k in range(2)]  # fmt: skip
    fill = {name: [r.get(name) for r in sold] for name in TABLES["orders"].names}
    return {"scores": SCORES.fill({name: [r.get(name) for r in told] for name in SCORES.names}, len(told)),
            "orders": TABLES["orders"].fill(fill, len(sold))}  # fmt: skip


def test_chances_that_hold_are_quiet() -> None:
    for seed in range(3):
        assert chances(company({35: 1.0, 70: 1.0, 105: 1.0}, seed=seed), TODAY) == ()
    assert chances({}, TODAY) == ()
    assert chances(company({5: 0.2}), TODAY) == ()  # its 30 days are not over
    assert chances(company({35: 0.0}, n=50), TODAY) == ()  # too few people


def test_chances_that_broke_are_told_against_how_far_off_they_always_were() -> None:
    found = chances(company({35: 0.5, 70: 1.0, 105: 1.0}), TODAY)
    assert [(b.name, b.day, b.people) for b in found] == [("buy_30", TODAY - timedelta(days=35), 600)]
    assert found[0].told == pytest.approx(0.25, abs=0.04)
    assert found[0].came == pytest.approx(0.125, abs=0.04)
    # A model that always told too much is known for it; that it still does is no drift.
    assert chances(company({35: 0.5, 70: 0.5, 105: 0.5}), TODAY) == ()
    # Without a past, what it told is what it is held against.
    assert len(chances(company({35: 0.4}), TODAY)) == 1


def test_the_sums_give_the_same_answer_as_the_rows() -> None:
    rng = np.random.default_rng(4)
    from regulars.measure.chances import _Batch, judged

    p0, p1 = rng.uniform(0.1, 0.5, 900), rng.uniform(0.1, 0.5, 400)
    y0, y1 = rng.random(900) < p0, rng.random(400) < 0.5 * p1
    batches = [_Batch(TODAY, len(p), p.sum(), y.sum(), (p * (1 - p)).sum()) for p, y in ((p1, y1), (p0, y0))]
    found = judged("buy_30", 30, batches)
    gap, chance = calibration_drift(p0, y0, p1, y1)
    assert found is not None
    assert found.came - found.told == pytest.approx(gap)
    assert found.p == pytest.approx(chance)
