from __future__ import annotations

import numpy as np
import pytest

from regulars.tables.shares import newcombe, wilson


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        # Newcombe (1998), Statistics in Medicine 17:873, table II, method 10.
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_published(given: tuple[int, int, int, int], wanted: tuple[float, float]) -> None:
    assert newcombe(*given, 0.95) == pytest.approx(wanted, abs=5e-5)


def test_wilson_published() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3.
    assert wilson(81, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20, 0.95) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_wilson_covers():
    rng = np.random.default_rng(1)
    inside = [(b[0] <= 0.1 <= b[1]) for b in (wilson(int(rng.binomial(40, 0.1)), 40) for _ in range(2000))]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.05)


def test_nobody_says_nothing() -> None:
    assert [float(v) for v in wilson(0, 0)] == [0.0, 1.0]
    assert newcombe(0, 0, 3, 10) == (-1.0, 1.0)
