from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.pacing import HOURS, DailyPacing


@settings(max_examples=60, deadline=None)
@given(
    budget=st.integers(0, 5_000), reserve=st.integers(0, 500), catch_up=st.floats(1, 6),
    traffic=st.lists(st.floats(0, 100), min_size=24, max_size=24), open_=st.sets(st.integers(0, 23)),
    bids=st.lists(st.tuples(st.integers(0, 23), st.integers(0, 3_000), st.floats(0, 1), st.booleans()), max_size=60),
)  # fmt: skip
def test_no_stream_of_spends_ever_overspends(
    budget: int, reserve: int, catch_up: float, traffic: list[float], open_: set[int],
    bids: list[tuple[int, int, float, bool]],
) -> None:  # fmt: skip
    day = DailyPacing(budget, traffic, tuple(open_), catch_up, min(reserve, budget))
    waiting: list[tuple[str, int]] = []
    # The adversary chooses the moment, the size, what it really costs and when it is told.
    for k, (hour, highest, part, late) in enumerate(sorted(bids, key=lambda b: b[0])):
        asked = day.ask(f"b{k}", hour, highest)
        if asked is not None:
            day = asked
            assert hour in open_ or highest == 0
            waiting.append((f"b{k}", int(part * highest)))
        if not late:
            for code, cost in waiting:
                day = day.told(code, cost)
            waiting = []
        assert day.gone <= budget - min(reserve, budget)
    for code, cost in waiting:
        day = day.told(code, cost)
    assert sum(day.spent) <= budget


@settings(max_examples=60, deadline=None)
@given(
    budget=st.integers(0, 10_000), hour=st.integers(0, 23), spent=st.integers(0, 12_000), catch_up=st.floats(1, 4),
    traffic=st.lists(st.floats(0, 9), min_size=24, max_size=24),
)  # fmt: skip
def test_the_plan_of_the_rest_never_exceeds_what_is_left(
    budget: int, hour: int, spent: int, catch_up: float, traffic: list[float]
) -> None:
    day = DailyPacing(budget, traffic, catch_up=catch_up).spend(0, spent) if hour else DailyPacing(budget, traffic)
    plan = day.decide(hour)
    assert sum(plan.solution[hour:]) <= max(budget - (spent if hour else 0), 0)
    assert min(plan.solution) >= 0


def test_money_follows_the_day_and_what_an_hour_leaves_is_caught_up() -> None:
    day = DailyPacing(1_000, [0.0] * 8 + [1.0] * 8 + [3.0] * 4 + [0.0] * 4)
    plan = day.decide(0)
    assert plan.solution[8:20] == (50,) * 8 + (150,) * 4
    assert sum(plan.solution) == 1_000
    # nothing went out until 16: the evening gets twice its plan at most
    assert day.allowance(16) == 250
    assert DailyPacing(1_000, day.traffic, catch_up=1.2).allowance(16) == 181
    assert DailyPacing(1_000, day.traffic, open=range(8, 16)).decide(0).solution[16:] == (0,) * 8


def test_a_dear_cost_that_was_not_asked_for_stops_the_day() -> None:
    day = DailyPacing(1_000).spend(3, 1_400)
    assert day.ask("x", 4, 1) is None
    assert sum(day.decide(4).solution[4:]) == 0
    with pytest.raises(ValueError, match="promised was at most 10"):
        (DailyPacing(1_000).ask("y", 0, 10) or day).told("y", 11)
    with pytest.raises(ValueError, match="asked for twice"):
        (DailyPacing(1_000).ask("y", 0, 10) or day).ask("y", 0, 10)
    with pytest.raises(ValueError, match="24 numbers"):
        DailyPacing(1, [1.0] * (HOURS - 1))
