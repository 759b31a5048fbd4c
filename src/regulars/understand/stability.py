"""Whether groups are there or made: do they come back in another sample, and is one group enough?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

Vector = NDArray[np.float64]
Labels = NDArray[np.int64]
# Given rows, a function that puts any rows into the groups of the first.
Grouper = Callable[[Vector], Callable[[Vector], Labels]]

# Below .6 a group is a pattern of the sample; from .75 it may be named (Hennig 2007).
DISSOLVED, STABLE = 0.6, 0.75
AGREEMENT = 0.8


@dataclass(frozen=True)
class Stability:
    """How well groups come back: agreement of the whole (adjusted Rand index) and each group's best match (Jaccard)."""

    agreement: float
    groups: tuple[float, ...]
    draws: int


def resampled(X: Vector, group: Grouper, labels: Labels, *, draws: int = 20, seed: int = 0) -> Stability:
    r"""Group bootstrap samples and look for the groups of the whole in them.

    For each group C of the whole and each bootstrap sample, the best match
    :math:`\max_D |C \cap D| / |C \cup D|` among the groups D of that sample, over
    the customers drawn; and the adjusted Rand index of both labellings of all.
    Means over the draws.

    Source: Hennig (2007), "Cluster-wise assessment of cluster stability", CSDA
    52; Hubert and Arabie (1985).
    """
    rng = np.random.default_rng(seed)
    k = int(labels.max(initial=-1)) + 1
    matches, agreements = np.zeros((draws, k)), np.zeros(draws)
    for i in range(draws):
        rows = rng.integers(0, len(X), len(X))
        again = group(X[rows])(X)
        agreements[i] = adjusted_rand_score(labels, again)
        seen = np.unique(rows)
        matches[i] = jaccard(labels[seen], again[seen], k)
    return Stability(float(agreements.mean()), tuple(float(v) for v in matches.mean(axis=0)), draws)


def jaccard(one: Labels, other: Labels, groups: int) -> Vector:
    """For each group of the first labelling, its best overlap with a group of the second.

    >>> jaccard(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 2).round(2).tolist()
    [0.67, 0.5]
    """
    m = int(other.max(initial=0)) + 1
    both = np.bincount(one * m + other, minlength=groups * m).reshape(groups, m).astype(np.float64)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.asarray((both / np.maximum(union, 1.0)).max(axis=1))


def halves(X: Vector, group: Grouper, half: NDArray[np.bool_]) -> float:
    """Agreement, on all customers, of the groups of two halves of them (Ben-Hur, Elisseeff and Guyon 2002)."""
    return float(adjusted_rand_score(group(X[half])(X), group(X[~half])(X)))


def number_by_gap(
    X: Vector, group: Callable[[int], Grouper], most: int, *, draws: int = 6, seed: int = 0
) -> tuple[int, tuple[float, ...]]:
    r"""The number of groups by the gap statistic, 1 to ``most``, and the gaps computed on the way.

    .. math:: Gap(k) = E^*[\log W_k] - \log W_k

    W is the sum of squares within groups; the reference is uniform over the box
    along the principal axes. The answer is the smallest k with
    :math:`Gap(k) \ge Gap(k+1) - s_{k+1}`: unlike silhouettes it can be one.

    Source: Tibshirani, Walther and Hastie (2001), JRSS B 63.
    """
    rng = np.random.default_rng(seed)
    centred = X - X.mean(axis=0)
    turned = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    low, high = turned.min(axis=0), turned.max(axis=0)
    drawn = [rng.uniform(low, high, turned.shape) for _ in range(draws)]
    gaps: list[float] = []
    for k in range(1, most + 1):
        logs = np.array([_log_within(U, group(k)) for U in drawn])
        gaps.append(float(logs.mean()) - _log_within(turned, group(k)))
        error = float(logs.std()) * np.sqrt(1.0 + 1.0 / draws)
        if k > 1 and gaps[-2] >= gaps[-1] - error:
            return k - 1, tuple(gaps)
    return most, tuple(gaps)


def elbow(within: Vector) -> int:
    """The number of groups (from 1) where the sum of squares within stops falling steeply: the farthest from the chord.

    >>> elbow(np.array([100.0, 40.0, 10.0, 8.0, 7.0]))
    3
    """
    if len(within) < 3:
        return 1
    x = np.linspace(0.0, 1.0, len(within))
    y = (within - within[-1]) / max(float(within[0] - within[-1]), 1e-300)
    return int(np.argmax(1.0 - x - y)) + 1


def _log_within(X: Vector, group: Grouper) -> float:
    labels = group(X)(X)
    size = np.maximum(np.bincount(labels), 1)
    centres = np.stack([np.bincount(labels, X[:, j]) / size for j in range(X.shape[1])], axis=1)
    return float(np.log(max(float(((X - centres[labels]) ** 2).sum()), 1e-12)))
