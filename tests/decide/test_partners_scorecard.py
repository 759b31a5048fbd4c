from __future__ import annotations

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from regulars.decide.agreements import Agreement, Tier
from regulars.decide.partners_scorecard import scorecards, shares

TODAY = date(2026, 6, 30)
NORTH = Agreement("a1", "north", ("agents",), date(2026, 1, 1), (Tier(0, 100_000),), markets=("cn",))
MALL = Agreement("a2", "mall", ("marketplace",), date(2025, 1, 1), (Tier(0, 200_000),), mode="marketplace")


def facts() -> dict[str, ibis.Table]:
    rows = [
        ("o1", "c1", "2026-03-02", "sale", 10_000, "agents", "cn"),
        ("o2", "c2", "2026-03-03", "sale", 30_000, "agents", "cn"),
        ("o2", "c2", "2026-04-03", "refund", -30_000, "agents", "cn"),
        ("o3", "c3", "2026-03-03", "sale", 99_000, "agents", "jp"),
        ("o4", "c4", "2025-12-01", "sale", 5_000, "agents", "cn"),
        ("o5", "c5", "2026-02-01", "sale", 40_000, "marketplace", "jp"),
        ("o6", "c5", "2025-03-01", "sale", 20_000, "marketplace", "jp"),
    ]
    orders = pd.DataFrame(rows, columns=["id", "customer", "day", "kind", "amount", "channel", "market"])
    orders["day"] = pd.to_datetime(orders["day"]).dt.date
    orders = orders.assign(status="paid", currency="CNY")
    said = pd.DataFrame({"customer": ["c1", "c2", "c5", "c9"], "kind": ["csat", "nps", "csat", "csat"],
                         "score": [5.0, 3.0, 4.0, 1.0], "day": [date(2026, 4, 1)] * 4})  # fmt: skip
    return {"orders": ibis.memtable(orders), "feedback": ibis.memtable(said)}


def test_a_card_counted_by_hand() -> None:
    paid = [{"partner": "north", "due": date(2026, 3, 1), "paid": date(2026, 3, 1), "amount": 1},
            {"partner": "north", "due": date(2026, 4, 1), "paid": date(2026, 4, 9), "amount": 1},
            {"partner": "north", "due": date(2026, 5, 1), "paid": None, "amount": 1},
            {"partner": "north", "due": date(2026, 9, 1), "paid": None, "amount": 1}]  # fmt: skip
    north, mall = scorecards(
        facts(), [NORTH, MALL], today=TODAY, margin=0.5, payments=paid, expected={"north": 100_000}
    )
    # the territory is cn, and the agreement begins in January
    assert (north.deals, north.revenue, north.revenue_before) == (2, 10_000, 0)
    assert north.commission == 4_000
    assert north.margin == 5_000 - 4_000
    assert (north.kept.good, north.kept.of) == (1, 2)
    assert (north.on_time.good, north.on_time.of) == (1, 3)
    assert (north.satisfied.good, north.satisfied.of) == (1, 2)
    assert north.belief is not None
    assert 0 < north.belief < 0.2
    assert (mall.deals, mall.revenue, mall.revenue_before, mall.commission) == (1, 40_000, 20_000, 8_000)
    assert mall.belief is None
    assert (mall.on_time.of, mall.satisfied.good) == (0, 1)


def test_without_facts_or_agreements_there_is_no_card_to_break() -> None:
    assert scorecards({}, [], today=TODAY, margin=0.5) == []
    card = scorecards({}, [NORTH], today=TODAY, margin=0.5)[0]
    assert (card.deals, card.revenue, card.quality) == (0, 0, pytest.approx(0.5))


def test_few_cases_are_drawn_to_the_rest_and_many_speak_for_themselves() -> None:
    few, many, poor = shares([(2, 2), (900, 1000), (300, 1000)])
    assert few.value < 1.0
    assert few.low < many.low < many.value < many.high
    assert many.value == pytest.approx(0.9, abs=0.01)
    assert poor.value == pytest.approx(0.3, abs=0.01)
    assert shares([]) == []
    nobody = shares([(0, 0)])[0]
    assert nobody.value == pytest.approx(0.5)


def test_drawing_together_is_nearer_to_the_truth_than_the_plain_share() -> None:
    rng = np.random.default_rng(1)
    plain, drawn = 0.0, 0.0
    for _ in range(20):
        truth = rng.beta(16, 4, 12)
        of = rng.integers(1, 12, 12)
        good = rng.binomial(of, truth)
        found = shares(list(zip(good.tolist(), of.tolist(), strict=True)))
        plain += float(((good / of - truth) ** 2).sum())
        drawn += float(((np.array([s.value for s in found]) - truth) ** 2).sum())
    assert drawn < 0.5 * plain
