"""Customers with groups that were planted, and a cloud without any."""

from __future__ import annotations

import numpy as np

FOUR = [(1.0, 3.0, 9.0, 6.5), (5.5, 1.0, 5.0, 6.5), (1.5, 1.0, 5.0, 2.0), (5.5, 3.0, 9.0, 6.5)]
NAMES = ("days_since_last", "orders", "spent", "T")


def planted(groups, n, seed, spread=0.25):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(groups), n)
    logs = np.array(groups)[truth] + rng.normal(0, spread, (n, 4))
    return truth, {name: np.expm1(np.maximum(logs[:, i], 0)) for i, name in enumerate(NAMES)}


def cloud(n, seed):
    rng = np.random.default_rng(seed)
    return {name: np.exp(rng.uniform(1, 6, n)) for name in NAMES}
