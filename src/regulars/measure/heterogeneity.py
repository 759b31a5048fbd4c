"""Whether an effect differs from group to group, and where it can be told at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scipy import special

from regulars.measure.arm_sums import ArmSums
from regulars.measure.comparison import holm
from regulars.measure.experiment import Experiment, Metric

FEWEST: Final = 50


@dataclass(frozen=True)
class Slice:
    """The effect in one group; the interval and ``p_value`` take the number of groups into account."""

    group: str
    people: int
    people_control: int
    delta: float
    low: float | None
    high: float | None
    p_value: float
    decided: bool


@dataclass(frozen=True)
class Heterogeneity:
    """The groups of one cut, and the test of "the effect is the same in all of them".

    ``code``: ``differs``, ``cannot_tell`` (which is not "the same") or ``too_few``. ``left_out`` groups were too small.
    """

    by: str
    code: str
    q: float
    p_value: float
    slices: tuple[Slice, ...]
    left_out: int


def heterogeneity(
    groups: Mapping[str, tuple[ArmSums, ArmSums]], *, by: str = "segment", metric: Metric = "proportion",
    level: float = 0.95, method: Any = "always_valid", cuts: int = 1,
) -> Heterogeneity:  # fmt: skip
    """Effects by group with Holm's correction, and Cochran's test of interaction.

    ``Q = sum w (d - d_mean)^2`` with ``w = 1 / se^2`` is chi-square with groups - 1 degrees of
    freedom when the effect is the same everywhere. Groups must be known before the start: a group the treatment
    can move people into shows differences that are none.

    Args:
        groups: name of the group to (treated, control) sums; under 50 units an arm a group is left out.
        by: name of the cut, carried through.
        metric, level, method: as in :class:`Experiment`.
        cuts: number of cuts looked at, to share the error of the interaction test among them.

    Source: Cochran (1954), Biometrics 10:101; Higgins and Thompson (2002).

    >>> same = {k: (ArmSums.shares(120, 1000), ArmSums.shares(100, 1000)) for k in "abc"}
    >>> heterogeneity(same).code
    'cannot_tell'
    >>> heterogeneity({**same, "d": (ArmSums.shares(300, 1000), ArmSums.shares(100, 1000))}).code
    'differs'
    """
    kept = {k: g for k, g in groups.items() if min(g[0].people, g[1].people) >= FEWEST}
    fitted = {k: Experiment(metric=metric, method=method, level=1 - (1 - level) / max(len(kept), 1)).fit(
        {"control": control, "treated": treated}).results_[0] for k, (treated, control) in kept.items()}  # fmt: skip
    usable = {k: r for k, r in fitted.items() if 0 < r.se < math.inf}
    adjusted = holm([r.p_value if r.p_value is not None else 1.0 for r in usable.values()])
    slices = tuple(
        Slice(k, r.people, r.people_control, r.delta, _end(r.low), _end(r.high), p, p <= 1 - level)
        for (k, r), p in zip(usable.items(), adjusted, strict=True)
    )
    left_out = len(groups) - len(slices)
    if len(slices) < 2:
        return Heterogeneity(by, "too_few", 0.0, 1.0, slices, left_out)
    weights = [1 / r.se**2 for r in usable.values()]
    mean = sum(w * r.delta for w, r in zip(weights, usable.values(), strict=True)) / sum(weights)
    q = sum(w * (r.delta - mean) ** 2 for w, r in zip(weights, usable.values(), strict=True))
    p = float(special.chdtrc(len(slices) - 1, q))
    return Heterogeneity(by, "differs" if p * cuts <= 1 - level else "cannot_tell", q, p, slices, left_out)


def _end(value: float) -> float | None:
    return value if math.isfinite(value) else None
