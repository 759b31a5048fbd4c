"""What one arm of an experiment comes down to: how many, and sums that can be added up day by day."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from regulars.measure.experiments import Arm


@dataclass(frozen=True)
class ArmSums:
    """Sums over the units of one arm: outcome ``y``, denominator ``d`` of a ratio, covariate ``x`` from before.

    Additive: the sums of two days, or of two engines, are added with ``+``. ``yy`` is the sum of
    y * y, ``yd`` of y * d, and so on; what an experiment does not use stays 0.

    >>> a = ArmSums.of([0, 1, 1]) + ArmSums.of([1])
    >>> a.people, a.mean, a.variance
    (4, 0.75, 0.25)
    """

    people: int
    y: float
    yy: float
    d: float = 0.0
    dd: float = 0.0
    yd: float = 0.0
    x: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    @classmethod
    def of(
        cls, outcome: ArrayLike, denominator: ArrayLike | None = None, covariate: ArrayLike | None = None
    ) -> ArmSums:
        """Sum up single units; the arrays have one value a unit."""
        y = np.asarray(outcome, dtype=float)
        d = np.zeros(0) if denominator is None else np.asarray(denominator, dtype=float)
        x = np.zeros(0) if covariate is None else np.asarray(covariate, dtype=float)
        both = [float(y @ other) if len(other) else 0.0 for other in (d, x)]
        return cls(len(y), float(y.sum()), float(y @ y), float(d.sum()), float(d @ d), both[0],
                   float(x.sum()), float(x @ x), both[1])  # fmt: skip

    @classmethod
    def shares(cls, successes: int, people: int) -> ArmSums:
        """An arm of yes/no outcomes from its two counts."""
        if not 0 <= successes <= people:
            raise ValueError(f"{successes} of {people} is not a share; give successes first, then people")
        return cls(people, float(successes), float(successes))

    def __add__(self, other: ArmSums) -> ArmSums:
        return ArmSums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def arm(self) -> Arm:
        """The outcome alone."""
        return Arm(self.people, self.y, self.yy)

    @property
    def mean(self) -> float:
        """Outcome per unit."""
        return self.arm.mean

    @property
    def variance(self) -> float:
        """Sample variance of the outcome."""
        return self.arm.variance

    @property
    def ratio(self) -> float:
        """Sum of the outcome over sum of the denominator."""
        return self.y / self.d if self.d else math.nan

    def covariance(self, a: str, b: str) -> float:
        """Sample covariance of two of ``y``, ``d``, ``x``."""
        names = {"yy": "yy", "dd": "dd", "xx": "xx", "yd": "yd", "dy": "yd", "xy": "xy", "yx": "xy"}
        if self.people < 2:
            return math.nan
        raw = getattr(self, names[a + b])
        return float((raw - getattr(self, a) * getattr(self, b) / self.people) / (self.people - 1))
