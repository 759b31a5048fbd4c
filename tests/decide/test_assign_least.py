from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.assign_least import AtLeast, AtLeastAssignment
from regulars.decide.assign_offers import Limit, Offers
from regulars.decide.result import InfeasibleError

Problem = tuple[np.ndarray, np.ndarray, tuple[Limit, ...], tuple[AtLeast, ...]]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    people, options = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    figures = st.one_of(st.integers(-6, 9).map(float), st.just(-np.inf))
    worth = np.array([[draw(figures) for _ in range(options)] for _ in range(people)])
    money = np.array([[draw(st.integers(0, 4)) for _ in range(options)] for _ in range(people)], dtype=float)
    which = st.one_of(st.none(), st.sets(st.integers(0, options - 1), min_size=1).map(tuple))
    limits = [
        Limit(f"l{i}", float(draw(st.integers(0, 6))), draw(which), of)
        for i, of in enumerate(draw(st.lists(st.sampled_from(["people", "money"]), max_size=2)))
    ]
    least = []
    for i in range(draw(st.integers(1, 3))):
        among = draw(st.one_of(st.none(), st.lists(st.booleans(), min_size=people, max_size=people)))
        mask = None if among is None else np.array(among)
        least.append(AtLeast(f"m{i}", float(draw(st.integers(0, 3))), draw(which), mask))
    return worth, money, tuple(limits), tuple(least)


def meets(choice: tuple[int, ...], problem: Problem) -> bool:
    _worth, money, limits, least = problem
    taken = [(p, o) for p, o in enumerate(choice) if o >= 0]
    for limit in limits:
        own = [(p, o) for p, o in taken if limit.options is None or o in limit.options]
        if (len(own) if limit.of == "people" else sum(money[p, o] for p, o in own)) > limit.most + 1e-9:
            return False
    return all(
        sum((k.options is None or o in k.options) and (k.people is None or bool(k.people[p])) for p, o in taken)
        >= k.least
        for k in least
    )


def brute(problem: Problem) -> float | None:
    worth, best = problem[0], None
    for choice in itertools.product(range(-1, worth.shape[1]), repeat=len(worth)):
        value = sum(worth[p, o] for p, o in enumerate(choice) if o >= 0)
        if np.isfinite(value) and (best is None or value > best) and meets(choice, problem):
            best = value
    return best


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_it_is_the_best_that_meets_every_minimum_or_says_what_cannot_hold(problem: Problem) -> None:
    worth, money, limits, least = problem
    truth, offers = brute(problem), Offers.dense(worth, money=money)
    if truth is None:
        with pytest.raises(InfeasibleError) as said:
            AtLeastAssignment(limits, least).decide(offers)
        codes = {w.code for w in said.value.conflict}

        def left(names: set[str]) -> Problem:
            return worth, money, tuple(k for k in limits if k.code in names), tuple(k for k in least if k.code in names)

        assert brute(left(codes)) is None
        assert all(brute(left(codes - {one})) is not None for one in codes)
        return
    plan = AtLeastAssignment(limits, least).decide(offers)
    assert plan.value == pytest.approx(truth)
    assert plan.gap <= 1e-7
    assert meets(tuple(plan.solution.tolist()), problem)
    chosen = plan.solution >= 0
    assert worth[chosen, plan.solution[chosen]].sum() == pytest.approx(plan.value)


@settings(max_examples=40, deadline=None)
@given(problem=problems())
def test_the_price_of_a_minimum_is_what_one_place_more_or_less_changes(problem: Problem) -> None:
    worth, money, limits, least = problem
    truth = brute(problem)
    if truth is None:
        return
    plan = AtLeastAssignment(limits, least).decide(Offers.dense(worth, money=money))
    for m, k in enumerate(least):
        for step, side in ((1, "more"), (-1, "less")):
            if k.least + step < 1 - (step < 0) or not k.least:
                continue
            moved = (*least[:m], AtLeast(k.code, k.least + step, k.options, k.people), *least[m + 1 :])
            other = brute((worth, money, limits, moved))
            price = plan.shadow_prices.get(k.code)
            told = 0.0 if price is None else getattr(price, side)
            if other is None:
                assert told == -np.inf
            else:
                assert told == pytest.approx(step * (other - truth), abs=1e-6)


def test_ten_thousand_people_are_certified_and_cost_no_more_than_the_relaxed_plan() -> None:
    rng = np.random.default_rng(3)
    n = 10_000
    worth = rng.lognormal(0, 1, (n, 6)) - 0.6
    worth[:, 5] -= 30.0
    worth[rng.random((n, 6)) < 0.4] = -np.inf
    group = rng.random(n) < 0.1
    limits = (Limit("quota:total", n // 3), Limit("quota:phone", n // 50, (4, 5)), Limit("action:a", n // 8, (0, 4)))
    least = (AtLeast("least:f", 40, (5,)), AtLeast("least:group", 700, None, group), AtLeast("least:b", 2_000, (1,)))
    plan = AtLeastAssignment(limits, least).decide(Offers.dense(worth))
    option = plan.solution
    assert plan.gap <= 1e-4
    assert (option == 5).sum() >= 40
    assert ((option >= 0) & group).sum() >= 700
    assert (option == 1).sum() >= 2_000
    assert (option >= 0).sum() <= n // 3
    assert np.isin(option, (4, 5)).sum() <= n // 50
    free = AtLeastAssignment(limits).decide(Offers.dense(worth))
    assert plan.value < free.value
    assert plan.shadow_prices["least:f"].more < -25
    # weak duality with the prices it names
    price = {k: v.more for k, v in plan.shadow_prices.items()}
    net = worth - price.get("quota:total", 0.0)
    net[:, (4, 5)] -= price.get("quota:phone", 0.0)
    net[:, (0, 4)] -= price.get("action:a", 0.0)
    net[:, 5] -= price["least:f"]
    net[:, 1] -= price["least:b"]
    net[group] -= price["least:group"]
    size = {"quota:total": n // 3, "quota:phone": n // 50, "action:a": n // 8, **{k.code: k.least for k in least}}
    dual = sum(price.get(code, 0.0) * most for code, most in size.items()) + np.maximum(net.max(axis=1), 0).sum()
    assert plan.value * (1 - 1e-9) <= dual <= plan.value * (1 + 1e-3)


def test_nothing_asked_is_the_plan_without_minimums_and_bad_ones_are_named() -> None:
    offers = Offers.dense(np.array([[5.0, 9.0], [1.0, 8.0]]))
    plan = AtLeastAssignment((Limit("quota:phone", 1, (1,)),), (AtLeast("m", 0.0),)).decide(offers)
    assert plan.solution.tolist() == [0, 1]
    assert not plan.kept.any()
    with pytest.raises(ValueError, match="minimum 'm' must be 0 or more"):
        AtLeast("m", -1.0)
    with pytest.raises(InfeasibleError, match="2 wishes cannot hold together: m \\(Calls\\) 2; quota:phone 1"):
        AtLeastAssignment((Limit("quota:phone", 1, (1,)),), (AtLeast("m", 2, (1,), None, "Calls"),)).decide(offers)
