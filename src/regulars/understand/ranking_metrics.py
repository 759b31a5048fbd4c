"""How good a list of suggestions is: nDCG, recall, coverage and diversity, counted on what people bought later."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def best(scores: Any, k: int, hide: Any = None) -> NDArray[np.int64]:
    """The k columns with the highest scores in every row, the highest first; ``hide`` marks what may not be shown.

    Ties go to the column that comes first. Places without anything left to show hold -1.

    >>> best([[1.0, 3.0, 2.0]], 2).tolist()
    [[1, 2]]
    """
    s = np.array(scores, dtype=np.float64)
    if hide is not None:
        s[np.asarray(hide, dtype=np.bool_)] = -np.inf
    k = min(k, s.shape[1])
    if k == 0 or not len(s):
        return np.empty((len(s), 0), dtype=np.int64)
    # The cut may split a tie; shifting the columns by what double precision can hold decides it by place.
    top = np.argpartition(-s, k - 1, axis=1)[:, :k] if k < s.shape[1] else np.tile(np.arange(k), (len(s), 1))
    top.sort(axis=1)
    order = np.argsort(-np.take_along_axis(s, top, axis=1), axis=1, kind="stable")
    top = np.take_along_axis(top, order, axis=1)
    return np.where(np.isneginf(np.take_along_axis(s, top, axis=1)), -1, top).astype(np.int64)


def hits(shown: NDArray[np.int64], bought: Any) -> Vector:
    """1 where a suggestion was bought, 0 where not; ``bought`` has a row per person and a column per product."""
    held = np.asarray(bought.toarray() if hasattr(bought, "toarray") else bought) > 0
    found = np.take_along_axis(held, np.maximum(shown, 0), axis=1) & (shown >= 0)
    return found.astype(np.float64)


def ndcg(shown: NDArray[np.int64], bought: Any) -> Vector:
    r"""Discounted gain of each person's list beside the best possible list; not-a-number for who bought nothing.

    .. math:: nDCG@k = \sum_{i \le k} \frac{hit_i}{\log_2(i + 1)} \Big/ \sum_{i \le \min(k, m)} \frac{1}{\log_2(i+1)}

    where m is how many products the person bought.

    >>> ndcg(np.array([[0, 1, 2]]), [[0, 1, 0]]).round(4).tolist()
    [0.6309]

    References
    ----------
    Jarvelin and Kekalainen (2002), ACM TOIS 20(4).
    """
    found = hits(shown, bought)
    discount = 1.0 / np.log2(np.arange(2, shown.shape[1] + 2))
    m = _bought(bought)
    ideal = np.concatenate(([np.nan], np.cumsum(discount)))[np.minimum(m, shown.shape[1])]
    return np.asarray(found @ discount / ideal)


def recall(shown: NDArray[np.int64], bought: Any) -> Vector:
    """The share of what each person bought that the list held, of at most the list's length; NaN where nothing.

    >>> recall(np.array([[0, 1]]), [[0, 1, 1]]).tolist()
    [0.5]
    """
    m = _bought(bought).astype(np.float64)
    m[m == 0] = np.nan
    return np.asarray(hits(shown, bought).sum(axis=1) / np.minimum(m, shown.shape[1]))


def coverage(shown: NDArray[np.int64], products: int) -> float:
    """The share of products that are suggested to anybody."""
    return len(np.unique(shown[shown >= 0])) / products if products else 0.0


def diversity(shown: NDArray[np.int64]) -> float:
    r"""The chance that suggestions to two people drawn at random differ: :math:`1 - \sum_j q_j^2` (Gini-Simpson).

    0 when everybody gets the same; q is the share of all places a product takes.
    """
    counts = np.bincount(shown[shown >= 0])
    total = counts.sum()
    return float(1.0 - ((counts / total) ** 2).sum()) if total else 0.0


def _bought(bought: Any) -> NDArray[np.int64]:
    held = bought.toarray() if hasattr(bought, "toarray") else np.asarray(bought)
    return np.asarray((held > 0).sum(axis=1), dtype=np.int64)
