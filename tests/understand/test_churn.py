from __future__ import annotations

import numpy as np
import pytest

from regulars.understand import ModifiedBetaGeo, churn_probability


def test_the_chance_of_having_left_is_right_on_customers_known_to_have_left():
    rng = np.random.default_rng(0)
    n, T = 40_000, 60.0
    rate, p = rng.gamma(0.8, 1 / 10, n), rng.beta(0.8, 2.5, n)
    x, tx, clock = np.zeros(n), np.zeros(n), np.zeros(n)
    alive = rng.random(n) >= p
    going = alive.copy()
    while going.any():
        clock = clock + rng.exponential(1.0, n) / rate
        bought = going & (clock <= T)
        x[bought] += 1
        tx[bought] = clock[bought]
        left = bought & (rng.random(n) < p)
        alive &= ~left
        going = bought & ~left
    model = ModifiedBetaGeo().fit({"frequency": x, "recency": tx, "T": np.full(n, T)})
    churn, low, high = churn_probability(model, x, tx, T)
    assert np.all((low <= churn) & (churn <= high))
    for begin in np.arange(0, 1, 0.1):
        some = (churn >= begin) & (churn < begin + 0.1)
        if some.sum() > 300:
            error = 4 * np.sqrt(0.25 / some.sum()) + 0.01
            assert (~alive[some]).mean() == pytest.approx(churn[some].mean(), abs=error)
