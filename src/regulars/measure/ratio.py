"""Ratios of sums, such as money per order, when people and not orders were drawn."""

from __future__ import annotations

import math

from regulars.measure.arm_sums import ArmSums


def ratio_variance(arm: ArmSums) -> float:
    """Variance of one unit's part in the ratio R = sum y / sum d, so that se(R)^2 = variance / people.

    Delta method: ``(var(y) - 2 R cov(y, d) + R^2 var(d)) / mean(d)^2``. Treating each order as its own draw
    would take one person's ten orders for ten witnesses and make the interval too narrow.

    Source: Deng, Knoblich and Lu (2018), Applying the Delta Method in Metric Analytics, KDD, eq. 3.

    >>> round(ratio_variance(ArmSums.of([1, 2, 4, 3], [1, 1, 2, 2])), 4)
    0.1646
    """
    if arm.people < 2 or not arm.d:
        return math.nan
    r, mean = arm.ratio, arm.d / arm.people
    spread = arm.covariance("y", "y") - 2 * r * arm.covariance("y", "d") + r * r * arm.covariance("d", "d")
    return max(spread, 0.0) / mean**2
