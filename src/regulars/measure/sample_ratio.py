"""Whether the arms have the sizes they were planned with: the first thing to ask before believing a lift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scipy import special

UNFAIR: Final = 0.001


@dataclass(frozen=True)
class SampleRatio:
    """``p_value`` of the chi-square test, ``always_valid`` of the sequential one; ``off``: do not trust the lift."""

    p_value: float
    always_valid: float
    off: bool
    counts: tuple[int, ...]
    expected: tuple[float, ...]


def sample_ratio_mismatch(counts: Sequence[int], shares: Sequence[float] | None = None) -> SampleRatio:
    """Check the sizes of the arms against the planned shares (equal ones by default).

    Chi-square ``sum (n - e)^2 / e`` with arms - 1 degrees of freedom for one look; for daily looks
    the evidence of a Dirichlet mixture (concentration one person an arm on average) over the plan. ``off`` is the
    sequential one below 0.001, or the fixed one below 0.001 divided by ten: it may have been looked at often.

    Raises ``ValueError`` when the shares do not fit the counts.
    Source: Fabijan et al. (2019), KDD (the check); Lindon and Malek (2022), NeurIPS, section 3 (sequential).

    >>> sample_ratio_mismatch([4_950, 5_050]).off, sample_ratio_mismatch([4_500, 5_500]).off
    (False, True)
    """
    planned = [1 / len(counts)] * len(counts) if shares is None else [float(s) for s in shares]
    if len(planned) != len(counts) or min(planned, default=0) <= 0 or min(counts, default=0) < 0:
        raise ValueError(f"{len(counts)} arms and planned shares {planned}: give one share above 0 for each arm")
    planned = [s / sum(planned) for s in planned]
    people = sum(counts)
    expected = tuple(people * s for s in planned)
    if not people or len(counts) < 2:
        return SampleRatio(1.0, 1.0, False, tuple(counts), expected)
    statistic = sum((n - e) ** 2 / e for n, e in zip(counts, expected, strict=True))
    fixed = float(special.chdtrc(len(counts) - 1, statistic))
    prior = [s * len(counts) for s in planned]
    log_evidence = math.lgamma(sum(prior)) - math.lgamma(sum(prior) + people)
    for n, a, share in zip(counts, prior, planned, strict=True):
        log_evidence += math.lgamma(a + n) - math.lgamma(a) - n * math.log(share)
    sequential = min(1.0, math.exp(-max(log_evidence, 0.0)))
    return SampleRatio(fixed, sequential, sequential < UNFAIR or fixed < UNFAIR / 10, tuple(counts), expected)
