"""Rewards that come late: what an exposure that has not been rewarded yet says, so that waiting is not losing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.arms import BetaArm, NormalArm
from regulars.decide.curves import Array


@dataclass
class DelayCurve:
    """The chance that a reward that will come has come within d of the exposure, from rewards seen so far.

    Formula: of rewards we know only those that came before now, so short delays are seen too often (right
    truncation). The reverse hazard does not mind: F(d) = prod_{x > d} (1 - e_x / n_x), e_x rewards with delay x and
    n_x those with delay <= x whose exposure is at least x old. Beyond ``window`` no reward counts: F = 1 there.

    Learns ``delays_`` and ``shares_``. Raises ``ValueError`` for a delay below 0 or above its age. Source: Lagakos,
    Barraj and De Gruttola, Biometrika 75 (1988) 515-523.

    >>> DelayCurve(window=10).fit([1, 2, 2, 3], [9, 9, 9, 9]).share([0, 1, 2, 10]).tolist()
    [0.0, 0.25, 0.75, 1.0]
    """

    window: float

    def fit(self, delay: ArrayLike, age: ArrayLike, count: ArrayLike | None = None) -> Self:
        """Learn from rewarded exposures: how long each took and how long ago it was shown."""
        d, a = np.asarray(delay, dtype=float), np.minimum(np.asarray(age, dtype=float), self.window)
        n = np.ones(len(d)) if count is None else np.asarray(count, dtype=float)
        keep = d <= self.window
        d, a, n = d[keep], a[keep], n[keep]
        if len(d) and (d.min() < 0 or (d > a).any()):
            raise ValueError("a delay must be 0 or more and no longer than the exposure is old")
        x = np.unique(d)
        events = np.array([n[d == v].sum() for v in x])
        by_delay, by_age = np.sort(d), np.sort(a)
        sums, ages = np.append(0.0, np.cumsum(n[np.argsort(d)])), np.append(0.0, np.cumsum(n[np.argsort(a)]))
        risk = sums[np.searchsorted(by_delay, x, "right")] - ages[np.searchsorted(by_age, x, "left")]
        stay = 1 - events / np.maximum(risk, events)
        later = np.append(np.cumprod(stay[::-1])[::-1], 1.0)
        self.delays_, self.shares_ = x, later[1:]
        return self

    def share(self, age: ArrayLike) -> Array:
        """F at these ages; with no reward seen yet it is 0 inside the window."""
        a = np.asarray(age, dtype=float)
        place = np.searchsorted(self.delays_, a, "right")
        known = np.append(0.0, self.shares_)[place] if len(self.delays_) else np.zeros_like(a)
        return np.asarray(np.where(a >= self.window, 1.0, known))


def yes_no_arm(shown: ArrayLike, won: ArrayLike, age: ArrayLike, curve: DelayCurve) -> BetaArm:
    """The arm after these exposures: every reward counts, and an exposure as much as its reward could have come.

    Formula: wins = sum won, tries = sum shown F(age), so wins / tries estimates the rate without bias, while counting
    exposures that still wait as losses would not. Source: Vernade, Cappe and Perchet, UAI 2017.
    """
    n, w = np.asarray(shown, dtype=float), np.asarray(won, dtype=float)
    if (w > n).any() or (w < 0).any():
        raise ValueError("more rewards than exposures, or fewer than 0")
    tries = float((n * curve.share(age)).sum())
    return BetaArm(float(w.sum()), max(tries - float(w.sum()), 0.0))


def money_arm(
    shown: ArrayLike, total: ArrayLike, square: ArrayLike, age: ArrayLike, window: float, prior: NormalArm
) -> NormalArm:
    """The arm after exposures that are ripe (as old as the window): a sum of money that still grows says too little.

    ``square`` are sums of squares; the noise of the prior is kept where they are too few to tell.
    """
    ripe = np.asarray(age, dtype=float) >= window
    n = float(np.asarray(shown, dtype=float)[ripe].sum())
    s = float(np.asarray(total, dtype=float)[ripe].sum())
    q = float(np.asarray(square, dtype=float)[ripe].sum())
    noise = prior.noise if n < 20 else max(float(np.sqrt(max(q / n - (s / n) ** 2, 0.0) * n / (n - 1))), 1e-9)
    return prior._replace(seen=n, total=s, noise=noise)
