from __future__ import annotations

import pytest
from benchmarks.budget_instances import instance

from regulars.decide.result import InfeasibleError


@pytest.mark.parametrize("seed", [0, 2, 4, 8, 12, 19, 43, 62, 110, 181, 758, 896])
def test_no_split_on_a_grid_is_better_and_none_exceeds_the_bound(seed: int) -> None:
    one = instance(seed)
    best = one.grid()
    try:
        found = one.decide()
    except InfeasibleError:
        assert best is None
        return
    assert found.continuous_gap <= 1e-6
    if best is not None:
        assert found.value >= best - 1e-6 * abs(best) - 10
        assert found.bound >= best - 1e-6


# Where water-filling once crept (nearly straight starts), lost its way (a curve that does not bend at nothing), or
# where a ratio of next to nothing seemed to break a row; or a poor bound for want of steps.
@pytest.mark.parametrize("seed", [405, 433, 596, 825, 1410, 3628])
def test_the_hardest_of_a_thousand_instances_are_solved_and_proved(seed: int) -> None:
    given = instance(seed)
    plan, grid = given.decide(), given.grid()
    assert grid is not None
    assert plan.value >= grid - 1e-6 * abs(grid) - len(plan.solution)
    assert plan.gap <= 1e-6
