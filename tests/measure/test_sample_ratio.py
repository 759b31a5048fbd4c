from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regulars.measure.sample_ratio import sample_ratio_mismatch


def test_equals_the_chi_square_test() -> None:
    found = sample_ratio_mismatch([430, 520, 1050], [0.25, 0.25, 0.5])
    assert found.p_value == pytest.approx(stats.chisquare([430, 520, 1050], [500, 500, 1000]).pvalue)


def test_daily_looks_raise_no_false_alarm_and_see_a_broken_draw() -> None:
    rng = np.random.default_rng(4)
    fair = np.cumsum(rng.binomial(200, 0.5, (300, 60)), axis=1)
    alarms = sum(any(sample_ratio_mismatch([int(x), 200 * (d + 1) - int(x)]).off for d, x in enumerate(run))
                 for run in fair)  # fmt: skip
    assert alarms <= 4
    assert sample_ratio_mismatch([5600, 4400]).off


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="one share above 0"):
        sample_ratio_mismatch([1, 2], [0.5, 0.0])
    assert not sample_ratio_mismatch([0, 0]).off
