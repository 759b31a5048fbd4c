"""Which market deserves the next effort: size, growth, fit and room, weighted, and how sure the order is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
FACTORS = ("size", "growth", "fit", "room")
WEIGHTS: Mapping[str, float] = {"size": 0.25, "growth": 0.25, "fit": 0.25, "room": 0.25}
# How far the weights are shaken: a weight of .25 moves by about .1 either way.
SHAKE = 20.0


@dataclass(frozen=True)
class Potential:
    """One market: its index (100 is the typical one), rank, and what shaking weights and figures does to them.

    ``parts`` is what each factor multiplies the index by; ``first`` the share
    of shaken orders in which this market comes first.
    """

    market: str
    index: float
    low: float
    high: float
    rank: int
    best_rank: int
    worst_rank: int
    first: float
    parts: tuple[tuple[str, float], ...]


def market_potential(
    markets: Sequence[str],
    factors: Mapping[str, ArrayLike],
    errors: Mapping[str, ArrayLike] | None = None,
    weights: Mapping[str, float] | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[Potential, ...]:
    r"""Rank markets by a weighted product of their factors, best first.

    .. math:: index_i = 100 \prod_k \left(f_{ik} / \tilde f_k\right)^{w_k}, \quad \sum_k w_k = 1

    with the geometric mean :math:`\tilde f_k` of factor k over the markets. A
    product, unlike a sum, does not change its order when a factor is counted in
    thousands instead of ones, and one factor near nothing cannot be bought back
    by another.

    Args:
        markets: their names.
        factors: each factor's values, larger is better, above 0; usually ``FACTORS``.
        errors: standard error of the *logarithm* of each value; missing is 0.
        weights: how much each factor counts; they are scaled to add up to 1.
        draws: shaken weights (Dirichlet around yours) and figures.

    Raises ``ValueError`` for a value that is not above 0, a length that differs,
    or weights that are negative or all 0.

    >>> found = market_potential(["a", "b"], {"size": [4, 1], "fit": [1, 1]}, weights={"size": 1, "fit": 1})
    >>> [(p.market, round(p.index, 6), p.rank) for p in found]
    [('a', 141.421356, 1), ('b', 70.710678, 2)]
    """
    names = list(factors)
    counted = np.array([float((weights or WEIGHTS).get(k, 0.0)) for k in names])
    if np.any(counted < 0) or not np.isfinite(counted).all() or counted.sum() <= 0:
        raise ValueError("the weights of the factors must not be negative, and one must be above 0")
    table = np.array([np.asarray(factors[k], dtype=np.float64) for k in names]).T.reshape(-1, len(names))
    if table.shape[0] != len(markets):
        raise ValueError(f"{len(markets)} markets, but {table.shape[0]} values a factor")
    if table.size and (not np.isfinite(table).all() or table.min() <= 0):
        worst = names[int(np.argmin(np.where(np.isfinite(table), table, -np.inf).min(axis=0)))]
        raise ValueError(f"every {worst} must be a number above 0")
    if not len(markets):
        return ()
    share = counted / counted.sum()
    logs = np.log(table)
    parts = (logs - logs.mean(axis=0)) * share
    index = 100.0 * np.exp(parts.sum(axis=1))
    off = np.array([np.broadcast_to((errors or {}).get(k, 0.0), len(markets)) for k in names], dtype=np.float64).T
    rng = np.random.default_rng(seed)
    used = share > 0
    shaken = np.zeros((draws, len(names)))
    shaken[:, used] = rng.dirichlet(share[used] * SHAKE * used.sum(), draws)
    noisy = logs + off * rng.standard_normal((draws, *logs.shape))
    noisy -= noisy.mean(axis=1, keepdims=True)
    scores = np.einsum("dmk,dk->dm", noisy, shaken)
    ranks = np.argsort(np.argsort(-scores, axis=1), axis=1) + 1
    low, high = 100.0 * np.exp(np.quantile(scores, (0.05, 0.95), axis=0))
    best, worst_rank = np.quantile(ranks, (0.05, 0.95), axis=0, method="inverted_cdf").astype(int)
    order = np.argsort(-index, kind="stable")
    return tuple(
        Potential(
            markets[i], float(index[i]), float(min(low[i], index[i])), float(max(high[i], index[i])), place + 1,
            int(best[i]), int(worst_rank[i]), float(np.mean(ranks[:, i] == 1)),
            tuple(zip(names, np.exp(parts[i]).tolist(), strict=True)),
        )
        for place, i in enumerate(order.tolist())
    )  # fmt: skip
