"""Money per head has a heavy tail: cap it, say what is estimated then, and check that the rest is tame enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Kohavi et al. (2014): with at least 355 skewness^2 units an arm the mean is close enough to normal.
UNITS_PER_SKEW2: Final = 355


@dataclass(frozen=True)
class Tail:
    """The tail of an outcome: the cap, how many lie above it, the share of the sum that was cut, and what is left.

    ``skewness`` is that of the capped outcome, ``units_needed`` the units an arm for its mean to be near normal,
    ``top_share`` the part of the uncapped sum that the largest one in a hundred bring.
    """

    cap: float | None
    capped: int
    cut: float
    skewness: float
    units_needed: int
    top_share: float


def winsorise(outcome: ArrayLike, share: float | None = 0.999) -> tuple[NDArray[np.float64], Tail]:
    """Cap the outcome at its ``share`` quantile over all arms together.

    What is then estimated is the mean of min(outcome, cap), not the mean: a few whales no longer
    decide, and what they really bring is told apart as ``cut``. The cap is one for all arms, so it favours none.
    ``None`` caps nothing. Skewness is ``m3 / m2^1.5``.

    Source: Kohavi, Deng, Longbotham and Xu (2014), Seven Rules of Thumb, KDD, rule 7.

    >>> values, tail = winsorise([0.0] * 990 + [10.0] * 9 + [100_000.0], share=0.999)
    >>> tail.capped, bool(values.max() < 2_000), round(tail.top_share, 3)
    (1, True, 1.0)
    """
    if share is not None and not 0.5 < share <= 1:
        raise ValueError(f"winsorise = {share} is not a share of units to leave alone; write 0.999, or None for no cap")
    y = np.asarray(outcome, dtype=float)
    if not len(y):
        return y, Tail(None, 0, 0.0, 0.0, 0, 0.0)
    cap = None if share is None or share == 1 else float(np.quantile(y, share))
    kept = y if cap is None else np.minimum(y, cap)
    total = float(np.abs(y).sum())
    spread = kept - kept.mean()
    m2 = float(np.mean(spread**2))
    skew = float(np.mean(spread**3)) / m2**1.5 if m2 > 0 else 0.0
    top = np.sort(y)[-max(len(y) // 100, 1) :]
    return kept, Tail(
        cap, 0 if cap is None else int((y > cap).sum()), float((y - kept).sum()) / total if total else 0.0, skew,
        int(np.ceil(UNITS_PER_SKEW2 * skew**2)), float(top.sum()) / total if total else 0.0,
    )  # fmt: skip
