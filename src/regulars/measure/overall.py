"""What all the writing together earned, against everybody held back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regulars.measure.confidence_sequence import half_width, sequence_p, tuned

if TYPE_CHECKING:
    from regulars.measure.trial_readings import Trial


@dataclass(frozen=True)
class Overall:
    """Effect per head written to, over all plans and actions, for buying and for money (minor units).

    Each flow draws its own holdout, so the flows are weighed by the people they reached. ``total`` is money in all.
    """

    treated: int
    held: int
    trials: int
    delta: float
    low: float
    high: float
    p_value: float
    money: float
    money_low: float
    money_high: float
    total: float
    total_low: float
    total_high: float


def overall(trials: Sequence[Trial]) -> Overall | None:
    """``sum n_k d_k / sum n_k`` with ``se^2 = sum (n_k se_k)^2 / (sum n_k)^2`` over flows with both arms; at any look.

    Flows whose draw is off are left out. None where no flow can be told.
    """
    usable = [t for t in trials if t.buy.se and t.money.se and not t.ratio.off]
    treated = sum(t.treated for t in usable)
    if not usable or not treated:
        return None
    held = sum(t.held for t in usable)
    e = tuned(5000.0) * (treated + held)
    found = []
    for figures in ([t.buy for t in usable], [t.money for t in usable]):
        pairs = list(zip(usable, figures, strict=True))
        delta = sum(t.treated * f.delta for t, f in pairs) / treated
        se = math.sqrt(sum((t.treated * (f.se or 0.0)) ** 2 for t, f in pairs)) / treated
        half = float(half_width(se, e))
        found.append((delta, delta - half, delta + half, float(sequence_p(delta / se, e))))
    (delta, low, high, p), (money, money_low, money_high, _p) = found
    return Overall(treated, held, len(usable), delta, low, high, p, money, money_low, money_high,
                   money * treated, money_low * treated, money_high * treated)  # fmt: skip
