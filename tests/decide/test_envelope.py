from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.curves import Curves
from regulars.decide.envelope import Cells, envelope


def hull(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    kept: list[int] = []
    for i in range(len(x)):
        while len(kept) > 1 and (y[kept[-1]] - y[kept[-2]]) * (x[i] - x[kept[-2]]) <= (y[i] - y[kept[-2]]) * (
            x[kept[-1]] - x[kept[-2]]
        ):
            kept.pop()
        kept.append(i)
    return np.interp(x, x[kept], y[kept])


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_upper_hull_of_what_a_cell_earns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    curve = Curves.make("a", ceiling=[100.0], half=[1000.0], value=10, form="hill", shape=rng.uniform(0.8, 4))
    curve = curve.draw(9, worth_sd=0.3, scale_sd=0.8, seed=seed) if seed % 2 else curve
    switch = bool(seed % 3 == 0)
    low, high, fixed = rng.uniform(0, 600), rng.uniform(800, 4000), 120.0 * switch
    pieces = envelope(Cells(curve, np.array([low]), np.array([high]), np.array([switch]), np.array([fixed])))
    x = np.linspace(low, high, 1500)
    y = curve.take([0] * len(x)).value(x) - fixed
    x, y = (np.append(0.0, x), np.append(0.0, y)) if switch else (x, y)
    truth = hull(x, y)
    ours = [pieces.value(np.clip(v - pieces.start, 0.0, pieces.width)) for v in x]
    assert ours == pytest.approx(truth, rel=2e-4, abs=0.05)
