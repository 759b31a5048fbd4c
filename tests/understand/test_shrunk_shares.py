"""Shares of small groups, against counts with a known beta."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.understand.shrunk_shares import shrunk_shares


def test_shares_are_pulled_as_the_known_beta_says():
    rng = np.random.default_rng(3)
    n = rng.integers(5, 400, 2000)
    p = rng.beta(2, 8, len(n))
    x = rng.binomial(n, p)
    share, error = shrunk_shares(x, n)
    best = (x + 2) / (n + 10)
    assert np.sqrt(np.mean((share - best) ** 2)) < 0.003
    assert np.mean((share - p) ** 2) < np.mean((x / n - p) ** 2)
    assert np.mean(np.abs(share - p) < 1.645 * error) == pytest.approx(0.9, abs=0.02)
    with pytest.raises(ValueError, match="more came"):
        shrunk_shares([2], [1])
