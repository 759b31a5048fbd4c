"""The ground a simulated company stands on: what its channels answer, and the tides of the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from regulars.demo import company
from regulars.demo.clock import Reals


@dataclass(frozen=True)
class World:
    """Channels and a yearly tide of demand; the defaults are the demo company's own.

    ``channels`` keep the keys and the order of ``company.CHANNELS``. In week t of the year all channels answer
    ``1 + swing * cos(2 pi (t - peak) / 52.18)`` times as strongly.
    """

    channels: tuple[company.Channel, ...] = company.CHANNELS
    swing: float = 0.0
    peak: float = 24.0

    def __post_init__(self) -> None:
        if tuple(c.key for c in self.channels) != tuple(c.key for c in company.CHANNELS):
            raise ValueError("a world has the channels of the demo company, in their order")
        if not 0.0 <= self.swing < 1.0:
            raise ValueError(f"swing must lie between 0 and 1, got {self.swing}")

    def tide(self, origin: date, start: int, weeks: int) -> Reals:
        """How strongly demand answers in each of ``weeks`` weeks from day ``start`` after ``origin``; 1 is usual."""
        days = [origin + timedelta(days=start + 7 * k + 3) for k in range(weeks)]
        week = np.array([d.timetuple().tm_yday / 7.0 for d in days])
        return np.asarray(1 + self.swing * np.cos(2 * np.pi * (week - self.peak) / 52.18), dtype=np.float64)


PLAIN = World()
