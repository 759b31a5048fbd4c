from __future__ import annotations

import itertools

import numpy as np
import pytest

from regulars.decide.branch import plan, tighten
from regulars.decide.coupling import Coupling
from regulars.decide.curves import Curves
from regulars.decide.envelope import Cells


@pytest.mark.parametrize("seed", range(8))
def test_s_shapes_and_commitments_are_solved_as_by_trying_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 3
    curves = Curves.make("abc", ceiling=rng.lognormal(4, 1, n), half=rng.lognormal(2.5, 0.5, n), value=10, form="hill",
                         shape=rng.uniform(1.2, 4, n))  # fmt: skip
    switch = rng.random(n) < 0.5
    low, high = np.where(switch, rng.integers(2, 9, n), 0).astype(float), rng.integers(12, 24, n).astype(float)
    cells = Cells(curves, low, high, switch, np.where(switch, 30.0, 0.0))
    rows = Coupling(np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 0.0]]), np.full(2, -np.inf), np.array([30.0, 25.0]))
    found = plan(cells, rows)
    assert found is not None
    axes = [[0.0] * bool(s) + list(np.arange(a, b + 1)) for s, a, b in zip(switch, low, high, strict=True)]
    best = max(cells.value(x) for x in map(np.array, itertools.product(*axes)) if rows.holds(x))
    assert found.value >= best - 1e-9 * abs(best)
    assert found.value <= found.bound <= found.value + 1e-6 * abs(found.bound)
    assert rows.holds(found.x)


def test_rows_take_away_room_that_they_rule_out() -> None:
    curves = Curves.make("ab", ceiling=[1.0, 1.0], half=[1.0, 1.0])
    cells = Cells(curves, np.array([2.0, 6.0]), np.full(2, np.inf), np.array([False, True]), np.zeros(2))
    tight = tighten(cells, Coupling(np.ones((1, 2)), np.full(1, -np.inf), np.array([7.0])))
    assert tight is not None
    assert tight.high.tolist() == [7.0, 0.0]
    assert not tight.switch.any()
    assert tighten(cells, Coupling(np.ones((1, 2)), np.full(1, -np.inf), np.array([1.0]))) is None
