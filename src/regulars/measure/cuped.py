"""CUPED: take out of the outcome what was known of each person before the experiment began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from regulars.measure.arm_sums import ArmSums


@dataclass(frozen=True)
class Cuped:
    """``theta`` of the adjustment, the means after it, the variances after it, and the share of variance taken out."""

    theta: float
    means: dict[str, float]
    variances: dict[str, float]
    reduction: float


def cuped(arms: Mapping[str, ArmSums]) -> Cuped:
    """Adjusted means and variances per arm.

    ``theta = cov(y, x) / var(x)`` over everybody, ``y' = y - theta (x - mean(x))``. The
    covariate x must be from before the experiment: anything the treatment can move would take away the effect.
    Without variation in x theta is 0 and nothing changes.

    Source: Deng, Xu, Kohavi and Walker (2013), WSDM, eq. 4; theta over all arms together as in gbstats and tea-tasting.

    >>> a, b = ArmSums.of([3, 5, 7], covariate=[1, 2, 3]), ArmSums.of([4, 6, 8], covariate=[1, 2, 3])
    >>> found = cuped({"a": a, "b": b})
    >>> found.theta, found.variances["a"], found.means["b"] - found.means["a"]
    (2.0, 0.0, 1.0)
    """
    everybody = reduce(add, arms.values())
    spread = everybody.covariance("x", "x")
    theta = everybody.covariance("x", "y") / spread if spread > 0 else 0.0
    centre = everybody.x / everybody.people if everybody.people else 0.0
    means, variances, before, after = {}, {}, 0.0, 0.0
    for name, arm in arms.items():
        shift = arm.x / arm.people - centre if arm.people else 0.0
        means[name] = arm.mean - theta * shift
        plain = arm.variance
        adjusted = plain + theta**2 * arm.covariance("x", "x") - 2 * theta * arm.covariance("x", "y")
        # Where x tells y exactly, subtraction leaves only rounding.
        variances[name] = adjusted if adjusted > 1e-12 * plain else 0.0
        if arm.people > 1:
            before, after = before + plain * (arm.people - 1), after + variances[name] * (arm.people - 1)
    return Cuped(theta, means, variances, 1 - after / before if before > 0 else 0.0)
