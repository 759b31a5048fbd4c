from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.budget import BudgetAllocator
from regulars.decide.curves import Curves
from regulars.decide.result import InfeasibleError

CURVES = Curves.make("abc", ceiling=[40, 90, 60], half=[20_000, 50_000, 9_000], value=3_000,
                     form=["tanh", "hyperbolic", "exponential"])  # fmt: skip
KEEP = {"a": 0.6, "b": 0.3}


def test_once_the_best_split_is_at_work_it_is_best_to_keep_it() -> None:
    best = BudgetAllocator(total=60_000).decide(CURVES, [20_000] * 3).solution
    stock = dict(zip("abc", best.astype(float), strict=True))
    plan = BudgetAllocator(total=60_000).over_weeks(CURVES, [20_000] * 3, carry_over=KEEP, stock=stock, weeks=6)
    assert abs(plan.solution - best[:, None]).max() <= 2
    assert plan.stock == pytest.approx(np.repeat(best, 6).reshape(3, 6), abs=2)
    assert plan.gap <= 1e-6


def test_without_carry_over_every_week_is_the_weekly_split() -> None:
    allocator = BudgetAllocator(total=60_000)
    plan = allocator.over_weeks(CURVES, [20_000] * 3, carry_over={}, weeks=3)
    assert abs(plan.solution - allocator.decide(CURVES, [20_000] * 3).solution[:, None]).max() <= 2
    assert plan.terminal == 0


def test_no_change_of_any_week_earns_more() -> None:
    season = np.array([0.7, 1.0, 1.6, 1.0])
    plan = BudgetAllocator(total=60_000).over_weeks(
        CURVES, [5_000, 40_000, 15_000], carry_over=KEEP, weeks=4, season=season, high={"c": 21_000}
    )
    keep = np.array([0.6, 0.3, 0.0])
    steady = BudgetAllocator(total=60_000).decide(CURVES, [5_000, 40_000, 15_000], high={"c": 21_000}).solution
    later = CURVES.slope(steady) * keep / (1 - keep)

    def value(spend: np.ndarray) -> float:
        at_work, total = np.array([5_000.0, 40_000.0, 15_000.0]), 0.0
        for t in range(4):
            at_work = (1 - keep) * spend[:, t] + keep * at_work
            total += season[t] * float(CURVES.value(at_work).sum())
        return total + float(later @ at_work)

    assert plan.value == pytest.approx(value(plan.solution.astype(float)))
    assert plan.value <= plan.bound <= plan.value * (1 + 1e-6)
    assert (plan.solution.sum(axis=0) <= 60_000).all()
    assert (plan.solution[2] <= 21_000).all()
    rng = np.random.default_rng(0)
    for _ in range(200):
        i, j, t = *rng.choice(3, 2, replace=False), rng.integers(4)
        moved = plan.solution.astype(float)
        step = min(500.0, moved[i, t], *([21_000 - moved[2, t]] if j == 2 else []))
        moved[i, t] -= step
        moved[j, t] += step
        assert value(moved) <= plan.value * (1 + 1e-9) + 5


def test_a_week_below_the_minimums_and_a_lasting_effect_are_refused() -> None:
    with pytest.raises(InfeasibleError) as error:
        BudgetAllocator(total=60_000).over_weeks(
            CURVES, [0, 0, 0], carry_over=KEEP, weeks=2, totals=[60_000, 5_000], low={"a": 6_000}
        )
    assert [w.code for w in error.value.conflict] == ["week:2", "at_least:a"]
    with pytest.raises(ValueError, match="'a': carry-over"):
        BudgetAllocator(total=1).over_weeks(CURVES, [0, 0, 0], carry_over={"a": 1.0})
