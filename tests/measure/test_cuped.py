from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.arm_sums import ArmSums
from regulars.measure.cuped import cuped
from regulars.measure.ratio import ratio_variance


def test_equals_the_regression_on_units() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(50, 10, 900)
    y = 2 * x + rng.normal(0, 5, 900)
    arm = np.repeat(["a", "b", "c"], 300)
    found = cuped({k: ArmSums.of(y[arm == k], covariate=x[arm == k]) for k in "abc"})
    theta = np.polyfit(x, y, 1)[0]
    assert found.theta == pytest.approx(theta)
    adjusted = y - theta * (x - x.mean())
    for k in "abc":
        assert found.means[k] == pytest.approx(adjusted[arm == k].mean())
        assert found.variances[k] == pytest.approx(adjusted[arm == k].var(ddof=1))
    assert found.reduction == pytest.approx(1 - 25 / 425, abs=0.02)


def test_a_covariate_without_variation_changes_nothing() -> None:
    arms = {"a": ArmSums.of([1, 2], covariate=[3, 3]), "b": ArmSums.of([1, 4], covariate=[3, 3])}
    found = cuped(arms)
    assert (found.theta, found.reduction) == (0.0, 0.0)
    assert found.means == {"a": 1.5, "b": 2.5}


def test_sums_of_two_days_add_up() -> None:
    rng = np.random.default_rng(2)
    y, d, x = rng.random((3, 40))
    whole = ArmSums.of(y, d, x)
    parts = ArmSums.of(y[:15], d[:15], x[:15]) + ArmSums.of(y[15:], d[15:], x[15:])
    for name in ("people", "y", "yy", "yd", "xy", "xx"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name))
    assert parts.covariance("y", "x") == pytest.approx(np.cov(y, x)[0, 1])
    assert ratio_variance(parts) == pytest.approx(ratio_variance(whole))
