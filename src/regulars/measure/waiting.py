"""How long people wait before they do the next thing, those who have not done it yet counted fairly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Waiting:
    """Share that has gone on by each time, with its interval; ``n`` people, ``went_on`` of them did."""

    n: int
    went_on: int
    times: Vector
    share: Vector
    low: Vector
    high: Vector

    def by(self, time: float) -> tuple[float, float, float] | None:
        """Share gone on by a time, low and high; None where nobody was watched that long."""
        if not self.n or time > self.times[-1]:
            return None
        at = int(np.searchsorted(self.times, time, side="right")) - 1
        if at < 0:
            return 0.0, 0.0, 0.0
        return float(self.share[at]), float(self.low[at]), float(self.high[at])

    def when(self, share: float) -> tuple[float, float, float | None] | None:
        """Time by which that share of all has gone on, low and high; None where it was not reached.

        The ends are where the band crosses the share (Brookmeyer and Crowley 1982); a high end
        of None is still to come.
        """
        found = [self._crossed(self.share, share), self._crossed(self.high, share), self._crossed(self.low, share)]
        value, low, high = found
        return None if value is None or low is None else (value, low, high)

    def when_of_goers(self, share: float) -> float | None:
        """Time by which that share of all who go on within the time watched has gone on."""
        return None if not self.went_on else self._crossed(self.share, share * float(self.share[-1]))

    def _crossed(self, curve: Vector, level: float) -> float | None:
        # A hair below, so that rounding in a product does not move the answer by a step.
        reached = np.flatnonzero(curve >= level - 1e-12)
        return float(self.times[reached[0]]) if len(reached) else None


def kaplan_meier(wait: ArrayLike, went_on: ArrayLike, people: ArrayLike | None = None, level: float = 0.9) -> Waiting:
    """The share gone on by each time when some are still waiting: ``1 - prod(1 - d_i / n_i)``.

    ``n_i`` still waited just before time i, ``d_i`` of them went on. The interval is Greenwood's
    on the scale ``log(-log S)``, so it stays between 0 and 1.

    Args:
        wait: time waited: until they went on, or until today.
        went_on: whether they did.
        people: how many each row stands for; 1 when left out.
        level: share of the intervals that hold.

    Source: Kaplan and Meier 1958; Kalbfleisch and Prentice 2002, section 1.4.

    >>> found = kaplan_meier([6, 6, 6, 6, 7, 9, 10, 10], [1, 1, 1, 0, 1, 0, 1, 0])
    >>> [round(1 - s, 3) for s in found.share.tolist()]
    [0.625, 0.469, 0.469, 0.234]
    """
    t = np.asarray(wait, dtype=np.float64)
    done = np.asarray(went_on, dtype=bool)
    n = np.ones(len(t)) if people is None else np.asarray(people, dtype=np.float64)
    if len(t) and (not np.isfinite(t).all() or t.min() < 0):
        raise ValueError("a wait is a number of at least 0")
    times, place = np.unique(t, return_inverse=True)
    left = np.bincount(place, n, len(times))
    events = np.bincount(place, n * done, len(times))
    waiting = left[::-1].cumsum()[::-1]
    stay = np.cumprod(1 - events / np.maximum(waiting, 1e-300))
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(np.where(waiting > events, events / (waiting * (waiting - events)), 0.0))
        spread = float(ndtri(0.5 + level / 2)) * np.sqrt(greenwood) / np.abs(np.log(stay))
        low, high = (np.clip(1 - stay ** np.exp(sign * spread), 0, 1) for sign in (-1, 1))
    share = 1 - stay
    # Before anybody went on the band has no width, after the last one has it is only known from before.
    flat = events.cumsum() == 0
    gone = stay <= 0
    low = np.where(flat, 0.0, np.where(gone, np.nan, low))
    low = np.fmax.accumulate(np.nan_to_num(low, nan=0.0)) if len(low) else low
    high = np.where(flat, 0.0, np.where(gone, 1.0, high))
    return Waiting(int(n.sum()), int((n * done).sum()), times, share, low, high)
