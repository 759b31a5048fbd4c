"""What a test would be worth before it is run: how much better money could be split once its result is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
STEPS: Final = 24
BINS: Final = 40
# Less than this share of all spend moved is no other plan.
MOVED: Final = 0.02


@dataclass(frozen=True)
class Trial:
    """A test that could be run: one channel at two levels of weekly spend, some weeks each.

    ``se`` is the standard error of the difference it would measure, in worth a week.
    """

    channel: str
    low: float
    high: float
    weeks: int
    se: float


@dataclass(frozen=True)
class Worth:
    """What a trial is worth, in money: ``value`` of knowing its result, ``cost`` of running it, ``net`` of both.

    ``a_week`` is the value a week, ``perfect`` that of a trial without error, ``chance`` how likely the result is to
    move at least a fiftieth of the spend.
    """

    trial: Trial
    a_week: float
    perfect: float
    value: float
    cost: float
    net: float
    chance: float


class Split:
    r"""The best split of a weekly budget, under what is believed now and after any result of a test.

    With draws s of every channel's worth a week :math:`f_{cs}(x)`, the plan now earns
    :math:`V_0 = \max_x \frac1S \sum_s \sum_c (f_{cs}(x_c) - x_c)` over :math:`\sum_c x_c \le B` and
    :math:`l_c \le x_c \le h_c`. A test of channel c measures :math:`\delta_s = f_{cs}(high) - f_{cs}(low)` with a
    normal error; its outcomes are cut into bins j of equal chance, so that :math:`P(j \mid s)` is exact and

    .. math:: \mathrm{EVSI} = \sum_j \max_x \sum_s \tfrac1S P(j \mid s) \sum_c (f_{cs}(x_c) - x_c) - V_0 .

    That is never negative, never more than perfect information, needs no random numbers, and rises to the exact value
    as bins grow finer. With straight pieces the best split takes the steepest first; where a curve bends upwards its
    concave hull counts, which is what changing between two levels of spend from week to week earns.

    Args:
        channels: names, in the order of the arrays.
        today: weekly spend of each now.
        worth: function of a spend table (channels, points) to the worth a week of every draw (draws, channels,
            points), in the money of the spend (margin already taken).
        reach: how far a channel may move from today, as a share of it; 0.5 is from half to one and a half.
        budget: weekly money in all; None is what is spent today. Money that earns less than it costs is kept.

    Raises ``ValueError`` when sizes do not match, spend is negative or reach lies outside 0 to 1.

    Source: Raiffa & Schlaifer (1961), "Applied Statistical Decision Theory", on preposterior analysis.

    >>> curves = lambda x: np.array([4.0, 8.0])[:, None, None] * np.sqrt(x)[None]
    >>> split = Split(["search"], [9.0], curves, budget=13.5)
    >>> float(round(split.now, 2)), float(round(split.after(Trial("search", 4.5, 13.5, 4, 0.01))[0], 2))
    (9.0, 0.94)
    """

    def __init__(
        self, channels: Sequence[str], today: ArrayLike, worth: Callable[[Array], Array], *, reach: float = 0.5,
        budget: float | None = None,
    ) -> None:  # fmt: skip
        self.channels, self.today = tuple(channels), np.asarray(today, dtype=float)
        if len(self.channels) != len(self.today):
            raise ValueError(f"{len(self.channels)} channels, but today's spend of {len(self.today)}")
        if not 0 < reach <= 1 or (self.today < 0).any():
            raise ValueError("today's spend cannot be negative, and reach is a share above 0 up to 1")
        self.worth = worth
        self.low, high = (1 - reach) * self.today, (1 + reach) * self.today
        self.step = (high - self.low) / STEPS
        x = self.low[:, None] + self.step[:, None] * np.arange(STEPS + 1)
        self.values = np.asarray(worth(x), dtype=float) - x
        if self.values.ndim != 3 or self.values.shape[1:] != x.shape:
            raise ValueError("worth must give (draws, channels, points)")
        budget = float(self.today.sum()) if budget is None else budget
        self.free = max(budget - float(self.low.sum()), 0.0)
        self._gains = np.diff(self.values, axis=2).reshape(len(self.values), -1)
        self._base = self.values[:, :, 0].sum(axis=1)
        best, spend = self._best(self._gains.mean(axis=0)[None], self._base.mean()[None])
        self.now, self.plan = float(best[0]), spend[0]

    def _best(self, gains: Array, base: Array) -> tuple[Array, Array]:
        """Value and split (rows, channels) of the best plan for each row of gains a piece."""
        width = np.repeat(self.step, STEPS)
        gains = falling(gains.reshape(-1, STEPS)).reshape(gains.shape)
        # A channel without spend today has nothing to move: its pieces are of no width.
        slope = np.divide(gains, width, out=np.zeros_like(gains), where=width > 0)
        order = np.argsort(-slope, axis=1, kind="stable")
        wide = width[order]
        taken = np.clip(self.free - (np.cumsum(wide, axis=1) - wide), 0.0, wide)
        taken[np.take_along_axis(slope, order, axis=1) <= 0] = 0.0
        back = np.empty_like(taken)
        np.put_along_axis(back, order, taken, axis=1)
        value = base + (slope * back).sum(axis=1)
        return value, self.low + back.reshape(len(gains), -1, STEPS).sum(axis=2)

    def perfect(self) -> float:
        """Worth a week of knowing every curve exactly: no test can be worth more."""
        return float(self._best(self._gains, self._base)[0].mean()) - self.now

    def after(self, trial: Trial, *, bins: int = BINS) -> tuple[float, float]:
        """Expected worth a week of the result of a trial, and the chance that it changes the plan."""
        c = self.channels.index(trial.channel)
        x = np.repeat(self.today[:, None], 2, axis=1)
        x[c] = trial.low, trial.high
        both = np.asarray(self.worth(x), dtype=float)[:, c]
        truth = both[:, 1] - both[:, 0]
        joint = outcome_bins(truth, trial.se, bins) / len(truth)
        chance = joint.sum(axis=1)
        kept = chance > 1e-12
        joint, chance = joint[kept], chance[kept]
        best, spend = self._best(joint @ self._gains / chance[:, None], joint @ self._base / chance)
        moved = np.abs(spend - self.plan).sum(axis=1) / 2 > MOVED * max(float(self.today.sum()), 1e-300)
        return max(float(chance @ best) - self.now, 0.0), float(chance @ moved)

    def cost(self, trial: Trial) -> float:
        """What is lost by running a trial instead of the plan: both levels for their weeks, others as planned."""
        c = self.channels.index(trial.channel)
        x = np.repeat(self.today[:, None], 3, axis=1)
        x[c] = self.plan[c], trial.low, trial.high
        net = np.asarray(self.worth(x), dtype=float)[:, c].mean(axis=0) - x[c]
        return max(trial.weeks * float(2 * net[0] - net[1] - net[2]), 0.0)

    def rank(self, trials: Sequence[Trial], *, horizon_weeks: int = 26) -> list[Worth]:
        """The best trial of every channel, by what it brings over the horizon less what it costs, best first."""
        best: dict[str, Worth] = {}
        for trial in trials:
            a_week, chance = self.after(trial)
            perfect = self.after(Trial(trial.channel, trial.low, trial.high, trial.weeks, 0.0))[0]
            # The result is known only once the test is over.
            value = a_week * max(horizon_weeks - 2 * trial.weeks, 0)
            cost = self.cost(trial)
            found = Worth(trial, a_week, max(perfect, a_week), value, cost, value - cost, chance)
            if trial.channel not in best or found.net > best[trial.channel].net:
                best[trial.channel] = found
        return sorted(best.values(), key=lambda w: -w.net)


def falling(gains: Array) -> Array:
    """Slopes of the least concave curve above one with these gains a step; rows that fall already stay as they are.

    Source: the min-max formula of isotonic regression (Barlow et al., 1972).

    >>> falling(np.array([[1.0, 3.0, 1.0], [3.0, 2.0, 1.0]])).tolist()
    [[2.0, 2.0, 1.0], [3.0, 2.0, 1.0]]
    """
    rising = (np.diff(gains, axis=1) > 0).any(axis=1)
    if not rising.any():
        return gains
    n = gains.shape[1]
    total = np.concatenate([np.zeros((int(rising.sum()), 1)), np.cumsum(gains[rising], axis=1)], axis=1)
    first, last = np.arange(n)[:, None], np.arange(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (total[:, None, 1:] - total[:, :-1, None]) / (last - first + 1)
    mean = np.where(last >= first, mean, -np.inf)
    highest = np.maximum.accumulate(mean[:, :, ::-1], axis=2)[:, :, ::-1]
    out = gains.copy()
    out[rising] = np.minimum.accumulate(highest, axis=1)[:, last, last]
    return out


def outcome_bins(truth: Array, se: float, bins: int) -> Array:
    """Chance (bins, draws) that the outcome of a measurement falls into each of some bins of about equal chance."""
    if se <= 0:
        order = np.argsort(np.argsort(truth, kind="stable"), kind="stable")
        cell = order * bins // len(truth)
        return np.asarray(np.arange(bins)[:, None] == cell, dtype=float)
    spread = special.ndtri((np.arange(9) + 0.5) / 9) * se
    inner = np.quantile(truth[:, None] + spread, np.arange(1, bins) / bins)
    below = special.ndtr((inner[:, None] - truth) / se)
    edge = np.zeros((1, len(truth)))
    return np.diff(np.concatenate([edge, below, edge + 1]), axis=0)
