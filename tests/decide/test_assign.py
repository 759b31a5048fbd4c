from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from regulars.decide.assign import Assignment
from regulars.decide.assign_offers import Limit, Offers

Problem = tuple[np.ndarray, np.ndarray, np.ndarray, tuple[Limit, ...]]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    people, options = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    figures = st.one_of(st.integers(-3, 9).map(float), st.just(-np.inf))
    worth = np.array([[draw(figures) for _ in range(options)] for _ in range(people)])
    money = np.array([[draw(st.integers(0, 5)) for _ in range(options)] for _ in range(people)], dtype=float)
    units = money[::-1].copy()
    limits = []
    for i, of in enumerate(draw(st.lists(st.sampled_from(["people", "money", "units"]), max_size=3))):
        which = draw(st.one_of(st.none(), st.sets(st.integers(0, options - 1), min_size=1).map(tuple)))
        limits.append(Limit(f"l{i}", float(draw(st.integers(0, 8))), which, of))
    return worth, money, units, tuple(limits)


def fits(choice: tuple[int, ...], money: np.ndarray, units: np.ndarray, limits: tuple[Limit, ...]) -> bool:
    for limit in limits:
        taken = [(p, o) for p, o in enumerate(choice) if o >= 0 and (limit.options is None or o in limit.options)]
        table = {"people": np.ones_like(money), "money": money, "units": units}[limit.of]
        if sum(table[p, o] for p, o in taken) > limit.most + 1e-9:
            return False
    return True


def brute(worth: np.ndarray, money: np.ndarray, units: np.ndarray, limits: tuple[Limit, ...]) -> float:
    best = 0.0
    for choice in itertools.product(range(-1, worth.shape[1]), repeat=len(worth)):
        value = sum(worth[p, o] for p, o in enumerate(choice) if o >= 0)
        if value > best and fits(choice, money, units, limits):
            best = value
    return best


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_it_is_the_best_of_all_and_fits(problem: Problem) -> None:
    worth, money, units, limits = problem
    plan = Assignment(limits).decide(Offers.dense(worth, money=money, units=units))
    assert plan.value == pytest.approx(brute(worth, money, units, limits))
    assert fits(tuple(plan.solution.tolist()), money, units, limits)
    assert plan.gap <= 1e-9
    assert all(worth[p, o] > 0 for p, o in enumerate(plan.solution) if o >= 0)


def crowd(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, tuple[Limit, ...]]:
    rng = np.random.default_rng(seed)
    worth = rng.lognormal(0, 1, (n, 6)) - 0.6
    worth[rng.random((n, 6)) < 0.4] = -np.inf
    money = rng.lognormal(0, 0.5, (n, 6))
    limits = (
        Limit("quota:phone", n // 50, (4, 5)), Limit("action:a", n // 8, (0, 4)), Limit("total", n // 2),
        Limit("budget", n * 0.3, of="money"),
    )  # fmt: skip
    return worth, money, limits


def test_a_mip_solver_finds_nothing_better_among_hundreds() -> None:
    worth, money, limits = crowd(200, 1)
    plan = Assignment(limits).decide(Offers.dense(worth, money=money))
    usable = np.where(np.isfinite(worth), worth, -1e6)
    rows = [np.repeat(np.eye(200), 6, axis=1)]
    most = [np.ones(200)]
    for limit in limits:
        on = np.zeros(6)
        on[list(limit.options or range(6))] = 1
        rows.append(((money if limit.of == "money" else np.ones_like(money)) * on).ravel()[None])
        most.append(np.array([limit.most]))
    peer = milp(-usable.ravel(), integrality=np.ones(1_200, dtype=np.int64), bounds=(0, 1),
                constraints=LinearConstraint(np.vstack(rows), -np.inf, np.concatenate(most)),
                options={"mip_rel_gap": 1e-7})  # fmt: skip
    assert plan.value >= -peer.fun * (1 - 1e-6)
    assert plan.bound >= -peer.fun * (1 - 1e-6)
    assert set(plan.binding) <= {k.code for k in limits}


@pytest.mark.parametrize("size", [3_000, 45_000])
def test_large_crowds_are_certified_without_branching(size: int) -> None:
    worth, money, limits = crowd(size, 2)
    plan = Assignment(limits, exact=0).decide(Offers.dense(worth, money=money))
    assert plan.gap <= 1e-4
    taken = np.flatnonzero(plan.solution >= 0)
    option = plan.solution[taken]
    assert worth[taken, option].sum() == pytest.approx(plan.value)
    assert money[taken, option].sum() <= limits[3].most * (1 + 1e-9)
    assert np.isin(option, (4, 5)).sum() <= limits[0].most
    # weak duality at prices of our own making
    price = {k: plan.shadow_prices[k].more for k in plan.shadow_prices}
    dual = sum(price.get(k.code, 0.0) * k.most for k in limits)
    net = worth - price.get("total", 0.0) - price.get("budget", 0.0) * money
    net[:, (4, 5)] -= price.get("quota:phone", 0.0)
    net[:, (0, 4)] -= price.get("action:a", 0.0)
    assert dual + np.maximum(net.max(axis=1), 0).sum() >= plan.value * (1 - 1e-9)


def test_pieces_in_single_precision_keep_the_bound_a_bound() -> None:
    worth, money, limits = crowd(12_000, 3)
    exact = Assignment(limits).decide(Offers.dense(worth, money=money))
    tables = {"worth": worth.astype(np.float32), "money": money.astype(np.float32)}
    single = Assignment(limits).decide(Offers(12_000, 6, lambda rows: {k: t[rows].T for k, t in tables.items()}))
    assert single.bound >= exact.value * (1 - 1e-7)
    assert single.value == pytest.approx(exact.value, rel=1e-5)


def test_the_same_crowd_gets_the_same_plan() -> None:
    worth, money, limits = crowd(1_500, 4)
    first, second = (Assignment(limits).decide(Offers.dense(worth, money=money)) for _ in range(2))
    assert (first.solution == second.solution).all()
    tied = Assignment((Limit("quota:phone", 3),)).decide(Offers.dense(np.full((6, 1), 2.0)))
    again = Assignment((Limit("quota:phone", 3),)).decide(Offers.dense(np.full((6, 1), 2.0)))
    assert tied.solution.tolist() == again.solution.tolist()


def test_bad_limits_and_amounts_are_named() -> None:
    with pytest.raises(ValueError, match="limit 'calls' must be 0 or more"):
        Limit("calls", -1)
    with pytest.raises(ValueError, match="counts 'hours'"):
        Limit("calls", 1, of="hours")
    with pytest.raises(ValueError, match="money of an option must be 0 or more"):
        Offers.dense(np.ones((1, 1)), money=np.array([[-1.0]]))
    assert Assignment().decide(Offers.dense(np.zeros((0, 2)))).value == 0.0
