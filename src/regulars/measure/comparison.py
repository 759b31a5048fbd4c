"""One arm against the control: difference, interval, p-value, and what may be said."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import special

from regulars.measure.confidence_sequence import (
    FEWEST,
    FEWEST_CASES,
    half_width,
    sequence_p,
    share_evidence,
    share_sequence,
)
from regulars.tables.shares import newcombe

Alternative = Literal["two-sided", "greater", "less"]
# Below this many standard errors from zero a relative change has no sensible interval.
FAR_FROM_ZERO: Final = 4.0


@dataclass(frozen=True)
class Reading:
    """What an arm's outcome comes down to for a test: units, mean, variance of one unit; ``cases`` are successes of a
    share (None for other outcomes)."""

    people: int
    mean: float
    variance: float
    cases: float | None = None

    @property
    def se2(self) -> float:
        """Squared standard error of the mean."""
        return self.variance / self.people if self.people else math.inf


@dataclass(frozen=True)
class Comparison:
    """One arm against the control.

    ``delta`` is per unit; ``p_value`` is always valid where ``method`` is, and None for Bayes;
    ``adjusted_p`` has the number of arms in it; ``decided`` is what may be said today. Relative figures are None
    where the control is too close to zero, an infinite end is "not known yet". ``chance_better`` and
    ``expected_loss`` are the Bayesian reading beside it. ``limits`` are codes of what to mind.
    """

    arm: str
    control: str
    people: int
    people_control: int
    mean: float
    mean_control: float
    delta: float
    low: float
    high: float
    se: float
    p_value: float | None
    adjusted_p: float | None
    decided: bool
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    chance_better: float | None
    expected_loss: float | None
    method: str
    level: float
    limits: tuple[str, ...] = ()


def fixed(a: Reading, b: Reading, level: float, alternative: Alternative) -> tuple[float, float, float, str]:
    """Interval and p-value for one look at the planned end: Newcombe and pooled z for shares, Welch else."""
    delta = a.mean - b.mean
    if min(a.people, b.people) < 2:
        return -math.inf, math.inf, 1.0, "none"
    if a.cases is not None and b.cases is not None:
        sided = level if alternative == "two-sided" else 2 * level - 1
        low, high = newcombe(a.cases, a.people, b.cases, b.people, sided)
        pooled = (a.cases + b.cases) / (a.people + b.people)
        se = math.sqrt(pooled * (1 - pooled) * (1 / a.people + 1 / b.people))
        p, method = _p_normal(delta / se if se else 0.0, alternative), "newcombe"
        if pooled * min(a.people, b.people) < 5 or (1 - pooled) * min(a.people, b.people) < 5:
            p, method = _fisher(a, b, alternative), "newcombe_fisher"
        return *_sided(low, high, alternative), p, method
    se2 = a.se2 + b.se2
    if se2 == 0:
        return delta, delta, 1.0 if delta == 0 else 0.0, "welch"
    df = se2**2 / (a.se2**2 / (a.people - 1) + b.se2**2 / (b.people - 1))
    tail = 0.5 + level / 2 if alternative == "two-sided" else level
    half = float(special.stdtrit(df, tail)) * math.sqrt(se2)
    t = delta / math.sqrt(se2)
    p = 2 * float(special.stdtr(df, -abs(t))) if alternative == "two-sided" else float(
        special.stdtr(df, -t if alternative == "greater" else t))  # fmt: skip
    return *_sided(delta - half, delta + half, alternative), p, "welch"


def always_valid(
    a: Reading, b: Reading, level: float, alternative: Alternative, information: float
) -> tuple[float, float, float, str]:
    """Interval and p-value at any look; exact for shares of few people, "not known yet" for few of anything else."""
    delta, se = a.mean - b.mean, math.sqrt(a.se2 + b.se2) if min(a.people, b.people) else math.inf
    if a.cases is not None and b.cases is not None and not _enough(a, b):
        if not min(a.people, b.people):
            return -1.0, 1.0, 1.0, "exact_sequence"
        low, high = (float(v) for v in share_sequence(a.cases, a.people, b.cases, b.people, level))
        p = min(1.0, math.exp(-float(share_evidence(a.cases, a.people, b.cases, b.people))))
        against = alternative != "two-sided" and (delta > 0) != (alternative == "greater")
        return *_sided(low, high, alternative), 1.0 if against else p, "exact_sequence"
    if min(a.people, b.people) < FEWEST or not 0 < se < math.inf:
        return -math.inf, math.inf, 1.0, "none"
    one_sided = alternative != "two-sided"
    half = float(half_width(se, information, level, one_sided=one_sided))
    z = -delta / se if alternative == "less" else delta / se
    low, high = delta - half, delta + half
    if a.cases is not None:
        low, high = max(low, -1.0), min(high, 1.0)
    return *_sided(low, high, alternative), float(sequence_p(z, information, one_sided=one_sided)), "normal_mixture"


def relative(a: Reading, b: Reading, share_of_se: float) -> tuple[float | None, float | None, float | None]:
    """Change relative to the control by the delta method; ``share_of_se`` is the half width in standard errors."""
    if b.mean <= 0 or not b.people or b.mean**2 < FAR_FROM_ZERO**2 * b.se2:
        return None, None, None
    value = a.mean / b.mean - 1
    half = share_of_se * math.sqrt(a.se2 / b.mean**2 + b.se2 * a.mean**2 / b.mean**4)
    return (value, value - half, value + half) if math.isfinite(half) else (value, None, None)


def holm(p_values: list[float]) -> list[float]:
    """P-values that stay right when several are read, by Holm's steps.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    out, most = [1.0] * len(p_values), 0.0
    for step, i in enumerate(order):
        most = max(most, min(1.0, (len(p_values) - step) * p_values[i]))
        out[i] = most
    return out


def _enough(a: Reading, b: Reading) -> bool:
    cases = (a.cases or 0.0) + (b.cases or 0.0)
    few = min(cases, a.people + b.people - cases) < 2 * FEWEST_CASES
    return min(a.people, b.people) >= FEWEST and not few and a.se2 + b.se2 > 0


def _sided(low: float, high: float, alternative: Alternative) -> tuple[float, float]:
    return (low, high) if alternative == "two-sided" else (low, math.inf) if alternative == "greater" else (
        -math.inf, high)  # fmt: skip


def _p_normal(z: float, alternative: Alternative) -> float:
    if alternative == "two-sided":
        return 2 * float(special.ndtr(-abs(z)))
    return float(special.ndtr(-z if alternative == "greater" else z))


def _fisher(a: Reading, b: Reading, alternative: Alternative) -> float:
    # Exact, and only needed where the counts are small: the import costs more than the sums.
    from scipy.stats import fisher_exact

    x1, x0 = round(a.cases or 0), round(b.cases or 0)
    found = fisher_exact(np.array([[x1, a.people - x1], [x0, b.people - x0]]), alternative=alternative)
    return float(found.pvalue)
