"""How far a mix was off on weeks it had not seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MixHoldout:
    """Error on the last weeks, which the model was fitted without, beside last year's same weeks.

    Each error is the sum of |error| over the sum of the target; ``coverage`` the share of the weeks inside the
    model's 90 % interval.
    """

    weeks: int
    wmape: float
    wmape_seasonal_naive: float
    coverage: float
