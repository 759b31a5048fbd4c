"""When people respond: the hours of the week, from each person as far as they have shown, then from their like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, digamma

from regulars.decide.curves import Array

BINS = 168
MOST = 1e6
Whole = NDArray[np.int64]


@dataclass
class HourResponse:
    """The share of each hour of the week in what a person does, shrunk from person to segment to everybody.

    Formula: counts n_p of a person over the 168 hours are multinomial with p_p ~ Dirichlet(k_1 m_s), the segment's
    m_s ~ Dirichlet(k_2 m), everybody's m ~ Dirichlet(k_3 (day x hour)): weekdays and hours of the day as if they were
    independent. The three concentrations k are those under which the counts are most likely (a fixed point of the
    Dirichlet-multinomial likelihood). A person's share is (n_ph + k_1 m_sh) / (n_p + k_1): with few events it is the
    segment's, with many their own.

    Learns ``everybody_`` (168), ``segments_`` (segments, 168), ``own_`` (k_1), ``apart_`` (k_2) and ``events_``
    (people). Raises ``ValueError`` when a bin, person or segment is out of range. Source: Minka, Estimating a
    Dirichlet distribution (2000), section 3; Gelman and others, Bayesian Data Analysis (2013), chapter 5.

    >>> model = HourResponse().fit([0, 0, 1], [20, 20, 9], [6, 3, 1], segment=[0, 0])
    >>> model.shares([0])[0].argmax()
    np.int64(20)
    """

    level: float = 0.90

    def fit(self, person: ArrayLike, hour: ArrayLike, count: ArrayLike, segment: ArrayLike) -> Self:
        """Learn from ``count`` events of person number ``person`` in hour ``hour`` (Monday 0:00 is 0) of the week.

        ``segment`` has the segment number of every person, also of those without an event.
        """
        who, at = np.asarray(person, dtype=np.int64), np.asarray(hour, dtype=np.int64)
        n, kind = np.asarray(count, dtype=float), np.asarray(segment, dtype=np.int64)
        if len(who) and (who.min() < 0 or who.max() >= len(kind) or at.min() < 0 or at.max() >= BINS or n.min() < 0):
            raise ValueError("a person must be a row of segment, an hour 0 to 167, and a count 0 or more")
        if len(kind) and kind.min() < 0:
            raise ValueError("a segment must be numbered from 0")
        kinds = int(kind.max()) + 1 if len(kind) else 1
        self.cells_, self.segment_ = (who, at, n), kind
        self.events_ = np.bincount(who, n, len(kind))
        table = np.zeros((kinds, BINS))
        np.add.at(table, (kind[who], at), n)
        whole = table.sum(axis=0)
        week = whole.reshape(7, 24)
        days, hours = week.sum(axis=1) + 1.0, week.sum(axis=0) + 1.0
        plain = np.outer(days / days.sum(), hours / hours.sum()).ravel()
        smooth = concentration(np.zeros(BINS, dtype=np.int64), np.arange(BINS), whole, plain[None, :])
        self.everybody_ = (whole + smooth * plain) / (whole.sum() + smooth)
        self.weight_ = float(whole.sum() + smooth)
        rows, bins = np.nonzero(table)
        each = np.broadcast_to(self.everybody_, table.shape)
        self.apart_ = concentration(rows, bins, table[rows, bins], each) if kinds > 1 else MOST
        self.segments_ = (table + self.apart_ * self.everybody_) / (table.sum(axis=1, keepdims=True) + self.apart_)
        self.counted_ = table.sum(axis=1)
        few, bin_, total = _merged(who, at, n)
        self.own_ = concentration(few, bin_, total, self.segments_, kind)
        return self

    def shares(self, people: ArrayLike) -> Array:
        """The share of each hour of the week (columns) for these people (rows)."""
        rows = np.asarray(people, dtype=np.int64)
        out = self.own_ * self.segments_[self.segment_[rows]]
        place = np.full(len(self.segment_), -1)
        place[rows] = np.arange(len(rows))
        who, at, n = self.cells_
        mine = place[who] >= 0
        np.add.at(out, (place[who[mine]], at[mine]), n[mine])
        return np.asarray(out / (self.events_[rows] + self.own_)[:, None])

    def interval(self, segment: int | None = None) -> tuple[Array, Array]:
        """The interval of every hour's share, of a segment or (None) of everybody."""
        share = self.everybody_ if segment is None else self.segments_[segment]
        weight = self.weight_ if segment is None else float(self.counted_[segment] + self.apart_)
        a, b = weight * share, weight * (1 - share)
        tail = (1 - self.level) / 2
        return np.asarray(betaincinv(a, b, tail)), np.asarray(betaincinv(a, b, 1 - tail))


def concentration(row: Whole, at: Whole, count: Array, mean: Array, kind: Whole | None = None) -> float:
    """How alike rows of counts are, given their mean shares: large where they differ no more than chance does.

    The fixed point k <- k * sum m (psi(n + k m) - psi(k m)) / sum (psi(N + k) - psi(k)); rows with one event say
    nothing and leave it at its most.
    """
    have = count > 0
    row, at, count = row[have], at[have], count[have]
    if not len(row):
        return MOST
    total = np.bincount(row, count)
    total, people = np.unique(total[total > 0], return_counts=True)
    if total.max() <= 1:
        return MOST
    # A million rows have a few thousand different terms: the same count in the same hour of the same kind.
    place = (kind[row] if kind is not None else np.minimum(row, len(mean) - 1)) * mean.shape[1] + at
    sizes, size = np.unique(count, return_inverse=True)
    term, often = np.unique(place * len(sizes) + size.ravel(), return_counts=True)
    share, count = mean.ravel()[term // len(sizes)], sizes[term % len(sizes)]
    k = 10.0
    for _ in range(200):
        up = float((often * share * (digamma(count + k * share) - digamma(k * share))).sum())
        down = float((people * (digamma(total + k) - digamma(k))).sum())
        after = min(max(k * up / max(down, 1e-300), 1e-2), MOST)
        if abs(after - k) <= 1e-4 * k:
            return after
        k = after
    return k


def _merged(who: Whole, at: Whole, n: Array) -> tuple[Whole, Whole, Array]:
    key, inverse = np.unique(who * BINS + at, return_inverse=True)
    return np.asarray(key // BINS), np.asarray(key % BINS), np.bincount(inverse, n, len(key)).astype(float)
