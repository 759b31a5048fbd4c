from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from regulars.decide.curves import Curves
from regulars.decide.envelope import Cells, envelope
from regulars.decide.interior import maximise


@pytest.mark.parametrize("seed", range(6))
def test_a_general_solver_finds_nothing_better_and_nothing_exceeds_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 8, 3
    curves = Curves.make(
        [f"c{i}" for i in range(n)], ceiling=rng.lognormal(4, 1, n), half=rng.lognormal(1, 1, n), value=10,
        form=list(rng.choice(["hyperbolic", "tanh", "exponential", "log", "power"], n)), shape=rng.uniform(0.4, 1, n),
    )  # fmt: skip
    high = rng.uniform(2, 9, n)
    rows = np.vstack([np.ones(n), rng.uniform(-0.5, 1, (m - 1, n))])
    inside = 0.4 * high
    most, least = rows @ inside + 0.5, np.full(m, -np.inf)
    least[1] = rows[1] @ inside - 0.1
    none = np.zeros(n)
    goal = envelope(Cells(curves, none, high, np.zeros(n, dtype=bool), none))
    found = maximise(goal, none, high, rows, least, most, size=float(curves.value(high).sum()))
    assert found is not None
    assert found.bound - found.value <= 1e-8 * found.value
    assert (rows @ found.x <= most + 1e-8).all()
    assert (rows @ found.x >= least - 1e-8).all()
    peer = minimize(
        lambda x: -float(curves.value(np.maximum(x, 1e-9)).sum()), inside, method="SLSQP",
        bounds=[(1e-9, h) for h in high],
        constraints=[{"type": "ineq", "fun": lambda x: most - rows @ x},
                     {"type": "ineq", "fun": lambda x: (rows @ x - least)[1:2]}],
        options={"maxiter": 500, "ftol": 1e-12},
    )  # fmt: skip
    assert found.bound >= -peer.fun * (1 - 1e-7)
