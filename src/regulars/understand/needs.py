"""What customers need: what is written about by whom, how it grows, how much it hurts and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats
from sklearn.base import BaseEstimator

from regulars.lake.frames import to_arrow

Vector = NDArray[np.float64]
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Need:
    """One topic as a need.

    ``reach`` is the share of the customers who wrote that wrote of it; ``pain`` the share of
    those texts that complain; ``worth`` the mean worth of these customers beside that of all who wrote
    (1 = the same); ``score`` the product. ``growth`` compares texts a day of the recent days with
    those before, with a 90 % interval; None where either has nothing.
    """

    topic: str
    customers: int
    texts: int
    reach: float
    pain: float
    worth: float
    score: float
    growth: float | None
    growth_low: float | None
    growth_high: float | None
    first_seen: str
    segments: tuple[tuple[str, int, float], ...]


class Needs(BaseEstimator):  # type: ignore[misc]
    """Topics by segment and time, ranked by reach x pain x worth.

    Args:
        days: length of the recent window and of the one before it, in days.
        smallest: customers below which a group is not shown, so that nobody is recognised in it.

    ``fit(texts, now=...)`` takes a row a text: ``customer, at, topic`` (null: none), ``pain`` (0 to 1,
    how surely it complains), and if known ``segment`` and ``worth`` of the customer. ``needs_`` holds the
    ranking; each need's ``segments`` are (segment, customers, lift), lift being the share of the segment's writers
    who wrote of it beside the share of all. ValueError where a column is missing.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> rows = {"customer": list("abcdefgh"), "at": [now] * 8, "topic": ["bill"] * 6 + ["speed"] * 2, "pain": [1.0] * 8}
    >>> [(n.topic, n.customers) for n in Needs(smallest=5).fit(rows, now=now).needs_]
    [('bill', 6)]

    Growth: given both counts, the recent one is binomial (Przyborowski and Wilenski 1940); its exact interval is
    Clopper and Pearson's.
    """

    def __init__(self, *, days: int = 90, smallest: int = 5) -> None:
        self.days = days
        self.smallest = smallest

    def fit(self, texts: Any, y: Any = None, *, now: datetime) -> Needs:
        """Rank the topics of these texts."""
        table = to_arrow(texts)
        missing = [c for c in ("customer", "at", "topic", "pain") if c not in table.column_names]
        if missing:
            raise ValueError(f"texts: no column {', '.join(missing)}")
        customer = _words(table, "customer")
        topic, segment = _words(table, "topic"), _words(table, "segment")
        pain = np.asarray(table.column("pain").to_pylist(), dtype=np.float64)
        worth = _worth(table, customer)
        at = np.asarray(table.column("at").cast(pa.timestamp("us", tz="UTC")).to_numpy(), dtype="datetime64[us]")
        known = np.array([c != "" for c in customer], dtype=bool)
        self.writers_ = len(set(customer[known].tolist()))
        everybody = _by_person(customer[known], segment[known])
        typical = _mean_worth(customer[known], worth[known])
        found = []
        for one in sorted({t for t in topic.tolist() if t}):
            rows = np.flatnonzero((topic == one) & known)
            people = len(set(customer[rows].tolist()))
            if people < self.smallest:
                continue
            mine = _mean_worth(customer[rows], worth[rows])
            ratio = mine / typical if typical > 0 else 1.0
            reach, hurt = people / self.writers_, float(pain[rows].mean())
            growth = _growth(at[rows], now, self.days)
            found.append(
                Need(
                    one, people, len(rows), reach, hurt, ratio, reach * hurt * ratio, *growth,
                    str(at[rows].min())[:10], self._groups(rows, customer, segment, everybody, reach),
                )
            )  # fmt: skip
        self.needs_ = tuple(sorted(found, key=lambda n: (-n.score, n.topic)))
        return self

    def _groups(
        self,
        rows: NDArray[np.int64],
        customer: NDArray[np.object_],
        segment: NDArray[np.object_],
        everybody: dict[str, int],
        reach: float,
    ) -> tuple[tuple[str, int, float], ...]:
        mine = _by_person(customer[rows], segment[rows])
        shown = [(s, n, n / everybody[s] / reach) for s, n in mine.items() if s and n >= self.smallest]
        return tuple(sorted(shown, key=lambda row: (-row[2], row[0])))


@dataclass(frozen=True)
class Said:
    """A word that those who left used more (z above 0) or less than those who stayed."""

    word: str
    left: int
    stayed: int
    z: float


def leavers_words(
    words: Sequence[Sequence[str]],
    left: Sequence[bool],
    customers: Sequence[str],
    *,
    smallest: int = 5,
    most: int = 12,
    prior: float = 50.0,
) -> tuple[Said, ...]:
    """What those who left said more than those who stayed, a word counted once a customer.

    z = (logit of the word's share among the left - among the stayed) / its standard error, each
    share smoothed towards the share among all by a Dirichlet prior of ``prior`` words.
    Words of fewer than ``smallest`` people who left are not told.

    >>> said, left = [["refund"]] * 20 + [["great"]] * 20, [True] * 20 + [False] * 20
    >>> leavers_words(said, left, [str(i) for i in range(40)])[0].word
    'refund'

    Source: Monroe, Colaresi and Quinn (2008), "Fightin' Words", eq. 15-22.
    """
    counts: dict[str, list[int]] = {}
    seen: set[tuple[str, str]] = set()
    for said, gone, who in zip(words, left, customers, strict=True):
        for word in set(said):
            if (who, word) not in seen:
                seen.add((who, word))
                counts.setdefault(word, [0, 0])[0 if gone else 1] += 1
    if not counts:
        return ()
    names = sorted(counts)
    table = np.array([counts[w] for w in names], dtype=np.float64)
    n = table.sum(axis=0)
    if (n == 0).any():
        return ()
    start = prior * table.sum(axis=1) / n.sum()
    odds = np.log((table + start[:, None]) / (n + prior - table - start[:, None]))
    z = (odds[:, 0] - odds[:, 1]) / np.sqrt((1.0 / (table + start[:, None])).sum(axis=1))
    told = [Said(w, int(a), int(b), float(s)) for w, (a, b), s in zip(names, table, z, strict=True) if a >= smallest]
    return tuple(sorted((s for s in told if s.z >= Z90), key=lambda s: (-s.z, s.word))[:most])


def _growth(at: NDArray[np.datetime64], now: datetime, days: int) -> tuple[float | None, float | None, float | None]:
    end = np.datetime64(now.replace(tzinfo=None), "us")
    cut, start = (end - np.timedelta64(timedelta(days=days * k)) for k in (1, 2))
    recent, before = int(((at > cut) & (at <= end)).sum()), int(((at > start) & (at <= cut)).sum())
    if recent == 0 or before == 0:
        return None, None, None
    low = float(stats.beta.ppf(0.05, recent, before + 1))
    high = float(stats.beta.ppf(0.95, recent + 1, before))
    return recent / before - 1.0, low / (1 - low) - 1.0, high / (1 - high) - 1.0


def _words(table: pa.Table, column: str) -> NDArray[np.object_]:
    if column not in table.column_names:
        return np.full(table.num_rows, "", dtype=object)
    return np.array(["" if v is None else str(v) for v in table.column(column).to_pylist()] or [], dtype=object)


def _worth(table: pa.Table, customer: NDArray[np.object_]) -> Vector:
    if "worth" not in table.column_names:
        return np.ones(len(customer))
    return np.array([0.0 if v is None else float(v) for v in table.column("worth").to_pylist()], dtype=np.float64)


def _by_person(customer: NDArray[np.object_], segment: NDArray[np.object_]) -> dict[str, int]:
    count: dict[str, int] = {}
    for one in set(zip(customer.tolist(), segment.tolist(), strict=True)):
        count[one[1]] = count.get(one[1], 0) + 1
    return count


def _mean_worth(customer: NDArray[np.object_], worth: Vector) -> float:
    each = dict(zip(customer.tolist(), worth.tolist(), strict=True))
    return sum(each.values()) / len(each) if each else 0.0
