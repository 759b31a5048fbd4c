"""Who brought whom: referral families, the reach of each customer, and whether word of mouth carries itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from regulars.lake.frames import to_arrow


@dataclass(frozen=True)
class Referrals:
    """A referral forest.

    ``people`` has one row per customer in it: ``customer, referrer, family``
    (number of the family, largest first), ``brought`` (directly) and
    ``cascade`` (all below, at any depth). ``viral_coefficient`` is referrals per
    customer, ``referrals / customers``; at 1 or more every generation is larger
    than the last. ``ignored`` counts self-referrals, second referrers of the
    same customer and links that would close a circle.
    """

    people: pa.Table
    referrals: int
    families: int
    largest: int
    viral_coefficient: float
    ignored: int


def referrals(touches: Any, customers: int | None = None) -> Referrals:
    """Read who brought whom from rows of (customer, referrer[, at]).

    The earliest referrer of a customer counts. ``customers`` is the number of
    all customers, for the viral coefficient; None counts those in the forest.

    >>> found = referrals({"customer": ["b", "c", "d"], "referrer": ["a", "a", "c"]}, customers=10)
    >>> found.viral_coefficient, found.people.to_pylist()[0]["cascade"]
    (0.3, 3)
    """
    table = to_arrow(touches)
    names = ["customer", "referrer", *(c for c in ("at",) if c in table.column_names)]
    frame = table.select(names).to_pandas().dropna(subset=["customer", "referrer"])
    given = len(frame.drop_duplicates(["customer", "referrer"]))
    if "at" in frame:
        frame = frame.sort_values("at", kind="stable")
    frame = frame[frame["customer"] != frame["referrer"]].drop_duplicates("customer")
    keys = sorted({*frame["customer"], *frame["referrer"]})
    number = {k: i for i, k in enumerate(keys)}
    parent = np.full(len(keys), -1, dtype=np.int64)
    kept = 0
    for child, host in zip(frame["customer"], frame["referrer"], strict=True):
        c, h = number[child], number[host]
        if not _above(parent, h, c):
            parent[c] = h
            kept += 1
    has = np.flatnonzero(parent >= 0)
    graph = sparse.coo_array((np.ones(len(has)), (has, parent[has])), shape=(len(keys), len(keys)))
    families, member = connected_components(graph, directed=False) if keys else (0, np.empty(0, dtype=np.int64))
    size = np.bincount(member, minlength=families)
    rank = np.empty(families, dtype=np.int64)
    rank[np.lexsort((np.arange(families), -size))] = np.arange(families)
    people = pa.table(
        {
            "customer": pa.array(keys, pa.string()),
            "referrer": pa.array([keys[p] if p >= 0 else None for p in parent], pa.string()),
            "family": rank[member],
            "brought": np.bincount(parent[has], minlength=len(keys)),
            "cascade": _below(parent),
        }
    )
    base = len(keys) if customers is None else customers
    return Referrals(people, kept, int(families), int(size.max(initial=0)), kept / base if base else 0.0, given - kept)


def _above(parent: NDArray[np.int64], start: int, wanted: int) -> bool:
    while start >= 0:
        if start == wanted:
            return True
        start = int(parent[start])
    return False


def _below(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of people below each, summed from the leaves up."""
    waiting = np.bincount(parent[parent >= 0], minlength=len(parent))
    below = np.zeros(len(parent), dtype=np.int64)
    ready = np.flatnonzero(waiting == 0).tolist()
    while ready:
        one = ready.pop()
        host = int(parent[one])
        if host >= 0:
            below[host] += below[one] + 1
            waiting[host] -= 1
            if waiting[host] == 0:
                ready.append(host)
    return below
