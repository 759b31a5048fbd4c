"""Cuts and rooms: they hold for every whole plan, whatever it is worth, and cut the relaxation off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import vstack

from regulars.decide.resources_cells import Cell, Level, combined
from regulars.decide.resources_covers import Covers
from regulars.decide.resources_linear import linear, narrowed
from regulars.decide.resources_model import Model, build
from regulars.decide.resources_tight import tightened

LEVELS = {"support": (Level("basic"), Level("premium", price=1.2, fixed_cost=150.0, times={"gpu": 1.5}))}


def drawn(seed: int) -> Model:
    """Six markets, three partners too small for them: with a minimum, without, and without an end."""
    rng = np.random.default_rng(seed)
    demand, price = rng.uniform(50, 400, 6), rng.uniform(60, 150, 6)
    capacity, minimum = (np.inf, 250.0, 320.0), (0.0, 60.0, 0.0)
    cells = [
        Cell(f"m{i}", "reseller" if j else "direct", f"p{j}", float(demand[i]), float(price[i]), 30.0, 0.1, 1 + 0.1 * j,
             float(rng.uniform(300, 2500)), capacity[j], minimum[j], segments=(0.4, 0.3, 0.3), effects=(1.0, 0.7, 0.4),
             uses={"gpu": float(rng.uniform(0.3, 1.5))}, high=200.0 if i == j == 0 else np.inf)
        for i in range(6) for j in range(3)
    ]  # fmt: skip
    return build(cells, combined(LEVELS), {"cash": 40_000.0, "gpu": 900.0}, {})


@pytest.mark.parametrize("seed", range(4))
def test_no_whole_plan_breaks_a_cut_or_a_room(seed: int) -> None:
    model = drawn(seed)
    tight = tightened(model)
    covers, m = Covers(model), tight.matrices
    assert len(tight.rooms)
    plans = []
    rng = np.random.default_rng(seed)
    for _ in range(12):
        worth = model.matrices.worth * rng.uniform(0, 2, len(m.worth)) + rng.normal(0, 200, len(m.worth))
        found = replace(model.matrices, worth=worth).solve()
        assert found is not None
        plans.append(found[0])
    rooms = m.matrix[np.arange(len(model.links), len(m.row_high))]
    assert all((rooms @ x <= 1e-6).all() for x in plans)
    cut = 0
    for _ in range(8):
        answer = linear(replace(m, worth=m.worth * rng.uniform(0.3, 2, len(m.worth))))
        assert answer is not None
        rows, high = covers.violated(answer[0])
        assert all((rows @ x <= high + 1e-6).all() for x in plans)
        assert (rows @ answer[0] > high).all()
        cut += len(high)
        m = replace(m, matrix=vstack([m.matrix, rows]).tocsr(), row_high=np.append(m.row_high, high),
                    row_low=np.append(m.row_low, -np.inf * np.ones(len(high))))  # fmt: skip
    assert cut
    exact, plain, last = model.matrices.solve(), linear(model.matrices), linear(m)
    assert exact is not None
    assert plain is not None
    assert last is not None
    assert exact[1] - 1e-6 <= float(m.worth @ last[0]) <= float(m.worth @ plain[0]) + 1e-6


def test_the_most_an_option_earns_is_a_fractional_knapsack() -> None:
    tight = tightened(drawn(1))
    rng = np.random.default_rng(1)
    left = rng.normal(0, 5, tight.weight.shape)
    most = tight.most(left)
    for k, (w, v) in enumerate(zip(tight.weight, left, strict=True)):
        grid = np.array(np.meshgrid(*[np.linspace(0, 1, 21)] * 3)).reshape(3, -1)
        fits = w @ grid <= 1 + 1e-12
        best = (v @ grid[:, fits]).max()
        assert best <= most[k] + 1e-9
        assert most[k] <= best + 0.06 * np.abs(v).sum()


@pytest.mark.parametrize("seed", range(3))
def test_reduced_costs_leave_every_plan_worth_the_goal(seed: int) -> None:
    model = drawn(seed)
    exact = model.matrices.solve()
    assert exact is not None
    limits = narrowed(model.matrices, exact[1] * 0.999)
    assert limits is not None
    assert (limits[0] - 1e-6 <= exact[0]).all()
    assert (exact[0] <= limits[1] + 1e-6).all()
    assert narrowed(model.matrices, 1e9) is None
