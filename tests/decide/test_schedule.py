from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from regulars.decide.result import InfeasibleError
from regulars.decide.schedule import SendSchedule
from regulars.decide.schedule_chains import Chains, CircleError
from regulars.decide.schedule_flow import assign
from regulars.decide.schedule_prices import Crowd
from regulars.decide.schedule_rooms import Rooms


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
    rule = SendSchedule(hours, everybody)
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
        SendSchedule({"9:00": 1, "12:00": 1, "20:00": 5}, everybody=True).decide(worth)
    assert [w.code for w in error.value.conflict] == ["capacity:9:00", "everybody"]


def test_room_has_a_price() -> None:
    plan = SendSchedule({"9:00": 1, "20:00": 9}).decide(np.array([[5.0, 1.0], [4.0, 2.0]]))
    assert plan.solution == ("9:00", "20:00")
    assert plan.shadow_prices["room:9:00"].more == 2.0


def optimum(worth: np.ndarray, counts: np.ndarray, rooms: list[tuple[list[int], int]], everybody: bool) -> float | None:
    """The same by a linear programme over every pair."""
    rows, slots = worth.shape
    may = np.isfinite(worth)
    person = np.kron(np.eye(rows), np.ones(slots))
    limits = [np.tile(np.isin(np.arange(slots), some), rows) for some, _ in rooms]
    able = may.any(axis=1)
    must = person[able] if everybody else np.zeros((0, rows * slots))
    answer = linprog(
        -np.where(may, worth, 0.0).ravel(), bounds=[(0, None if ok else 0) for ok in may.ravel()],
        A_ub=np.vstack([person, *limits]), b_ub=[*counts, *(size for _, size in rooms)],
        A_eq=must if len(must) else None, b_eq=counts[able] if len(must) else None,
    )  # fmt: skip
    return None if answer.x is None else -float(answer.fun)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), everybody=st.booleans(), families=st.integers(0, 2), whole=st.booleans())
def test_kinds_of_people_and_families_of_slots_reach_the_optimum(
    seed: int, everybody: bool, families: int, whole: bool
) -> None:
    rng = np.random.default_rng(seed)
    rows, slots = int(rng.integers(1, 9)), int(rng.integers(2, 7))
    worth = rng.integers(-1, 5, (rows, slots)).astype(float) if whole else rng.normal(1, 1, (rows, slots))
    worth[rng.random(worth.shape) < 0.25] = -np.inf
    counts, rooms = rng.integers(0, 4, rows), [([k], int(rng.integers(0, 5))) for k in range(slots)]
    rooms += [(list(range(slots // 2 + 1)), 5), (list(range(slots)), 9)][:families]
    names = [f"s{k}" for k in range(slots)]

    def rule(sizes: list[tuple[list[int], int]]) -> SendSchedule:
        groups = {f"f{k}": (tuple(names[h] for h in some), size) for k, (some, size) in enumerate(sizes[slots:])}
        return SendSchedule(dict(zip(names, (size for _, size in sizes), strict=False)), everybody, groups)

    best = optimum(worth, counts, rooms, everybody)
    if best is None:
        with pytest.raises(InfeasibleError):
            rule(rooms).decide(worth, counts)
        return
    plan = rule(rooms).decide(worth, counts)
    assert plan.value == pytest.approx(best, abs=1e-8)
    assert plan.value <= plan.bound <= plan.value + 1e-8
    assert len(plan.solution) == counts.sum()
    chosen = [(r, s) for r, s in zip(np.repeat(np.arange(rows), counts), plan.solution, strict=True) if s]
    assert sum(worth[r, names.index(s)] for r, s in chosen) == pytest.approx(best, abs=1e-8)
    assert {s: sum(s == name for _, name in chosen) for s in names} == dict(plan.volume)
    codes = [*names, "f0", "f1"]
    for code, price in list(plan.shadow_prices.items())[:2]:
        k = codes.index(code.removeprefix("room:"))
        for step, got in ((1, price.more), (-1, -price.less)):
            other = [(some, size + step * (i == k)) for i, (some, size) in enumerate(rooms)]
            truth = optimum(worth, counts, other, everybody) if other[k][1] >= 0 else None
            assert got == (-np.inf if truth is None else pytest.approx(truth - best, abs=1e-7))


def test_thousands_of_people_each_with_their_own_worth_are_proved() -> None:
    rng = np.random.default_rng(5)
    worth = rng.gamma(2.0, 0.5, (3_000, 1)) * np.exp(rng.normal(0, 0.3, (3_000, 13)))
    rule = SendSchedule({f"{8 + k}:00": 200 for k in range(13)})
    plan = rule.decide(worth)
    assert plan.gap < 1e-12
    assert sum(plan.volume.values()) == 2_600
    assert plan == rule.decide(worth)


def test_families_that_cross_and_worth_that_is_no_number_are_refused() -> None:
    crossing = {"one": (("a", "b"), 3), "two": (("b", "c"), 3)}
    with pytest.raises(ValueError, match="'one' and 'two'"):
        SendSchedule({"a": 1, "b": 1, "c": 1}, together=crossing).decide([[1.0, 1.0, 1.0]])
    with pytest.raises(ValueError, match="-inf"):
        SendSchedule({"a": 1}).decide([[np.nan]])
    with pytest.raises(ValueError, match="'a' must be 0 or more"):
        SendSchedule({"a": -1}).decide([[1.0]])
    assert SendSchedule({"a": 1}).decide(np.zeros((0, 1))).solution == ()


@pytest.mark.parametrize("everybody", [False, True])
def test_where_chains_go_round_the_whole_programme_answers_the_same(monkeypatch, everybody):
    rng = np.random.default_rng(3)
    worth = rng.uniform(0, 9, (30, 6))
    rooms = Rooms.of({f"s{i}": 8 for i in range(6)}, {"day": (("s0", "s1", "s2"), 12)})
    crowd = Crowd(worth, np.ones(30), everybody)
    usual = assign(crowd, rooms)

    def circle(self):
        raise CircleError

    monkeypatch.setattr(Chains, "settle", circle)
    other = assign(crowd, rooms)
    assert other.value == pytest.approx(usual.value)
    assert other.value <= other.bound + 1e-9
    assert (np.bincount(other.slot, other.count, 6) <= 8).all()
