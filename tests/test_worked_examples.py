"""The worked examples of the trade: the document is run as it stands, and the figures are asserted by themselves."""

from __future__ import annotations

import doctest
import math
from pathlib import Path

import pytest

from regulars.decide.markets import serve_markets
from regulars.measure.kpis import cac, churn_rate, loyalty_index, profit_per_new_customer
from regulars.understand import UnscaledFeatures, discounted_cash_flow, expected_worth, logit_probability

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "worked-examples.md"
MARKETS = ((1000, 800, 600), (100, 120, 150), (50, 60, 70), (0.1, 0.2, 0.3))


def test_every_block_of_the_document_gives_what_it_says():
    result = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert result.attempted > 20
    assert result.failed == 0


def test_five_years_of_a_thousand():
    value = discounted_cash_flow(1000, rate=0.10, years=5)
    assert value == pytest.approx(3790.79, abs=0.005)
    assert abs(value - 3748.79) > 40
    assert abs(value - 4321.43) > 500


def test_cross_selling_and_segment_scores():
    assert logit_probability((0.5, 0.3, 0.2), (5, 8, 1), 1.0) == pytest.approx(1 / (1 + math.exp(-6.1)))
    assert round(logit_probability((0.5, 0.3, 0.2), (5, 8, 1), 1.0), 5) == 0.99776
    with pytest.warns(UnscaledFeatures, match=r"98\.7"):
        assert logit_probability((0.3, 0.2, -0.1), (4, 500, 30), 0.5) == 1.0


def test_the_small_ones():
    assert expected_worth(0.7, 500, 5) == 1750
    assert churn_rate(100, 1000) == 0.1
    assert cac(5000, 10) == 500
    assert profit_per_new_customer(10_000, 20) == 500
    assert loyalty_index(5, 10) == 0.5


@pytest.mark.parametrize(
    ("model", "budget", "value"),
    [
        ("share_sum", 30_000, 54_000), ("share_sum", 42_000, 75_600), ("share_sum", 50_000, 90_000),
        ("share_each", 80_000, 138_000), ("share_each", 100_000, 169_800), ("share_each", 140_000, 229_800),
        ("customers", 60_000, 200_000), ("customers", 100_000, 278_000), ("customers", 140_000, 318_000),
        ("binary", 45_000, 63_000), ("binary", 90_000, 139_800), ("binary", 92_000, 153_000),
        ("binary", 98_000, 166_800), ("binary", 140_000, 229_800), ("binary_contribution", 90_000, 49_800),
    ],
)  # fmt: skip
def test_three_markets(model, budget, value):
    assert serve_markets(*MARKETS, budget, model=model, value=(200, 150, 100)).value == pytest.approx(value)
