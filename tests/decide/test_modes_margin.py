from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.decide.modes_margin import Mode, ModeMargins

SHOP = Mode("shop", "direct", 100, 40, 1_500, fee=2, fixed_cost=20_000)
MALL = Mode("mall", "marketplace", 100, 40, 1_500, commission=0.2)
AGENT = Mode("agent", "agent", 120, 40, 900, commission=0.25, fixed_cost=5_000, capacity=800)


def test_contribution_break_even_and_crossing_by_hand() -> None:
    plan = ModeMargins().decide([SHOP, MALL, AGENT])
    assert plan.contributions == {"shop": 67_000.0, "mall": 60_000.0, "agent": 35_000.0}
    assert plan.solution == "shop"
    assert plan.break_evens == {"shop": pytest.approx(20_000 / 58), "mall": 0.0, "agent": pytest.approx(100.0)}
    # 20,000 / (58 - 40) and 5,000 / (50 - 40); shop and agent would cross at 1,875, above the agent's capacity
    assert plan.indifferent == {("shop", "mall"): pytest.approx(20_000 / 18), ("mall", "agent"): pytest.approx(500)}


@given(volume=st.floats(0, 1e5))
def test_below_the_crossing_the_cheaper_fixed_cost_wins_and_above_it_the_other(volume: float) -> None:
    crossing = ModeMargins().decide([SHOP, MALL]).indifferent["shop", "mall"]
    if abs(volume - crossing) > 1e-6:
        assert (SHOP.contribution(volume) > MALL.contribution(volume)) == (volume > crossing)


def test_at_the_break_even_nothing_is_left_and_a_unit_that_loses_never_gets_there() -> None:
    assert SHOP.contribution(SHOP.break_even) == pytest.approx(0.0, abs=1e-9)
    assert Mode("bad", "reseller", 100, 70, 50, commission=0.4, fixed_cost=1).break_even == math.inf
    assert Mode("small", "direct", 100, 0, 50, fixed_cost=1_000, capacity=9).break_even == math.inf


def test_a_full_mode_prices_its_capacity_and_none_may_pay() -> None:
    plan = ModeMargins().decide([AGENT])
    assert plan.shadow_prices["capacity:agent"].more == pytest.approx(50.0)
    assert ModeMargins().decide([Mode("bad", "direct", 10, 20, 5)]).solution is None
    assert ModeMargins().decide([]).why == ("none_pays",)


def test_unknown_kinds_and_commissions_are_named() -> None:
    with pytest.raises(ValueError, match="'booth' is not one of"):
        ModeMargins().decide([Mode("x", "booth", 1, 1, 1)])
    with pytest.raises(ValueError, match="commission is a share"):
        ModeMargins().decide([Mode("x", "agent", 1, 1, 1, commission=12)])
    with pytest.raises(ValueError, match="named twice"):
        ModeMargins().decide([SHOP, SHOP])
