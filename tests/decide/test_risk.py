from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.branch import plan
from regulars.decide.coupling import Coupling
from regulars.decide.curves import Curves
from regulars.decide.envelope import Cells
from regulars.decide.risk import Worst, worst_mean


def test_the_mean_of_the_worst_share_counts_part_of_a_draw() -> None:
    figures = np.arange(1.0, 11.0)
    assert worst_mean(figures, 1.0) == pytest.approx(5.5)
    assert worst_mean(figures, 0.2) == pytest.approx(1.5)
    assert worst_mean(figures, 0.25) == pytest.approx((1 + 2 + 3 / 2) / 2.5)


@pytest.mark.parametrize(("share", "form"), [(0.1, "hyperbolic"), (0.3, "tanh"), (0.3, "hill")])
def test_no_split_on_a_grid_does_better_in_the_worst_draws(share: float, form: str) -> None:
    curves = Curves.make("ab", ceiling=[30.0, 20.0], half=[20.0, 15.0], value=10, form=form, shape=2.0)
    curves = curves.draw(40, worth_sd=[0.8, 0.2], scale_sd=0.4, seed=3)
    none = np.zeros(2)

    def value(cells: Cells, x: np.ndarray) -> float:
        return worst_mean(curves.values(x).sum(axis=1), share)

    cells = Cells(curves, none, np.full(2, 40.0), np.zeros(2, dtype=bool), none)
    rows = Coupling(np.ones((1, 2)), np.full(1, -np.inf), np.array([30.0]))
    found = plan(cells, rows, gap=1e-6, relax=lambda c: Worst(c, share), value=value)
    assert found is not None
    best = max(value(cells, np.array([a, 30.0 - a])) for a in np.linspace(0, 30, 301))
    assert found.value >= best * (1 - 1e-6)
    assert found.value <= found.bound <= found.value * (1 + 2e-6)
