from __future__ import annotations

import numpy as np
import pytest
from benchmarks.weeks_instances import weeks_instance

from regulars.decide import Row
from regulars.decide.budget import BudgetAllocator, Group
from regulars.decide.curves import Curves
from regulars.decide.result import InfeasibleError

S_SHAPED = Curves.make("ab", ceiling=[100, 60], half=[20_000, 30_000], value=3_000, form=["hyperbolic", "hill"],
                       shape=[1.0, 3.0])  # fmt: skip
KEEP = {"a": 0.2, "b": 0.5}


# S-shapes, powers that start straight up, commitments over the plan, rows that leave no room inside, refusals.
@pytest.mark.parametrize("seed", [0, 9, 12, 53, 80, 89, 114, 138])
def test_no_plan_on_a_grid_is_better_and_none_exceeds_the_bound(seed: int) -> None:
    one = weeks_instance(seed)
    try:
        plan = one.decide()
    except InfeasibleError:
        assert one.best(np.zeros(2)) is None
        return
    assert one.holds(plan.solution)
    assert plan.value == pytest.approx(float(one.value(plan.solution[None].astype(float), plan.later)[0]))
    assert plan.gap <= 2e-5
    best = one.best(plan.later)
    if best is not None:
        assert plan.value >= best - 1e-6 * abs(best) - 10
        assert plan.bound >= best - 1e-6


def test_money_that_is_too_little_for_every_week_goes_out_in_pulses() -> None:
    """One S-shaped channel whose weekly share of a plan's money is below its turn: some weeks get all of it."""
    curve = Curves.make("a", ceiling=[100], half=[20_000], value=3_000, form="hill", shape=4.0)
    group = Group("all", ["a"], high=60_000.0)
    plan = BudgetAllocator(total=40_000).over_weeks(
        curve, [0], carry_over={}, weeks=4, groups=[group], over_plan=["all"]
    )  # fmt: skip
    assert plan.solution.sum() <= 60_000
    used = plan.solution[plan.solution > 0]
    assert len(used) == 2
    assert plan.gap <= 1e-5
    even = 4 * float(curve.value([15_000.0])[0])
    assert plan.value > 1.5 * even


def test_a_group_binds_in_each_week_or_over_the_plan_as_asked() -> None:
    season = [0.2, 1.0, 2.0]
    group = Group("b", ["b"], low=6_000, high=8_000)
    allocator, given = BudgetAllocator(total=40_000), {"carry_over": KEEP, "weeks": 3, "season": season}
    each = allocator.over_weeks(S_SHAPED, [20_000] * 2, groups=[group], **given)
    assert (each.solution[1] >= 6_000).all()
    assert (each.solution[1] <= 8_000).all()
    whole = Group("b", ["b"], low=18_000, high=24_000)
    over = allocator.over_weeks(S_SHAPED, [20_000] * 2, groups=[whole], over_plan=["b"], **given)
    assert 18_000 <= over.solution[1].sum() <= 24_000
    assert over.value >= each.value - 1
    assert over.solution[1].max() > 8_000
    assert {c.partition("@")[0] for c in each.binding} >= {"at_most:b"}
    assert "at_most:b" in over.binding or "at_least:b" in over.binding


def test_a_smallest_amount_holds_in_each_week_or_over_the_plan() -> None:
    allocator, given = BudgetAllocator(total=30_000), {"carry_over": {}, "weeks": 3, "season": [0.1, 1.0, 1.0]}
    each = allocator.over_weeks(S_SHAPED, [15_000] * 2, minimums={"b": 25_000}, **given)
    assert ((each.solution[1] == 0) | (each.solution[1] >= 25_000)).all()
    over = allocator.over_weeks(S_SHAPED, [15_000] * 2, minimums={"b": 60_000}, over_plan=["b"], **given)
    assert over.solution[1].sum() == 0 or over.solution[1].sum() >= 60_000


def test_rows_of_other_things_hold_every_week() -> None:
    hours = Row("hours", {"a": 1.0, "b": 2.0}, high=30_000.0)
    plan = BudgetAllocator(total=40_000, rows=[hours]).over_weeks(S_SHAPED, [10_000] * 2, carry_over=KEEP, weeks=4)
    assert (plan.solution[0] + 2 * plan.solution[1] <= 30_000 + 3).all()
    assert plan.gap <= 1e-4


def test_eight_weeks_of_many_channels_are_planned_with_a_small_proved_gap() -> None:
    rng = np.random.default_rng(4)
    names, forms = [f"c{i}" for i in range(8)], ["hill", "tanh", "hyperbolic", "exponential"] * 2
    curves = Curves.make(names, ceiling=rng.lognormal(4, 0.5, 8), half=rng.lognormal(9.5, 0.5, 8), value=1_000,
                         form=forms, shape=[2.5, 1.0, 1.0, 1.0] * 2)  # fmt: skip
    plan = BudgetAllocator(total=160_000, nodes=30).over_weeks(
        curves, [20_000] * 8, carry_over=dict.fromkeys(names, 0.4), weeks=8,
        groups=[Group("g", names[:3], share_high=0.5)], minimums={"c3": 10_000},
    )  # fmt: skip
    assert plan.value <= plan.bound
    assert plan.gap <= 0.01
    spend = plan.solution
    assert (spend[:3].sum(axis=0) <= 0.5 * spend.sum(axis=0) + 3).all()
    assert ((spend[3] == 0) | (spend[3] >= 10_000)).all()


def test_what_cannot_hold_is_named_in_the_week_or_over_the_plan() -> None:
    allocator = BudgetAllocator(total=20_000)
    with pytest.raises(InfeasibleError) as error:
        allocator.over_weeks(S_SHAPED, [10_000] * 2, carry_over={}, weeks=2, totals=[20_000, 5_000],
                             groups=[Group("g", ["a", "b"], low=8_000.0)])  # fmt: skip
    assert {w.code for w in error.value.conflict} == {"week:2", "at_least:g"}
    with pytest.raises(InfeasibleError) as error:
        allocator.over_weeks(S_SHAPED, [10_000] * 2, carry_over={}, weeks=2, low={"a": 6_000},
                             groups=[Group("g", ["a"], high=10_000.0)], over_plan=["g"])  # fmt: skip
    assert {w.code for w in error.value.conflict} == {"at_most:g", "at_least:a"}
    with pytest.raises(ValueError, match="over_plan"):
        allocator.over_weeks(S_SHAPED, [10_000] * 2, carry_over={}, weeks=2, over_plan=["nobody"])
    with pytest.raises(ValueError, match="one figure for each"):
        allocator.over_weeks(S_SHAPED, [10_000] * 2, carry_over={}, weeks=2, totals=[1.0])
