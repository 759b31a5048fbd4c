from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.result import InfeasibleError
from regulars.decide.schedule import Schedule


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10_000), people=st.integers(1, 5), rooms=st.lists(st.integers(0, 3), min_size=1, max_size=3),
       everybody=st.booleans())  # fmt: skip
def test_the_timetable_is_the_best_of_all(seed: int, people: int, rooms: list[int], everybody: bool) -> None:
    rng = np.random.default_rng(seed)
    worth = rng.integers(1, 9, (people, len(rooms))).astype(float)
    worth[rng.random(worth.shape) < 0.25] = -np.inf
    hours = {f"{9 + k}:00": room for k, room in enumerate(rooms)}
    able = np.isfinite(worth).any(axis=1)
    best = None
    for choice in itertools.product(range(-1, len(rooms)), repeat=people):
        if any(choice.count(k) > rooms[k] for k in range(len(rooms))):
            continue
        if everybody and any(k < 0 and ok for k, ok in zip(choice, able, strict=True)):
            continue
        value = sum(worth[p, k] for p, k in enumerate(choice) if k >= 0)
        best = value if best is None or value > best else best
    rule = Schedule(hours, everybody)
    if best is None or best == -np.inf:
        with pytest.raises(InfeasibleError):
            rule.decide(worth)
        return
    plan = rule.decide(worth)
    assert plan.value == pytest.approx(best)
    for k, hour in enumerate(hours):
        assert plan.solution.count(hour) <= rooms[k]


def test_the_hours_that_lack_room_are_named() -> None:
    worth = np.array([[1.0, -np.inf, -np.inf], [2.0, -np.inf, -np.inf], [1.0, 1.0, 1.0]])
    with pytest.raises(InfeasibleError) as error:
        Schedule({"9:00": 1, "12:00": 1, "20:00": 5}, everybody=True).decide(worth)
    assert [w.code for w in error.value.conflict] == ["capacity:9:00", "everybody"]


def test_room_has_a_price() -> None:
    plan = Schedule({"9:00": 1, "20:00": 9}).decide(np.array([[5.0, 1.0], [4.0, 2.0]]))
    assert plan.solution == ("9:00", "20:00")
    assert plan.shadow_prices["quota:9:00"].more == 2.0
