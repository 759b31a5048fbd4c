from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.curves import Curves
from regulars.decide.waterfill import fill

FORMS = ("hyperbolic", "exponential", "tanh", "log", "power", "hill")


@pytest.mark.parametrize("seed", range(16))
def test_draws_of_every_shape_are_split_to_rounding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 25))
    forms = [str(f) for f in rng.choice(FORMS[: int(rng.integers(1, 7))], n)]
    curves = Curves.make([f"c{i}" for i in range(n)], ceiling=rng.lognormal(4, 1, n) * (rng.random(n) > 0.1),
                         half=rng.lognormal(8, 1.5, n), value=50, form=forms, shape=rng.uniform(0.2, 1, n))  # fmt: skip
    curves = curves.draw(int(rng.integers(2, 60)), worth_sd=0.5, scale_sd=rng.uniform(0, 1.5), seed=seed)
    low = rng.integers(0, 2000, n) * (rng.random(n) < 0.3).astype(float)
    high = np.where(rng.random(n) < 0.5, low + rng.integers(1, 20_000, n), np.inf)
    total = float(low.sum() + rng.lognormal(8, 2) * n)
    found = fill(curves, total, low, high)
    assert found.value == pytest.approx(found.bound, rel=1e-9)
    assert found.spend.sum() <= total * (1 + 1e-12)
    assert (found.spend >= low - 1e-9).all()
    assert (found.spend <= high + 1e-9).all()


def test_money_far_beyond_what_curves_can_use_is_split_all_the_same() -> None:
    curves = Curves(("a", "b"), ("tanh",) * 2, np.full(2, 0.5), np.full(2, 1.82047845))
    found = fill(curves, 35.0, np.zeros(2), np.full(2, 50.0))
    assert found.spend.sum() == pytest.approx(35.0)
    assert found.value == pytest.approx(found.bound, rel=1e-12)
