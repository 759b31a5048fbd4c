"""Switchback: one market, switched on and off by the clock, where people or markets cannot be kept apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.lake.frames import to_pandas

Array = NDArray[np.float64]
DRAWS: Final = 2000
# Up to this many pairs every assignment is tried, and the p-value is exact.
EXACT_PAIRS: Final = 12


class Switchback:
    """Effect of a price, page or offer that is on for some periods and off for others.

    Periods come in blocks; blocks come in neighbouring pairs, and in each pair a fair coin says which is on. The first
    ``carry`` periods of every block are not counted, because they still feel the block before. The effect is the mean
    over pairs of (mean of the on block - mean of the off block): what moves slowly, or with the time of day or
    week when blocks are whole cycles, stands on both sides. The p-value compares with the same coins fallen
    otherwise (all of them up to 12 pairs, else 2,000 draws); the interval is Student's over the pairs.

    Args:
        block: periods in a block: longer than what carries over, and whole cycles where the figure has one.
        carry: periods at the start of a block that are not counted.
        level: how sure the interval is.
        seed: of the coins.

    Learned: ``effect_`` (per period), ``interval_``, ``p_value_``, ``relative_``, ``pairs_`` (frame ``pair, start,
    on, off, difference``), ``carried_`` (effect on the periods left out less that on those counted; far from zero
    means ``carry`` is too short or too long), ``limits_`` (``too_few_pairs`` below six).

    Source: Bojinov, Simchi-Levi & Zhao (2023), Management Science 69:3759, for blocks and carry-over; Fisher (1935)
    for the test.

    >>> plan = Switchback(block=4, carry=1, seed=3).plan(periods=64)
    >>> rng = np.random.default_rng(0)
    >>> sales = 100 + 5 * plan["on"] + rng.normal(0, 2, 64)
    >>> found = Switchback(block=4, carry=1, seed=3).fit(plan.assign(sales=sales), outcome="sales")
    >>> found.interval_[0] < 5 < found.interval_[1], found.p_value_ < 0.05
    (True, True)
    """

    def __init__(self, *, block: int = 7, carry: int = 0, level: float = 0.95, seed: int = 7) -> None:
        self.block, self.carry, self.level, self.seed = block, carry, level, seed

    def plan(self, *, periods: int, start: date | None = None, step_days: int = 1) -> pd.DataFrame:
        """What to do when: a row per period with ``period, on, counted`` and, with a start, ``day``.

        Periods that do not fill a last pair of blocks are off and not counted.
        """
        self._check()
        pairs = periods // (2 * self.block)
        if pairs < 1:
            raise ValueError(f"{periods} periods do not hold one pair of blocks of {self.block}")
        first = np.random.default_rng(self.seed).integers(0, 2, pairs)
        blocks = np.column_stack([first, 1 - first]).ravel()
        on = np.zeros(periods, dtype=np.int64)
        on[: len(blocks) * self.block] = np.repeat(blocks, self.block)
        place = np.arange(periods)
        counted = (place % self.block >= self.carry) & (place < len(blocks) * self.block)
        plan = pd.DataFrame({"period": place, "on": on, "counted": counted})
        if start is not None:
            plan["day"] = [start + timedelta(days=step_days * i) for i in range(periods)]
        return plan

    def fit(self, table: Any, *, outcome: str, on: str = "on") -> Switchback:
        """Fit a table with a row per period in order: was it on (1 or 0), and what was sold.

        Raises ``ValueError`` for a missing column, an empty value, or blocks that do not come in pairs of on and off.
        """
        self._check()
        frame = to_pandas(table)
        missing = [c for c in (on, outcome) if c not in frame]
        if missing:
            raise ValueError(f"the table has no column {', '.join(missing)}")
        pairs = len(frame) // (2 * self.block)
        used = frame.iloc[: pairs * 2 * self.block]
        y, state = used[outcome].to_numpy(dtype=float), used[on].to_numpy(dtype=float)
        if np.isnan(y).any():
            raise ValueError(f"period {int(np.flatnonzero(np.isnan(y))[0])} has no {outcome}")
        blocks = state.reshape(2 * pairs, self.block)
        first, second = blocks[::2], blocks[1::2]
        whole = (blocks == blocks[:, :1]).all(axis=1).reshape(pairs, 2).all(axis=1)
        if pairs < 2 or not whole.all() or not (first[:, 0] + second[:, 0] == 1).all():
            raise ValueError("the periods are not at least two pairs of an on and an off block: use the plan as it was")
        self._keep(y.reshape(pairs, 2, self.block), first[:, 0], frame)
        return self

    def _keep(self, y: Array, first: Array, frame: pd.DataFrame) -> None:
        sign = 2 * first - 1
        late, early = y[:, :, self.carry :].mean(axis=2), y[:, :, : self.carry]
        gap = (late[:, 0] - late[:, 1]) * sign
        n = len(gap)
        self.effect_ = float(gap.mean())
        off = np.where(first == 1, late[:, 1], late[:, 0])
        self.relative_ = self.effect_ / float(off.mean()) if off.mean() else None
        from scipy import special

        half = float(special.stdtrit(n - 1, 0.5 + self.level / 2)) * float(gap.std(ddof=1)) / math.sqrt(n)
        self.interval_ = (self.effect_ - half, self.effect_ + half)
        self.p_value_ = coin_p_value(gap, self.seed)
        self.carried_ = None
        if self.carry:
            felt = early.mean(axis=2)
            self.carried_ = float(((felt[:, 0] - felt[:, 1]) * sign).mean()) - self.effect_
        self.pairs_ = pd.DataFrame({
            "pair": np.arange(n), "start": np.arange(n) * 2 * self.block, "on": off + gap, "off": off,
            "difference": gap,
        })  # fmt: skip
        self.limits_: tuple[str, ...] = ("too_few_pairs",) if n < 6 else ()

    def _check(self) -> None:
        if self.block < 1 or not 0 <= self.carry < self.block:
            raise ValueError("a block needs at least one period that is counted: carry must be shorter than block")


def coin_p_value(gaps: Sequence[float] | Array, seed: int = 7) -> float:
    """Share of the ways the coins could have fallen that give a mean at least as far from zero.

    >>> coin_p_value([1.0, 2.0, 3.0])
    0.25
    """
    gap = np.asarray(gaps, dtype=float)
    n = len(gap)
    if n <= EXACT_PAIRS:
        coins = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        means = np.abs(((2 * coins - 1) * gap).mean(axis=1))
        return float((means >= abs(gap.mean()) * (1 - 1e-12)).mean())
    coins = np.random.default_rng(seed).integers(0, 2, (DRAWS, n))
    means = np.abs(((2 * coins - 1) * gap).mean(axis=1))
    return float((1 + (means >= abs(gap.mean())).sum()) / (1 + DRAWS))
