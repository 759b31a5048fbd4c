"""When a customer buys next: a day with an interval, and the chance by any day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.understand.behaviour_features import History, features, history, next_purchase
from regulars.understand.days import as_dates
from regulars.understand.feature_matrix import FeatureMatrix
from regulars.understand.learners import LOGISTIC, chance, learner
from regulars.understand.person_periods import expand

Vector = NDArray[np.float64]
FEWEST = 20


class NextPurchase(BaseEstimator):  # type: ignore[misc]
    r"""The day of the next purchase.

    The days after a cut-off are laid in bins that widen; the chance to buy in a bin, given
    that nothing was bought in those before, is a yes-or-no model on what was known before the cut-off:

    .. math:: P(D > b) = \prod_{j \le b} (1 - h_j(x)), \qquad q_\alpha = \min\{d : P(D \le d) \ge \alpha\}

    Who has not bought by the last day seen counts with the bins waited through (right censoring).
    The median is the date told, ``1 - level`` is split on both sides. A quantile that lies
    beyond the days watched is null: "not within ``watch_days``".

    Parameters
    ----------
    watch_days : int or None
        How far ahead; a third of the history, at most a year, when None.
    bins : int
        How many bins.
    model : str
        ``logistic`` or ``boosting``.
    sample, seed : int
        Customers it learns from.
    level : float
        Share of customers whose day lies in the interval.
    zone, until, currency
        As in ``CLV``.

    Attributes
    ----------
    edges_ : array
        Days after the cut-off at which the bins end.
    limits_ : tuple of str

    Examples
    --------
    >>> orders = {"customer": [f"c{i % 50}" for i in range(600)], "amount": [100] * 600,
    ...           "day": [str(np.datetime64("2026-01-01") + 10 * (i // 50) + i % 50 % 7) for i in range(600)]}
    >>> told = NextPurchase(watch_days=30).fit(orders).predict()
    >>> told["days"][0].as_py() < 15
    True

    Source: Singer and Willett (1993), J. Educational Statistics 18.
    """

    def __init__(
        self,
        *,
        watch_days: int | None = None,
        bins: int = 10,
        model: str = LOGISTIC,
        sample: int = 4000,
        seed: int = 0,
        level: float = 0.9,
        zone: str = "UTC",
        until: date | datetime | int | None = None,
        currency: str | None = None,
    ) -> None:
        self.watch_days = watch_days
        self.bins = bins
        self.model = model
        self.sample = sample
        self.seed = seed
        self.level = level
        self.zone = zone
        self.until = until
        self.currency = currency

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn from orders, or from the lake's tables by name; raises ``ValueError`` without a paid order."""
        return self.fit_history(history(X, zone=self.zone, until=self.until, currency=self.currency))

    def fit_history(self, past: History) -> Self:
        """Learn from what happened, already gathered."""
        span = past.until + 1 - int(past.cells.day.min())
        watched = int(min(self.watch_days or min(365, span // 3), max(span - 1, 1)))
        self.history_, self.cut_ = past, past.until + 1 - max(watched, 1)
        steps = np.linspace(0.0, 1.0, self.bins + 1)[1:]
        # Widening bins: the next week is asked more finely than a week in a year.
        self.edges_ = np.unique(np.maximum(np.ceil(max(watched, 1) * steps**1.6), 1.0))
        who, table = features(past, self.cut_)
        rows = np.sort(np.random.default_rng(self.seed).permutation(len(who))[: self.sample])
        days, came = next_purchase(past, who[rows], self.cut_)
        came = came & (days < self.edges_[-1])
        self.limits_: tuple[str, ...] = ()
        self.model_: Any = None
        if min(int(came.sum()), len(came)) < FEWEST:
            self.limits_ = ("few_cases",)
            return self
        bin_of = np.searchsorted(self.edges_, np.minimum(days, self.edges_[-1] - 1), side="right") + 1
        at, period, bought = expand(bin_of, came)
        matrix = FeatureMatrix().fit(table.take(rows))
        self.matrix_ = matrix
        X = np.hstack([matrix.transform(table.take(rows))[at], self._clock(period)])
        # A hard penalty: rows of one customer tell the same thing up to ten times.
        self.model_ = learner(self.model, self.seed, C=0.1).fit(X, bought)
        return self

    def predict(self) -> pa.Table:
        """Everybody who ever bought: ``customer, day, low, high, days`` (dates; null beyond the days watched)."""
        check_is_fitted(self, "history_")
        who, gone = self.distribution()
        keys = self.history_.cells.customers.take(pa.array(who))
        tail = (1.0 - self.level) / 2.0
        days = {n: self.quantile(gone, q) for n, q in (("day", 0.5), ("low", tail), ("high", 1.0 - tail))}
        today = self.history_.until + 1
        columns = {n: as_dates_or_null(today, v) for n, v in days.items()}
        return pa.table({"customer": keys, **columns, "days": pa.array(days["day"], from_pandas=True)})

    def distribution(self, cut: int | None = None) -> tuple[NDArray[np.int64], Vector]:
        """Codes of customers and their chance to have bought by the end of each bin after a cut-off (today)."""
        who, table = features(self.history_, self.history_.until + 1 if cut is None else cut)
        if self.model_ is None:
            return who, np.zeros((len(who), len(self.edges_)))
        X = self.matrix_.transform(table)
        stays = np.ones(len(who))
        gone = np.empty((len(who), len(self.edges_)))
        for place in range(len(self.edges_)):
            clock = np.repeat(self._clock(np.array([place + 1])), len(who), axis=0)
            stays = stays * (1.0 - chance(self.model_, np.hstack([X, clock])))
            gone[:, place] = 1.0 - stays
        return who, gone

    def quantile(self, gone: Vector, share: float) -> Vector:
        """The day after the cut-off by which so large a share has bought, even within a bin; NaN beyond the last."""
        bounds = np.r_[0.0, self.edges_]
        padded = np.hstack([np.zeros((len(gone), 1)), gone])
        over = padded >= share
        at = np.maximum(over.argmax(axis=1), 1)
        rows = np.arange(len(gone))
        below, above = padded[rows, at - 1], padded[rows, at]
        part = (share - below) / np.maximum(above - below, 1e-12)
        day = bounds[at - 1] + np.clip(part, 0.0, 1.0) * (bounds[at] - bounds[at - 1])
        return np.asarray(np.where(over[:, -1], day, np.nan), dtype=np.float64)

    def _clock(self, bins: NDArray[np.int64]) -> Vector:
        return np.asarray(bins[:, None] == np.arange(1, len(self.edges_) + 1)[None, :], dtype=np.float64)


def as_dates_or_null(today: int, days: Vector) -> pa.Array:
    """Days from today as dates, null where not known."""
    known = ~np.isnan(days)
    dates = as_dates(np.where(known, today + np.floor(np.nan_to_num(days)), 0).astype(np.int64))
    return pc.if_else(pa.array(known), dates, None)
