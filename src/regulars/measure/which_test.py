"""Which test to run next: for each channel the design whose result would add most to the split of the money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from regulars.measure.steady import Steady
from regulars.measure.value_of_test import Split, Trial, Worth

HORIZON_WEEKS: Final = 52
# Weeks at each level, and how far the levels lie from today: half and one and a half, or nothing and double.
DESIGNS: Final = tuple((weeks, turn) for weeks in (2, 4, 8) for turn in (0.5, 1.0))
REACH: Final = 0.5


@dataclass(frozen=True)
class MixTest:
    """A test worth running: two levels of weekly spend, some weeks each, and what its result is worth in profit."""

    channel: str
    low: float
    high: float
    weeks: int
    value: float
    cost: float
    net: float
    chance: float
    perfect: float


def which_test(
    steady: Steady, today: Sequence[float], *, noise: float, profit: float, horizon_weeks: int = HORIZON_WEEKS
) -> tuple[MixTest, ...]:
    """The best test of every channel that spends today, by the profit its result adds less what it costs.

    Args:
        steady: curves of a fitted mix model.
        today: weekly spend of each of its channels.
        noise: scatter of a week's revenue around the model; it decides what a test of some weeks can see.
        profit: what one unit of revenue leaves.
        horizon_weeks: how long the better split will be used, the test included.
    """
    spend = np.asarray(today, dtype=float)
    if not spend.sum() > 0 or profit <= 0:
        return ()
    split = Split(steady.channels, spend, lambda x: profit * steady.at(x), reach=REACH)
    # Two levels of spend for as many weeks each: the difference of two means of independent weeks.
    trials = [
        Trial(c, (1 - turn) * float(spend[i]), (1 + turn) * float(spend[i]), weeks, noise * profit * (2 / weeks) ** 0.5)
        for i, c in enumerate(steady.channels) for weeks, turn in DESIGNS if spend[i] > 0
    ]  # fmt: skip
    return tuple(_told(w) for w in split.rank(trials, horizon_weeks=horizon_weeks))


def _told(w: Worth) -> MixTest:
    t = w.trial
    return MixTest(t.channel, t.low, t.high, t.weeks, w.value, w.cost, w.net, w.chance, w.perfect)
