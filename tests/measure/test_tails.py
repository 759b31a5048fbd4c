from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regulars.measure.tails import winsorise


def test_cap_cut_and_skewness() -> None:
    rng = np.random.default_rng(1)
    y = rng.lognormal(3, 1.5, 5000)
    kept, tail = winsorise(y, 0.99)
    assert tail.cap == pytest.approx(np.quantile(y, 0.99))
    assert tail.capped == 50
    assert kept.max() == tail.cap
    assert tail.cut == pytest.approx(1 - kept.sum() / y.sum())
    assert tail.skewness == pytest.approx(stats.skew(kept))
    assert tail.units_needed == int(np.ceil(355 * stats.skew(kept) ** 2))
    assert tail.top_share == pytest.approx(np.sort(y)[-50:].sum() / y.sum())


def test_nothing_to_cap() -> None:
    for y in ([], [5.0], [0.0, 0.0]):
        kept, tail = winsorise(y)
        assert len(kept) == len(y)
        assert (tail.cut, tail.skewness) == (0.0, 0.0)
    with pytest.raises(ValueError, match=r"0\.999"):
        winsorise([1.0], 99)
