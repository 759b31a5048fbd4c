from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from regulars.decide.agreements import Agreement, Tier

START = date(2026, 1, 1)
TIERS = (Tier(0, 50_000), Tier(100_000, 80_000), Tier(300_000, 120_000))


def terms(**more: Any) -> Agreement:
    return Agreement(**{"id": "a", "partner": "p", "channels": ("agents",), "start": START, "tiers": TIERS, **more})


def test_each_part_at_its_own_rate_or_all_at_the_rate_reached() -> None:
    # 5 % of 1,000.00, 8 % of 2,000.00, 12 % of 500.00
    assert terms().earned(350_000) == (100_000 * 5 + 200_000 * 8 + 50_000 * 12) * 10_000
    assert terms(rule="whole").earned(350_000) == 350_000 * 12 * 10_000
    assert terms().earned(-200) == -200 * 50_000
    assert terms().parts(-50, 120_000) == [(-50, 100_000, 50_000), (100_000, 120_000, 80_000)]


def test_whose_orders_and_when() -> None:
    a = terms(markets=("cn",), end=date(2026, 6, 30))
    assert a.covers("agents", "cn", date(2026, 6, 30))
    assert not a.covers("agents", "cn", date(2026, 7, 1))
    assert not a.covers("agents", "jp", START)
    assert not a.covers(None, "cn", START)
    assert terms(tier_period="quarter").tier_key(date(2026, 5, 1)) == (2026, 1)
    assert terms(start=date(2026, 2, 15)).month_share(2026, 2) == (14, 28)
    assert terms().month_end(2026, 12) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"tiers": (Tier(5, 1),)}, "begins at 0"), ({"tiers": ()}, "begins at 0"),
        ({"tiers": (Tier(0, 1), Tier(0, 2))}, "above the one before"),
        ({"tiers": (Tier(0, 1_000_001),)}, "between 0 % and 100 %"),
        ({"tiers": (Tier(0, 0.1),)}, "whole numbers"),
        ({"rule": "whole", "tiers": (Tier(0, 9), Tier(5, 3))}, "pay less for selling more"),
        ({"channels": ()}, "no channel"), ({"end": date(2025, 1, 1)}, "ends before"),
        ({"guarantee": 9, "cap": 5}, "cap is below"), ({"rounding": "up"}, "rounding is one of"),
        ({"cost": -1}, "below 0"), ({"tier_period": "week"}, "tier period"), ({"rule": "none"}, "rule 'none'"),
    ],
)  # fmt: skip
def test_terms_that_contradict_themselves_are_named(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        terms(**more)
