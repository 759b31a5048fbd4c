"""A customer's own rhythm: the usual gap between purchases, drawn to the company's where little is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from regulars.understand.day_cells import DayCells

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Rhythm:
    r"""How long customers pause, in logarithms of days: a normal within customers around normal means.

    With n own gaps of mean logarithm :math:`\bar g`, the customer's own mean is

    .. math:: m = \mu + \frac{n \tau^2}{n \tau^2 + \sigma^2} (\bar g - \mu)

    so one order says nothing (m is the company's mean) and a dozen say nearly
    all. The next gap is then normal around m with variance
    :math:`\sigma^2 + \tau^2\sigma^2 / (n\tau^2 + \sigma^2)`. Only gaps that ended
    are seen, so a rhythm is that of customers who come back.

    Source: one-way random effects by moments (Searle, Casella, McCulloch 1992,
    section 3.6); shrinkage as in Efron and Morris (1975).
    """

    mu: float
    sigma2: float
    tau2: float

    @classmethod
    def of(cls, cells: DayCells) -> Self | None:
        """Learn from purchase days; None when fewer than ten gaps ended."""
        again = np.flatnonzero(cells.code[1:] == cells.code[:-1])
        if len(again) < 10:
            return None
        logs = np.log((cells.day[again + 1] - cells.day[again]).astype(np.float64))
        _, who = np.unique(cells.code[again], return_inverse=True)
        count = np.bincount(who).astype(np.float64)
        mean = np.bincount(who, logs) / count
        total, groups = float(count.sum()), len(count)
        grand = float(logs.mean())
        within = float(((logs - mean[who]) ** 2).sum())
        between = float((count * (mean - grand) ** 2).sum())
        if total <= groups:
            return cls(grand, max(float(logs.var()), 1e-4), 0.0)
        sigma2 = max(within / (total - groups), 1e-4)
        size = (total - float((count**2).sum()) / total) / max(groups - 1, 1)
        tau2 = max((between / max(groups - 1, 1) - sigma2) / size, 0.0) if groups > 1 else 0.0
        return cls(grand, sigma2, tau2)

    def usual_gap(self, gaps: Any, log_gaps: Any) -> Vector:
        """The customer's own usual gap in days (median of the next one), from the number of gaps and their sum of logs.

        >>> Rhythm(np.log(30), 0.5, 0.5).usual_gap([0, 3], [0.0, 3 * np.log(7)]).round(1).tolist()
        [30.0, 10.1]
        """
        return np.asarray(np.exp(self._mean(np.asarray(gaps, dtype=np.float64), np.asarray(log_gaps))))

    def outlasted(self, silence: Any, gaps: Any, log_gaps: Any) -> Vector:
        """The share of this customer's pauses that are shorter than the silence now: .95 is rare, not impossible."""
        n = np.asarray(gaps, dtype=np.float64)
        spread = self.sigma2 + self.tau2 * self.sigma2 / (n * self.tau2 + self.sigma2)
        z = np.log(np.maximum(np.asarray(silence, dtype=np.float64), 0.5)) - self._mean(n, np.asarray(log_gaps))
        return np.asarray(ndtr(z / np.sqrt(spread)))

    def _mean(self, n: Vector, total: Vector) -> Vector:
        return np.asarray((n * self.tau2 * total / np.maximum(n, 1.0) + self.sigma2 * self.mu)
                          / (n * self.tau2 + self.sigma2))  # fmt: skip
