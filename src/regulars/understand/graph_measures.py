"""Measures of a network: what lies below each person, PageRank, core numbers; in passes over whole arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]


def cut_circles(parent: Ints, order: Ints) -> Ints:
    """A forest from everybody's one link up (-1: none): of each circle the link with the largest ``order`` goes.

    >>> cut_circles(np.array([1, 2, 0, 0]), np.array([5, 9, 7, 1])).tolist()
    [1, -1, 0, 0]
    """
    up, has = parent.copy(), np.flatnonzero(parent >= 0)
    if not has.size:
        return up
    links = sparse.coo_array((np.ones(has.size), (has, up[has])), shape=(len(up), len(up)))
    _, member = connected_components(links, directed=True, connection="strong")
    on = np.flatnonzero(np.bincount(member)[member] > 1)
    if not on.size:
        return up
    last = on[np.lexsort((order[on], member[on]))]
    up[last[np.append(np.diff(member[last]) != 0, True)]] = -1
    return up


def below(parent: Ints, value: Vector, discount: float = 1.0) -> Vector:
    """For each person the sum over all below of value x discount^(steps - 1).

    Adds in doubling steps (within 1, 2, 4 ... below), so a chain of a million takes twenty passes:
    ``S_2k(v) = S_k(v) + discount^k * sum of S_k(u) over u exactly k below v``.

    >>> below(np.array([-1, 0, 1]), np.array([9.0, 4.0, 2.0]), discount=0.5).tolist()
    [5.0, 2.0, 0.0]
    """
    up, reach = parent.copy(), np.asarray(value, dtype=np.float64).copy()
    factor = discount
    if discount == 0.0:
        has = up >= 0
        return np.asarray(np.bincount(up[has], reach[has], minlength=len(up)), dtype=np.float64)
    while (up >= 0).any():
        has = up >= 0
        reach = reach + factor * np.bincount(up[has], reach[has], minlength=len(up))
        up = np.where(has, up[np.maximum(up, 0)], -1)
        factor *= factor
    return np.asarray((reach - value) / discount, dtype=np.float64)


def depths(parent: Ints) -> tuple[Ints, Ints]:
    """How many are above each person, and the one at the top."""
    up, deep, top = parent.copy(), (parent >= 0).astype(np.int64), np.where(parent >= 0, parent, np.arange(len(parent)))
    while (up >= 0).any():
        safe = np.maximum(up, 0)
        deep = deep + np.where(up >= 0, deep[safe], 0)
        top = np.where(up >= 0, top[safe], top)
        up = np.where(up >= 0, up[safe], -1)
    return deep, top


def pagerank(
    source: Ints, target: Ints, n: int, *, damping: float = 0.85, tol: float = 1e-10, max_iter: int = 500
) -> Vector:
    """PageRank by power iteration: p = (1 - d) / n + d (A' p + mass of people without links / n); sums to one.

    A link from b to a says "a brought b": who brought people that brought people ranks high.

    Source: Brin and Page, Computer Networks 30 (1998) 107-117; Langville and Meyer (2006), section 4.5.

    >>> pagerank(np.array([1, 2]), np.array([0, 0]), 3).round(4).tolist()
    [0.5745, 0.2128, 0.2128]
    """
    if n == 0:
        return np.empty(0)
    if not 0.0 <= damping < 1.0:
        raise ValueError(f"damping must be at least 0 and below 1, not {damping}")
    links = sparse.coo_array((np.ones(len(source)), (target, source)), shape=(n, n)).tocsr()
    out = np.bincount(source, minlength=n).astype(float)
    share = np.divide(1.0, out, out=np.zeros(n), where=out > 0)
    rank = np.full(n, 1.0 / n)
    for _ in range(max_iter):
        new = damping * (links @ (rank * share) + rank[out == 0].sum() / n) + (1.0 - damping) / n
        moved = float(np.abs(new - rank).sum())
        rank = new
        if moved < tol:
            break
    return np.asarray(rank / rank.sum(), dtype=np.float64)


def core_numbers(source: Ints, target: Ints, n: int) -> Ints:
    """The largest k such that a person is in a group where everybody has k links to others of the group.

    Peels away whoever has fewer than k links, all at once, until nobody falls; a tree has 1, a ring 2.

    Source: Seidman, Social Networks 5 (1983) 269-287.

    >>> core_numbers(np.array([0, 1, 2, 3]), np.array([1, 2, 0, 0]), 4).tolist()
    [2, 2, 2, 1]
    """
    real = source != target
    a, b = np.minimum(source[real], target[real]), np.maximum(source[real], target[real])
    packed = np.unique(a * n + b)
    pairs = np.column_stack([packed // max(n, 1), packed % max(n, 1)])
    ones = np.ones(2 * len(pairs), dtype=np.int64)
    both = (np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]]))
    graph = sparse.coo_array((ones, both), shape=(n, n)).tocsr()
    degree = np.bincount(both[0], minlength=n)
    # A tree needs no peeling: everybody with a link has 1. (A chain would fall one by one.)
    _, member = connected_components(graph, directed=False)
    circular = np.bincount(member[pairs[:, 0]], minlength=n) >= np.bincount(member, minlength=n)
    core = np.where(degree > 0, 1, 0).astype(np.int64)
    left, k = circular[member] & (degree > 0), 2
    while left.any():
        falling: Ints = np.flatnonzero(left & (degree < k)).astype(np.int64)
        while falling.size:
            left[falling] = False
            touched = graph[falling].indices.astype(np.int64)
            np.subtract.at(degree, touched, 1)
            touched = np.unique(touched)
            falling = touched[left[touched] & (degree[touched] < k)]
        core[left] = k
        k += 1
    return core
