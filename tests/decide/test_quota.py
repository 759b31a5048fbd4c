from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from regulars.decide.quota import Quota

Crowd = tuple[np.ndarray, list[str], dict[str, int], int | None]


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    people, options = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    figures = st.one_of(st.integers(-3, 9).map(float), st.just(-np.inf))
    worth = np.array([[draw(figures) for _ in range(options)] for _ in range(people)])
    names = [draw(st.sampled_from(["a", "b", "c"])) for _ in range(options)]
    groups = {k: draw(st.integers(0, 3)) for k in draw(st.sets(st.sampled_from(["a", "b", "c"])))}
    return worth, names, groups, draw(st.one_of(st.none(), st.integers(0, 5)))


def brute(worth: np.ndarray, names: list[str], groups: dict[str, int], total: int | None) -> float:
    best = 0.0
    for choice in itertools.product(range(-1, len(names)), repeat=len(worth)):
        taken = [names[j] for j in choice if j >= 0]
        if total is not None and len(taken) > total:
            continue
        if any(taken.count(k) > size for k, size in groups.items()):
            continue
        best = max(best, sum(worth[p, j] for p, j in enumerate(choice) if j >= 0))
    return best


@settings(max_examples=80, deadline=None)
@given(crowd=crowds())
def test_the_choice_is_the_best_of_all_and_fits(
    crowd: tuple[np.ndarray, list[str], dict[str, int], int | None],
) -> None:
    worth, names, groups, total = crowd
    plan = Quota(total, groups).decide(worth, names)
    taken = [names[j] for j in plan.solution if j >= 0]
    assert plan.value == pytest.approx(brute(worth, names, groups, total))
    assert plan.value == pytest.approx(sum(worth[p, j] for p, j in enumerate(plan.solution) if j >= 0))
    assert plan.bound >= plan.value - 1e-9
    assert plan.gap <= 1e-9
    assert total is None or len(taken) <= total
    assert all(taken.count(k) <= size for k, size in groups.items())
    for code, price in plan.shadow_prices.items():
        key = code.removeprefix("quota:")
        for step, expected in ((1, price.more), (-1, price.less)):
            if key == "total":
                assert total is not None
                new = (total + step, groups)
            else:
                new = (total, {**groups, key: groups[key] + step})
            if (new[0] is None or new[0] >= 0) and all(v >= 0 for v in new[1].values()):
                other = brute(worth, names, new[1], new[0])
                assert step * (other - brute(worth, names, groups, total)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_a_mip_solver_finds_the_same_value_for_hundreds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, names = 300, ["mail", "mail", "call", "visit"]
    worth = rng.lognormal(0, 1, (n, 4)) - 0.5
    worth[rng.random((n, 4)) < 0.4] = -np.inf
    groups, total = {"call": 25, "visit": 6}, 120
    plan = Quota(total, groups).decide(worth, names)
    usable = np.where(np.isfinite(worth), worth, -1e6)
    rows, limits = [np.repeat(np.eye(n), 4, axis=1)], [np.ones(n)]
    for k, size in groups.items():
        rows.append(np.tile([float(m == k) for m in names], n)[None])
        limits.append(np.array([size]))
    rows.append(np.ones((1, 4 * n)))
    limits.append(np.array([total]))
    peer = milp(
        -usable.ravel(), integrality=np.ones(4 * n, dtype=np.int64), bounds=(0, 1),
        constraints=LinearConstraint(np.vstack(rows), -np.inf, np.concatenate(limits)), options={"mip_rel_gap": 0},
    )  # fmt: skip
    assert plan.value == pytest.approx(-peer.fun, rel=1e-9)
    assert plan.gap <= 1e-12


def test_a_crowd_with_many_equal_people_is_still_exact() -> None:
    worth = np.tile([[3.0, 5.0]], (5_000, 1))
    plan = Quota(total=2_000, groups={"call": 700}).decide(worth, ["mail", "call"])
    assert plan.value == 700 * 5 + 1_300 * 3
    assert plan.gap == 0
    assert plan.shadow_prices["quota:call"].more == 2.0
    assert plan.shadow_prices["quota:total"].less == 3.0


def test_one_total_takes_the_best_people_with_their_best_option() -> None:
    worth = np.array([[1.0, 4.0], [9.0, 2.0], [3.0, 3.5], [-1.0, -2.0]])
    plan = Quota(total=2).decide(worth, ["mail", "call"])
    assert plan.solution.tolist() == [1, 0, -1, -1]
    assert (plan.shadow_prices["quota:total"].more, plan.shadow_prices["quota:total"].less) == (3.5, 4.0)


def test_large_crowds_are_certified() -> None:
    rng = np.random.default_rng(0)
    worth = rng.lognormal(0, 1, (20_000, 3)) - 0.7
    plan = Quota(8_000, {"call": 500, "visit": 20}).decide(worth, ["mail", "call", "visit"])
    assert plan.gap <= 1e-12
    assert np.bincount(plan.solution + 1)[2:].tolist() == [500, 20]


def test_bad_quotas_and_shapes_are_named() -> None:
    with pytest.raises(ValueError, match="quota 'call' must be 0 or more"):
        Quota(groups={"call": -1}).decide(np.ones((1, 1)), ["call"])
    with pytest.raises(ValueError, match="2 options, names 1"):
        Quota().decide(np.ones((1, 2)), ["call"])
